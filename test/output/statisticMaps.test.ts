import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import { vi } from "vitest"
import { outputFilesOf } from "../../pipelines/functional-network-mapping/outputFiles.ts"
import { formatSeedMatrix, formatStudyTables } from "../../pipelines/functional-network-mapping/studyTables.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import type { StatisticMap } from "../../src/output/statisticMaps.ts"
import { type Statistic, statisticNames } from "../../src/output/statisticRows.ts"
import { concatenateParcels, type Parcellation } from "../../src/parcellations/Parcellation.ts"
import { parcellate } from "../../src/stages/Parcellate.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { writeMaps } from "../../src/stages/WriteMaps.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"
import { countingProgress, lesionOf, mapsOf } from "../support/runStages.ts"

/** The effect size z̄ / sd = t / √n: a row that the table does not have. */
vi.mock("../../src/output/statisticMaps.ts", async (original) => {
  const table = await original<typeof import("../../src/output/statisticMaps.ts")>()
  const row: StatisticMap = {
    name: "d",
    description: "Effect size",
    unit: "sd",
    background: -1,
    intent: (subjects) => ({ code: 1001, parameters: [subjects] }),
    degreesOfFreedom: (subjects) => subjects - 1,
    ofParcel: "Mean effect size",
    inSummary: true,
    ofSeeds: { description: "Twice the mean z of two seeds", fromMeanZ: (meanZ) => 2 * meanZ },
    compute: ({ subjects }, d, { t }) => {
      for (let v = 0; v < d.length; v++) d[v] = t![v]! / Math.sqrt(subjects)
    }
  }
  return { ...table, statisticMaps: [...table.statisticMaps, row] }
})

const d = "d" as Statistic
const voxels = 12
const connectome = memoryConnectome({
  subjects: 5,
  timePoints: 20,
  voxels,
  shape: [5, 2, 2],
  gridIndex: Int32Array.from({ length: voxels }, (_, v) => v)
})
const lesions = [lesionOf("sub-01_label-lesion_mask.nii.gz", [0, 3]), lesionOf("sub-02_label-lesion_mask.nii.gz", [5])]
const parcellation: Parcellation = {
  name: "Atlas",
  file: "/atlas.nii",
  labelsFile: undefined,
  kind: "labels",
  parcels: [{ index: 1, name: "all" }],
  ...concatenateParcels([Int32Array.from({ length: voxels }, (_, v) => v)], undefined)
}
const study = {
  lesions,
  connectome,
  space: "Own",
  method: "boes",
  maps: statisticNames,
  grid: "connectome",
  provenance: { version: "1", fdrAlpha: 0.05, tThreshold: null }
} as const
const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length

const run = Effect.gen(function* () {
  const maps = yield* mapsOf(connectome, lesions)
  const files = new Map<string, Uint8Array>()
  const parcels = parcellate({ lesions, voxels, parcellations: [parcellation] })
  const written = yield* writeMaps(study)
    .transform(parcels.transform(Stream.fromIterable(maps)))
    .pipe(Stream.runCollect, Effect.provide(Layer.merge(OutputFolder.layerMemory(files), countingProgress().layer)))
  const tables = formatStudyTables({ method: "boes", fdrAlpha: 0.05, tThreshold: null }, written)
  const matrix = formatSeedMatrix(study, { seeds: 2, sumZ: BigInt64Array.from([4n, 2n, 0n, 4n], (z) => z << 40n) }, 2)
  return { maps, files, tables: { ...tables, ...matrix } }
})

type Tables = Effect.Success<typeof run>["tables"]

const textOf = (tables: Tables, name: string): string => {
  const content = tables[name]
  if (content === undefined) assert.fail(`no ${name} among ${Object.keys(tables)}`)
  return typeof content === "string" ? content : [...(content as { pieces: () => Iterable<string> }).pieces()].join("")
}

describe("a row added to the table of statistics", () => {
  it.effect("is computed from the rows above it, and planned for", () =>
    Effect.gen(function* () {
      const { maps } = yield* run
      for (const { maps: each } of maps) {
        assert.deepStrictEqual(
          each[d],
          each.t.map((t) => t / Math.sqrt(5))
        )
      }
      const stage = statistics({ fdrAlpha: 0.05, tThreshold: null })
      assert.strictEqual(stage.footprintBytes({ lesions: 1, voxels: 10 } as never), 9 * 10 * 8)
    })
  )

  it.effect("is written as a map with its words, unit, background, intent and degrees of freedom", () =>
    Effect.gen(function* () {
      const { files } = yield* run
      const stem = "sub-01/sub-01_space-Own_label-lesion_desc-boes_stat-d_statmap"
      const sidecar = JSON.parse(Buffer.from(files.get(`${stem}.json`)!).toString())
      assert.deepInclude(sidecar, {
        Description: "Effect size",
        StatisticType: "d",
        Units: "sd",
        DegreesOfFreedom: 4
      })
      const { gunzipSync } = yield* Effect.promise(() => import("node:zlib"))
      const bytes = gunzipSync(files.get(`${stem}.nii.gz`)!)
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      assert.strictEqual(view.getInt16(68, true), 1001)
      assert.strictEqual(view.getFloat32(56, true), 5)
      const volume = Array.from({ length: 20 }, (_, element) => view.getFloat32(352 + 4 * element, true))
      assert.strictEqual(volume.filter((value) => value === -1).length, 20 - voxels)
      const named = outputFilesOf({ ...study, parcellations: [parcellation], tThreshold: null, matrix: true })
      for (const file of files.keys()) assert.include(named, file)
    })
  )

  it.effect("has columns in the summary and the tables of parcels, and a seed matrix, each with a sidecar", () =>
    Effect.gen(function* () {
      const { maps, files, tables } = yield* run
      const [header, first] = textOf(tables, "summary.tsv")
        .split("\n")
        .map((line) => line.split("\t"))
      assert.closeTo(Number(first![header!.indexOf("d_mean")]), mean(maps[0]!.maps[d]), 1e-5)
      assert.deepStrictEqual(header, Object.keys(JSON.parse(textOf(tables, "summary.json"))))
      assert.deepStrictEqual(JSON.parse(textOf(tables, "summary.json")).d_max, {
        Description: "Largest d in the brain mask",
        Units: "sd"
      })
      const wide = "seg-Atlas_desc-boes_stat-d_parcels"
      assert.closeTo(Number(textOf(tables, `${wide}.tsv`).split("\n")[1]!.split("\t")[1]), mean(maps[0]!.maps[d]), 1e-5)
      assert.match(textOf(tables, `${wide}.json`), /Mean effect size; a row a lesion/)
      const long = Buffer.from(files.get("sub-01/sub-01_space-Own_label-lesion_desc-boes_parcels.tsv")!).toString()
      assert.strictEqual(long.split("\n")[0], "parcellation\tindex\tname\tvoxels\tr\tz\tt\td\tlesionload")
      assert.match(textOf(tables, "desc-boes_stat-d_relmat.tsv"), /^lesion\t.*\n.*\t4\t2\n.*\t2\t4\n$/)
      assert.match(textOf(tables, "desc-boes_stat-d_relmat.json"), /Twice the mean z of two seeds/)
      const named = outputFilesOf({ ...study, parcellations: [parcellation], tThreshold: null, matrix: true })
      for (const name of Object.keys(tables)) assert.include(named, name)
    })
  )

  it.effect("is a map that a config may ask for, and one of its default", () =>
    Effect.gen(function* () {
      const { Config } = yield* Effect.promise(() => import("../../pipelines/functional-network-mapping/Config.ts"))
      const decode = Schema.decodeUnknownSync(Config as unknown as Schema.Decoder<{ statistics: { maps: unknown } }>)
      const config = {
        pipeline: "functional-network-mapping",
        connectome: { path: "a.h5" },
        lesions: { path: "b" },
        output: { path: "c" }
      }
      assert.deepStrictEqual(decode({ ...config, statistics: { maps: ["d"] } }).statistics.maps, ["d"])
      assert.deepStrictEqual(decode(config).statistics.maps, ["r", "z", "t", "p", "pfdr", "d"])
      assert.throws(() => decode({ ...config, statistics: { maps: ["q"] } }))
      assert.deepStrictEqual(decode({ ...config, statistics: { maps: ["sd", "r"] } }).statistics.maps, ["sd", "r"])
    })
  )
})
