/** Whether what the contrasts found says something of the symptom; nothing where there are none. */
import { Effect } from "effect"
import { Progress } from "../../src/runtime/Progress.ts"
import { compareGroups } from "../../src/stages/group/CompareGroups.ts"
import { cohortColumns } from "../../src/stages/group/cohortColumns.ts"
import { diagnoseGroup } from "../../src/stages/group/Diagnosis.ts"
import type { CohortPlace } from "../../src/stages/group/diagnosisFiles.ts"
import type { GroupPool } from "../../src/stages/group/GroupWork.ts"
import type { GroupMap } from "../../src/stages/group/mapLikeness.ts"
import { elementsOf } from "../../src/stages/group/patientLesions.ts"
import { type CohortValues, readCohort } from "../../src/stages/group/readCohort.ts"
import { simulateContrasts } from "../../src/stages/group/SimulateContrasts.ts"
import { completeContrasts, type PlannedContrast } from "./planContrasts.ts"
import type { PlannedGroup } from "./planGroup.ts"

export interface DiagnosedContrasts extends Pick<PlannedGroup, "participants" | "diagnose" | "degree" | "compared"> {
  readonly values: CohortValues
  readonly where: CohortPlace
  readonly contrasts: ReadonlyArray<PlannedContrast>
  readonly maps: ReadonlyArray<GroupMap>
  readonly workers: number
}

export const diagnose = Effect.fn("diagnose")(function* (pool: GroupPool, found: DiagnosedContrasts) {
  const { participants, compared, values, where, contrasts, maps, workers } = found
  const { simulate, degree } = found.diagnose
  if (contrasts.length === 0) return
  const progress = yield* Progress
  yield* progress.phase({ name: "diagnosis", counts: "nothing" })
  const yardstick = degree ? found.degree : undefined
  yield* diagnoseGroup(pool, { ...values, where, participants, contrasts, maps, degree: yardstick })
  yield* simulateContrasts(pool, contrasts, { studies: simulate, voxels: values.elements.length })
  if (compared === undefined) return
  const { lesions, table, cohort } = compared
  const other = yield* readCohort(cohort, elementsOf(lesions), { workers })
  const columns = cohortColumns(table, cohort.patients, { lesions, centralities: other.centralities })
  const complete = yield* completeContrasts(compared.contrasts, columns)
  yield* progress.phase({ name: "comparison", counts: "nothing" })
  const { space } = cohort
  yield* compareGroups(
    pool,
    { ...values, contrasts },
    { ...other, folder: compared.folder, space, contrasts: complete }
  )
})
