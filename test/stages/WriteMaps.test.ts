import { gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import type { LesionMaps } from "../../src/elements/LesionMaps.ts"
import type { WriteMapsOptions } from "../../src/elements/WriteMapsOptions.ts"
import type { Grid } from "../../src/imaging/Grid.ts"
import { readVolume } from "../../src/imaging/nifti/readVolume.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { OutputNotWritten } from "../../src/output/OutputNotWritten.ts"
import { writeMaps } from "../../src/stages/WriteMaps.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"
import { temporaryFile } from "../support/niftiBytes.ts"
import { outputFolderWith } from "../support/outputFolderWith.ts"
import { countingProgress, lesionOf } from "../support/runStages.ts"

const voxels = 5
const connectome = memoryConnectome({
  subjects: 3,
  timePoints: 4,
  voxels,
  shape: [3, 2, 2],
  gridIndex: Int32Array.of(1, 2, 4, 7, 11)
})
const outside = [0, 3, 5, 6, 8, 9, 10]

const lesions = [
  lesionOf("sub-01_ses-02_space-Own_label-lesion_mask.nii.gz", [0, 3]),
  lesionOf("Patient 7 (left).nii", [1])
]

const mapsOf = (lesion: number, tthreshold?: Uint8Array): LesionMaps => {
  const map = (scale: number) => Float64Array.from({ length: voxels }, (_, v) => (scale * (v + 1 + lesion)) / 3)
  return {
    lesion,
    subjects: 3,
    maps: { r: map(0.1), z: map(0.2), t: map(-5), sd: map(0.5), p: map(0.01), pfdr: map(0.02) },
    masks: { pfdrthreshold: Uint8Array.of(1, 0, 1, 0, 0), tthreshold },
    invalidVoxels: 7,
    invalidSeeds: lesion
  }
}

const options: WriteMapsOptions = {
  lesions,
  connectome,
  space: "MNI152NLin6Asym",
  method: "boes",
  maps: ["r", "z", "t", "sd", "p", "pfdr"],
  grid: "connectome",
  provenance: { version: "1.2.3", fdrAlpha: 0.05, tThreshold: null }
}

const written = (maps: ReadonlyArray<LesionMaps>, changed: Partial<WriteMapsOptions> = {}) =>
  Effect.gen(function* () {
    const files = new Map<string, Uint8Array>()
    const progress = countingProgress()
    const rows = yield* writeMaps({ ...options, ...changed })
      .transform(Stream.fromIterable(maps))
      .pipe(Stream.runCollect, Effect.provide(Layer.merge(OutputFolder.layerMemory(files), progress.layer)))
    return { files, rows, progress: progress.counts }
  })

/** Reads a written file with the project's reader of NIfTI. */
const readBack = (files: ReadonlyMap<string, Uint8Array>, file: string) =>
  temporaryFile("map.nii.gz", files.get(file)!).pipe(Effect.flatMap(readVolume))

const stem = "sub-01/ses-02/sub-01_ses-02_space-MNI152NLin6Asym_label-lesion_desc-boes_stat-"

describe("writeMaps", () => {
  it.effect("writes each map and the FDR mask with a sidecar, named as BIDS derivatives", () =>
    Effect.gen(function* () {
      const { files } = yield* written([mapsOf(0), mapsOf(1)])
      const second = "sub-Patient7left/sub-Patient7left_space-MNI152NLin6Asym_desc-boes_stat-"
      const expected = [stem, second].flatMap((start) =>
        [
          "r_statmap",
          "z_statmap",
          "t_statmap",
          "sd_statmap",
          "p_statmap",
          "pfdr_statmap",
          "pfdrthreshold_mask"
        ].flatMap((name) => [`${start}${name}.nii.gz`, `${start}${name}.json`])
      )
      assert.deepStrictEqual([...files.keys()].sort(), expected.sort())
    })
  )

  it.effect("puts the values at their voxels in float32, and each statistic's background elsewhere", () =>
    Effect.gen(function* () {
      const { files } = yield* written([mapsOf(0)])
      for (const [statistic, background] of Object.entries({ r: 0, z: 0, t: 0, p: 1, pfdr: 1 } as const)) {
        const { header, values } = yield* readBack(files, `${stem}${statistic}_statmap.nii.gz`)
        assert.strictEqual(header.datatype, "float32")
        assert.deepStrictEqual(header.grid, connectome.grid)
        const expected = mapsOf(0).maps[statistic as "r"]
        for (const [v, element] of connectome.gridIndex.entries()) {
          assert.strictEqual(values[element], Math.fround(expected[v]!), `${statistic}, voxel ${v}`)
        }
        for (const element of outside) assert.strictEqual(values[element], background, statistic)
      }
    })
  )

  it.effect("writes masks as bytes, that of t only where a threshold was given", () =>
    Effect.gen(function* () {
      const { files } = yield* written([mapsOf(0, Uint8Array.of(0, 0, 0, 1, 1))])
      const fdr = yield* readBack(files, `${stem}pfdrthreshold_mask.nii.gz`)
      const t = yield* readBack(files, `${stem}tthreshold_mask.nii.gz`)
      assert.strictEqual(fdr.header.datatype, "uint8")
      assert.deepStrictEqual([...fdr.values], [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
      assert.deepStrictEqual([...t.values], [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1])
      assert.isFalse((yield* written([mapsOf(0)])).files.has(`${stem}tthreshold_mask.nii.gz`))
    })
  )

  it.effect("says in the headers what viewers may compute: t with its degrees of freedom, p as such, no more", () =>
    Effect.gen(function* () {
      const headerOf = (files: ReadonlyMap<string, Uint8Array>, name: string) => {
        const bytes = gunzipSync(files.get(`${stem}${name}.nii.gz`)!)
        const view = new DataView(bytes.buffer, bytes.byteOffset)
        const parameters = [56, 60, 64].map((byte) => view.getFloat32(byte, true))
        return [view.getInt16(68, true), ...parameters, view.getInt16(252, true), view.getInt16(254, true)]
      }
      const { files } = yield* written([mapsOf(0, new Uint8Array(voxels))])
      assert.deepStrictEqual(headerOf(files, "t_statmap"), [3, 2, 0, 0, 4, 4])
      for (const p of ["p_statmap", "pfdr_statmap"]) assert.deepStrictEqual(headerOf(files, p), [22, 0, 0, 0, 4, 4])
      for (const other of ["r_statmap", "z_statmap", "tthreshold_mask", "pfdrthreshold_mask"]) {
        assert.deepStrictEqual(headerOf(files, other), [0, 0, 0, 0, 4, 4], other)
      }
    })
  )

  it.effect("writes only the maps that were asked for, and no FDR mask without pfdr", () =>
    Effect.gen(function* () {
      const { files } = yield* written([mapsOf(0)], { maps: ["t", "r"] })
      assert.deepStrictEqual(
        [...files.keys()].sort(),
        ["r_statmap.json", "r_statmap.nii.gz", "t_statmap.json", "t_statmap.nii.gz"].map((name) => stem + name)
      )
    })
  )

  it.effect("says in each sidecar what the numbers are and where they come from", () =>
    Effect.gen(function* () {
      const { files } = yield* written([mapsOf(0, new Uint8Array(voxels))], {
        provenance: { version: "1.2.3", fdrAlpha: 0.01, tThreshold: 4.5 }
      })
      const sidecar = (name: string) => JSON.parse(Buffer.from(files.get(`${stem}${name}.json`)!).toString())
      const common = {
        Method: "boes",
        Connectome: "memory",
        ConnectomeSubjects: 3,
        SpatialReference: "MNI152NLin6Asym",
        Sources: [lesions[0]!.file],
        LesionVoxels: 2,
        LesionWeights: "binary",
        SoftwareVersion: "1.2.3"
      }
      for (const statistic of options.maps) {
        const found = sidecar(`${statistic}_statmap`)
        for (const [key, value] of Object.entries(common)) assert.deepStrictEqual(found[key], value, key)
        assert.strictEqual(found.StatisticType, statistic)
        assert.strictEqual(found.DegreesOfFreedom, ["t", "p", "pfdr"].includes(statistic) ? 2 : undefined)
        assert.deepStrictEqual([found.Grid, found.Interpolation], ["connectome", undefined])
        assert.isString(found.Units)
      }
      assert.deepInclude(sidecar("tthreshold_mask"), { StatisticType: "t", DegreesOfFreedom: 2, Type: "ROI" })
      assert.deepInclude(sidecar("pfdrthreshold_mask"), { StatisticType: "pfdr", DegreesOfFreedom: 2, Type: "ROI" })
      assert.strictEqual(sidecar("pfdrthreshold_mask").Threshold, 0.01)
      assert.strictEqual(sidecar("tthreshold_mask").Threshold, 4.5)
    })
  )

  it.effect("gives a summary row a lesion, and reports each lesion once", () =>
    Effect.gen(function* () {
      const { rows, progress } = yield* written([mapsOf(0), mapsOf(1, Uint8Array.of(1, 1, 1, 1, 0))])
      const summaries = rows.map(({ summary }) => summary)
      assert.strictEqual(progress.lesions, 2)
      assert.deepStrictEqual(
        summaries.map(
          ({ lesion, mask_voxels, significant_voxels, t_threshold_voxels, invalid_voxels, invalid_seeds }) => [
            lesion,
            mask_voxels,
            significant_voxels,
            t_threshold_voxels,
            invalid_voxels,
            invalid_seeds
          ]
        ),
        [
          [lesions[0]!.name, 2, 2, undefined, 7, 0],
          [lesions[1]!.name, 1, 2, 4, 7, 1]
        ]
      )
      const { t } = mapsOf(0).maps
      assert.deepStrictEqual([summaries[0]!.t_min, summaries[0]!.t_max], [Math.min(...t), Math.max(...t)])
      assert.closeTo(summaries[0]!.t_mean, -5, 1e-14)
    })
  )

  it.effect("writes the same bytes each time, without a time stamp", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* written([mapsOf(0)]), yield* written([mapsOf(0)])]
      assert.deepStrictEqual(second.files, first.files)
      for (const [file, bytes] of first.files) {
        if (!file.endsWith(".gz")) continue
        assert.strictEqual(new DataView(bytes.buffer, bytes.byteOffset).getUint32(4), 0, "MTIME in the gzip header")
        assert.strictEqual(gunzipSync(bytes).length, 352 + 12 * (file.includes("_mask") ? 1 : 4))
      }
    })
  )

  it.effect(
    "resamples to the lesion's own grid, linearly maps and by nearest neighbour masks, on their background",
    () =>
      Effect.gen(function* () {
        // Half a voxel away along the first axis, and larger than the connectome's grid on one side of the last.
        const affine = connectome.grid.affine.with(3, connectome.grid.affine[3]! + connectome.grid.affine[0]! / 2)
        const grid: Grid = { shape: [3, 2, 3], affine }
        const own = [lesionOf("sub-01_ses-02_label-lesion_mask.nii", [0], grid), lesions[1]!]
        const { files } = yield* written([mapsOf(0, Uint8Array.of(1, 0, 1, 0, 1))], { lesions: own, grid: "lesion" })
        const valueAt = (values: ArrayLike<number>, background: number, i: number, j: number, k: number): number => {
          const voxel = i < 3 && k < 2 ? connectome.gridIndex.indexOf(i + 3 * (j + 2 * k)) : -1
          return voxel < 0 ? background : values[voxel]!
        }
        for (const [statistic, background] of Object.entries({ r: 0, z: 0, t: 0, p: 1, pfdr: 1 } as const)) {
          const { header, values } = yield* readBack(files, `${stem}${statistic}_statmap.nii.gz`)
          assert.deepStrictEqual(header.grid, grid)
          const map = mapsOf(0).maps[statistic as "r"]
          for (let element = 0; element < 18; element++) {
            const [i, j, k] = [element % 3, Math.floor(element / 3) % 2, Math.floor(element / 6)]
            const expected = (valueAt(map, background, i, j, k) + valueAt(map, background, i + 1, j, k)) / 2
            assert.closeTo(
              values[element]!,
              expected,
              1e-6 * Math.max(1, Math.abs(expected)),
              `${statistic} ${element}`
            )
          }
        }
        const sidecar = (name: string) => JSON.parse(Buffer.from(files.get(`${stem}${name}.json`)!).toString())
        assert.deepInclude(sidecar("t_statmap"), { Grid: "lesion", Interpolation: "linear" })
        assert.deepInclude(sidecar("tthreshold_mask"), { Grid: "lesion", Interpolation: "nearest" })
        // A centre between two voxels belongs to the one above.
        const mask = yield* readBack(files, `${stem}tthreshold_mask.nii.gz`)
        for (let element = 0; element < 18; element++) {
          const [i, j, k] = [element % 3, Math.floor(element / 3) % 2, Math.floor(element / 6)]
          assert.strictEqual(mask.values[element], valueAt([1, 0, 1, 0, 1], 0, i + 1, j, k), `mask ${element}`)
        }
      }).pipe(Effect.scoped)
  )

  it.effect("leaves maps as they are where the lesion's grid is the connectome's", () =>
    Effect.gen(function* () {
      const own = lesions.map((lesion) => ({ ...lesion, grid: connectome.grid }))
      const resampled = yield* written([mapsOf(0)], { lesions: own, grid: "lesion" })
      const direct = yield* written([mapsOf(0)])
      for (const [file, bytes] of direct.files) {
        if (file.endsWith(".gz")) assert.deepStrictEqual(resampled.files.get(file), bytes, file)
      }
    })
  )

  it("holds a file and its compressed form for each map at once, and what resampling takes", () => {
    const shape = { lesions: 9, mapsPerLesion: 5 } as Parameters<ReturnType<typeof writeMaps>["footprintBytes"]>[0]
    const bytes = writeMaps(options).footprintBytes(shape)
    assert.strictEqual(bytes, 4 * (352 + 2 * 12 * 4))
    const grid: Grid = { ...connectome.grid, shape: [100, 10, 10] }
    const own = [lesions[0]!, lesionOf("b.nii", [1], grid)]
    const resampling = (12 + 10_000) * 4 + 2 ** 17 * 8
    assert.strictEqual(
      writeMaps({ ...options, lesions: own, grid: "lesion" }).footprintBytes(shape),
      4 * (352 + 2 * 10_000 * 4 + resampling)
    )
  })

  it.effect("fails where a file cannot be written", () =>
    Effect.gen(function* () {
      const full = outputFolderWith({
        write: (file) => Effect.fail(new OutputNotWritten({ file, cause: { code: "ENOSPC" } }))
      })
      const error = yield* writeMaps(options)
        .transform(Stream.make(mapsOf(0)))
        .pipe(Stream.runDrain, Effect.provide(Layer.merge(full, countingProgress().layer)), Effect.flip)
      assert.strictEqual(error._tag, "OutputNotWritten")
      assert.include(error.message, "the disk is full")
    })
  )
})
