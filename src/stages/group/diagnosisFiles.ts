/** What a group's diagnosis is written to: names, tables, and the maps that others are compared with. */
import { Effect } from "effect"
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"
import { gzipNifti } from "../../imaging/nifti/gzipNifti.ts"
import { encodeNifti } from "../../imaging/nifti/writeNifti.ts"
import { OutputFolder } from "../../output/OutputFolder.ts"
import { formatTable } from "../../output/table.ts"
import { packageVersion } from "../../runtime/version.ts"
import type { GroupCentrality } from "./centralityByGroup.ts"
import { type MapLikeness, topShare } from "./mapLikeness.ts"
import { componentCount, type PrincipalComponents } from "./PrincipalComponents.ts"

/** Where the values of a cohort's voxels lie. */
export interface CohortPlace {
  readonly grid: Grid
  readonly space: string
  readonly patients: ReadonlyArray<string>
  /** Shape: (voxels). */
  readonly elements: Int32Array
}

/** The mean map, as tables name it. */
export const meanName = "desc-mean_stat-z"

const componentName = (number: number): string => `desc-component${number}`

const stemOf = (space: string, name: string): string => `space-${space}_${name}_statmap`

const componentNumbers = Array.from({ length: componentCount }, (_, k) => k + 1)

/** Every file of the diagnosis, relative to the output folder. */
export const diagnosisFiles = (
  { diagnose, compare }: { readonly diagnose: { readonly simulate: number }; readonly compare: string | null },
  space: string
): ReadonlyArray<string> => [
  ...[meanName, ...componentNumbers.map(componentName)].flatMap((name) => [
    `${stemOf(space, name)}.nii.gz`,
    `${stemOf(space, name)}.json`
  ]),
  "diagnosis.tsv",
  "diagnosis.json",
  "centrality.tsv",
  ...(diagnose.simulate > 0 ? ["simulation.tsv"] : []),
  ...(compare === null ? [] : ["compare.tsv"])
]

/** Writes the mean map and the components. Memory: a volume in float32, twice. */
export const writeComponents = Effect.fn("writeComponents")(function* (
  { mean, components, patientMeans }: PrincipalComponents,
  { grid, space, elements }: CohortPlace
) {
  const output = yield* OutputFolder
  const common = { Patients: patientMeans.length, SpatialReference: space, SoftwareVersion: packageVersion }
  const write = Effect.fnUntraced(function* (name: string, own: Float32Array, sidecar: object) {
    const stem = stemOf(space, name)
    const values = new Float32Array(voxelsOf(grid))
    for (let v = 0; v < elements.length; v++) values[elements[v]!] = own[v]!
    yield* output.write(`${stem}.nii.gz`, yield* gzipNifti(encodeNifti({ grid, space, values, description: stem })))
    yield* output.write(`${stem}.json`, `${JSON.stringify({ ...sidecar, ...common }, null, 2)}\n`)
  })
  yield* write(meanName, mean, {
    Description:
      "Mean of the patients' maps of Fisher z. Averages come to look like the connectome's degree: no evidence",
    StatisticType: "z",
    Units: "arbitrary"
  })
  for (const [k, { map, share }] of components.entries()) {
    yield* write(componentName(k + 1), map, {
      Description: `Principal component ${k + 1} of the patients' maps about their mean: change of Fisher z with one standard deviation of its scores; the value of the largest size is positive`,
      Units: "arbitrary",
      ExplainedVariance: share
    })
  }
})

const descriptions = {
  map: { Description: "Group map, as in its file's name" },
  compared_with: { Description: "degree of the connectome, or component 1 to 3 of the patients' maps" },
  voxels: { Description: "Voxels that are compared; 0 where there is nothing to compare with" },
  r: { Description: "Pearson correlation over voxels" },
  dice: {
    Description:
      "Dice coefficient of the voxels with the largest values of each; of components where they go with the map"
  }
}

export interface DiagnosisTables {
  readonly likeness: ReadonlyArray<MapLikeness>
  readonly centrality: ReadonlyArray<GroupCentrality>
  readonly components: PrincipalComponents["components"]
  readonly degree: { readonly file: string | undefined; readonly state: "compared" | "close to 0" | "not compared" }
  readonly sentences: ReadonlyArray<string>
}

export const writeDiagnosisTables = Effect.fn("writeDiagnosisTables")(function* (tables: DiagnosisTables) {
  const output = yield* OutputFolder
  const { likeness, centrality, components, degree, sentences } = tables
  yield* output.write(
    "diagnosis.tsv",
    formatTable(
      Object.keys(descriptions),
      likeness.map(({ map, comparedWith, voxels, r, dice }) => [map, comparedWith, voxels, r, dice])
    )
  )
  const facts = {
    ...descriptions,
    TopShare: topShare,
    Degree: { File: degree.file ?? null, State: degree.state },
    ExplainedVariance: components.map(({ share }) => share),
    Sentences: sentences
  }
  yield* output.write("diagnosis.json", `${JSON.stringify(facts, null, 2)}\n`)
  yield* output.write(
    "centrality.tsv",
    formatTable(
      ["contrast", "effect", "group", "patients", "measure", "mean", "sd", "r", "p", "covariate"],
      centrality.map((row) => {
        const { contrast, of, group, patients, measure, mean, sd, r, p, isCovariate } = row
        return [contrast, of, group, patients, measure, mean, sd, r, p, isCovariate ? "yes" : "no"]
      })
    )
  )
})
