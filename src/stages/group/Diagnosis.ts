/**
 * Whether a group's maps say something of the symptom, or of the connectome: each is compared with the connectome's degree and with the first
 * components of all patients' maps, and the centrality of the patients with the effect of each contrast.
 *
 * Source: van den Heuvel et al., Nature Neuroscience, doi:10.1038/s41593-025-02196-7, for what averages of the maps converge to.
 */
import { Effect } from "effect"
import { warnAll } from "../../runtime/Warnings.ts"
import { centralityByGroup, centralityWarnings, type DescribedContrast } from "./centralityByGroup.ts"
import { readDegree } from "./degreeOfCohort.ts"
import { type CohortPlace, meanName, writeComponents, writeDiagnosisTables } from "./diagnosisFiles.ts"
import { alikeFrom, diagnosisWords, mapInWords } from "./diagnosisWords.ts"
import type { GroupPool } from "./GroupWork.ts"
import { type GroupMap, likenessOf, type MapLikeness, type Yardstick } from "./mapLikeness.ts"
import { principalComponents } from "./PrincipalComponents.ts"

export interface DiagnosedGroup {
  readonly where: CohortPlace
  /** The table of participants, for warnings. */
  readonly participants: string
  readonly contrasts: ReadonlyArray<DescribedContrast>
  /** Maps of the contrasts, and others of the group. */
  readonly maps: ReadonlyArray<GroupMap>
  /** File of the connectome's degree on the maps' grid; undefined: maps are not compared with it. */
  readonly degree: string | undefined
  /** Mean z of each patient outside of the lesion; NaN, or undefined, where lesions are not known. */
  readonly centralities?: Float64Array | undefined
}

/** Compares and writes. Errors: `WorkerFailed`, those of the degree's file, `OutputNotWritten`. */
export const diagnoseGroup = Effect.fn("diagnoseGroup")(function* (pool: GroupPool, group: DiagnosedGroup) {
  const { where, contrasts, degree } = group
  const found = yield* principalComponents(pool, {
    patients: where.patients.length,
    voxels: where.elements.length
  })
  yield* writeComponents(found, where)
  const values = degree === undefined ? undefined : yield* readDegree(degree, where.elements)
  const yardsticks: ReadonlyArray<Yardstick> = [
    ...(degree === undefined ? [] : [{ name: "degree", values, signIsArbitrary: false }]),
    ...found.components.map(({ map }, k) => ({ name: `component${k + 1}`, values: map, signIsArbitrary: true }))
  ]
  const likeness = yield* likenessOf([{ name: meanName, values: found.mean }, ...group.maps], yardsticks)
  const centralities = { outsideLesions: group.centralities, ofWholeMaps: found.patientMeans }
  const rows = contrasts.map((contrast) => centralityByGroup(contrast, centralities))
  yield* warnAll([
    ...likeness.filter(isMuchLikeDegree).map((row) => degreeWarning(degree!, row)),
    ...rows.flatMap((own) => centralityWarnings(own, group.participants))
  ])
  yield* writeDiagnosisTables({
    likeness,
    centrality: rows.flat(),
    components: found.components,
    degree: {
      file: degree,
      state: degree === undefined ? "not compared" : values === undefined ? "close to 0" : "compared"
    },
    sentences: diagnosisWords(likeness, rows.flat(), meanName)
  })
})

const isMuchLikeDegree = ({ map, comparedWith, r = 0 }: MapLikeness): boolean =>
  comparedWith === "degree" && map !== meanName && Math.abs(r) >= alikeFrom

const degreeWarning = (file: string, { map, r }: MapLikeness) => ({
  file,
  found: `the map of ${mapInWords(map)} is much like the connectome's degree (r = ${r!.toFixed(2)})`,
  taken: "It may say more of how the connectome is than of the symptom"
})
