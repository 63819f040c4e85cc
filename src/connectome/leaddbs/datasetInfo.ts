/** `dataset_info.json` of a Lead-DBS connectome: what kind of data it has, and in which order its matrices are. */
import { Effect, Schema } from "effect"
import { readRegularFile } from "../../files/readRegularFile.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { onPath } from "../pathFailures.ts"
import type { TimeAxis } from "./gmtc.ts"

/** Such a file has a name, a type and lists of subjects. */
const mostBytes = 2 ** 24

/** The kind of data that has time series. */
const timeSeries = "fMRI_timecourses"

const Info = Schema.Struct({
  name: Schema.optionalKey(Schema.String),
  type: Schema.String,
  formatversion: Schema.optionalKey(Schema.Union([Schema.Finite, Schema.FiniteFromString]))
})

export interface DatasetInfo {
  readonly name: string | undefined
  readonly formatVersion: number
  /** Which axis of the runs' matrices is time. */
  readonly timeAxis: TimeAxis
}

export const readDatasetInfo = Effect.fn("readDatasetInfo")(function* (file: string) {
  const refuse = (problem: string, remedy: string) => new InvalidConnectome({ file, problem, remedy })
  const text = yield* onPath(file, () => readRegularFile(file, mostBytes))
  const {
    name,
    type,
    formatversion = 1
  } = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Info))(text.toString("utf8")).pipe(
    Effect.mapError(() =>
      refuse("it is not the description of a Lead-DBS connectome: JSON with a `type`", "Copy the file again.")
    )
  )
  if (type !== timeSeries) {
    const problem = `its type is ${type}, and maps are computed from time series (${timeSeries})`
    return yield* refuse(problem, "Give the connectome with time courses; one of correlations cannot be used.")
  }
  const info: DatasetInfo = { name, formatVersion: formatversion, timeAxis: formatversion > 1 ? "first" : "second" }
  return info
})
