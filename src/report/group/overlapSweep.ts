/** What the report shows of the overlap of the patients' networks: how large it is at each level, and its maps at the level of the config. */
import { Effect, Option, Schema } from "effect"
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import type { GroupFiles } from "./GroupFiles.ts"
import type { CountPictures, OverlapSweep } from "./GroupFindings.ts"
import { groupMapName, groupMapStem } from "./groupMapNames.ts"
import { countPictures, type GroupSite } from "./groupSite.ts"
import type { ReportedGroupConfig } from "./reportedGroupConfig.ts"

export interface OverlapOptions {
  readonly space: string
  readonly patients: number
  readonly overlap: ReportedGroupConfig["overlap"]
}

/** Undefined where no overlap was computed. */
export const overlapSweep = Effect.fnUntraced(function* (files: GroupFiles, site: GroupSite, options: OverlapOptions) {
  const levels = yield* files.table("overlap.tsv")
  if (levels === undefined) return undefined
  const pictures: Array<CountPictures> = []
  for (const sign of [1, -1] as const) {
    const shown = yield* pictureOf(files, site, sign, options)
    if (shown !== undefined) pictures.push(shown)
  }
  return { levels, clusters: yield* files.table("overlap_clusters.tsv"), pictures } satisfies OverlapSweep
})

const Sidecar = Schema.Struct({
  Threshold: Schema.Number,
  Patients: Schema.optionalKey(Schema.Number),
  Lesions: Schema.optionalKey(Schema.Number)
})
const decodeSidecar = Schema.decodeUnknownOption(Sidecar)

/** A level as names have it: 7, 7p5. */
const levelOf = (label: string): number => Number(label.replace("p", "."))

/** The map at the level of the config, or at the least one; as counts of patients, with a line around the share that the config asks for. */
const pictureOf = Effect.fnUntraced(function* (
  files: GroupFiles,
  site: GroupSite,
  sign: 1 | -1,
  { space, patients, overlap }: OverlapOptions
) {
  const levels = files.paths.flatMap((path) => {
    const name = groupMapName(path)
    const [, side, label] = /^t(pos|neg)(\d+(?:p\d+)?)$/.exec(name?.statistic ?? "") ?? []
    if (name?.desc !== "overlap" || label === undefined || (side === "pos") !== sign > 0) return []
    return [{ tau: levelOf(label), stem: groupMapStem(space, "overlap", name.statistic) }]
  })
  const wanted = levels.find(({ tau }) => tau === overlap?.t) ?? levels.sort((a, b) => a.tau - b.tau)[0]
  if (wanted === undefined) return undefined
  const map = yield* files.map(`${wanted.stem}.nii.gz`)
  if (map === undefined) return undefined
  const sidecar = Option.getOrUndefined(decodeSidecar(yield* files.json(`${wanted.stem}.json`)))
  const of = sidecar?.Patients ?? sidecar?.Lesions ?? patients
  const share = overlap?.share ?? defaultShare
  const counts = map.values
  const least = Math.ceil(share * of - 1e-6)
  const outline = new Uint8Array(counts.length)
  for (let n = 0; n < counts.length; n++) {
    counts[n] = Math.round(Math.abs(counts[n]!) * of)
    if (counts[n]! >= least) outline[n] = 1
  }
  const title = `t ${sign > 0 ? "≥ " : "≤ −"}${wanted.tau}; lines around voxels of ${least} patients or more of ${of}`
  const shown = countPictures(site, title, counts, { sign, from: 1, to: of, outline })
  releaseMemory(counts, outline)
  return shown
})

/** As the config's default. */
const defaultShare = 0.75
