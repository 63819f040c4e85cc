/** What the report shows of the diagnosis of a group's maps: what they are like, and the components of the patients' maps. */
import { Effect, Option, Schema } from "effect"
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import type { GroupFiles } from "./GroupFiles.ts"
import type { CohortFindings, DiagnosisFindings, MapPictures } from "./GroupFindings.ts"
import { groupMapStem } from "./groupMapNames.ts"
import { countPictures, type GroupSite, mapPictures } from "./groupSite.ts"
import type { GroupTable } from "./groupTable.ts"

/** Share of full colour from which a map without a test has a colour. */
const leastShare = 0.2

const components = [1, 2, 3] as const

/** A map that no test belongs to; undefined where it is not there. */
export const untestedMap = Effect.fnUntraced(function* (
  files: GroupFiles,
  site: GroupSite,
  stem: string,
  unit: string
) {
  const map = yield* files.map(`${stem}.nii.gz`)
  if (map === undefined) return undefined
  const pictures = mapPictures(site, unit, map.values, (limit) => leastShare * limit)
  releaseMemory(map.values)
  return pictures
})

/** Undefined where none of its files is there. */
export const diagnosisFindings = Effect.fnUntraced(function* (files: GroupFiles, site: GroupSite, space: string) {
  const shown: Array<{ readonly title: string; readonly pictures: MapPictures }> = []
  for (const n of components) {
    const pictures = yield* untestedMap(files, site, groupMapStem(space, `component${n}`), "loading")
    if (pictures !== undefined) shown.push({ title: `Component ${n}`, pictures })
  }
  const found: DiagnosisFindings = {
    comparisons: yield* files.table("diagnosis.tsv"),
    sentences: sentencesOf(yield* files.json("diagnosis.json")),
    mean: yield* untestedMap(files, site, groupMapStem(space, "mean", "z"), "z"),
    components: shown,
    centrality: yield* files.table("centrality.tsv"),
    simulation: yield* files.table("simulation.tsv"),
    compared: withoutFolders(yield* files.table("compare.tsv"))
  }
  const { comparisons, mean, centrality, simulation, compared } = found
  const isThere = [comparisons, mean, centrality, simulation, compared].some((part) => part !== undefined)
  return isThere || shown.length > 0 ? found : undefined
})

const Sentences = Schema.Struct({ Sentences: Schema.Array(Schema.String) })
const decodeSentences = Schema.decodeUnknownOption(Sentences)

const sentencesOf = (json: unknown): ReadonlyArray<string> =>
  Option.match(decodeSentences(json), { onNone: () => [], onSome: ({ Sentences: all }) => all })

/** The other analysis by the last part of its folder's path, which is a machine's own. */
const withoutFolders = (table: GroupTable | undefined): GroupTable | undefined =>
  table && {
    ...table,
    rows: table.rows.map((row) => (row.other === undefined ? row : { ...row, other: lastPart(row.other) }))
  }

const lastPart = (folder: string): string => folder.replace(/[/\\]+$/, "").replace(/^.*[/\\]/, "")

export const cohortFindings = Effect.fnUntraced(function* (
  files: GroupFiles,
  site: GroupSite,
  { space, patients }: { readonly space: string; readonly patients: number }
) {
  const table = yield* files.table("patients.tsv")
  const map = yield* files.map(`${groupMapStem(space, "coverage")}.nii.gz`)
  const found: CohortFindings = { patients: table, coverage: map && coverageOf(map.values, site, patients) }
  if (map !== undefined) releaseMemory(map.values)
  return found
})

const coverageOf = (counts: Float32Array, site: GroupSite, patients: number): CohortFindings["coverage"] => {
  let [ofAll, ofAny] = [0, 0]
  for (let n = 0; n < counts.length; n++) {
    if (counts[n]! >= 1) ofAny++
    if (counts[n]! >= patients) ofAll++
  }
  const pictures = countPictures(site, "Coverage", counts, { sign: 1, from: 1, to: patients })
  return { ...pictures, slices: pictures.slices.slice(-site.commonViews.length), ofAll, ofAny }
}
