import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { apply } from "../../src/imaging/affine.ts"
import { type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { type AnalysisOptions, analyseMaps } from "../../src/report/analyseMaps.ts"
import { paletteIndex } from "../../src/report/colours.ts"
import type { Findings } from "../../src/report/ReportData.ts"
import { decodePng } from "../support/decodePng.ts"
import { type MadeLesion, makeLesion, writeMap } from "../support/mapsFolder.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()

/** x falls along the first axis; voxels are 3 × 2 × 4 mm. */
const grid: Grid = { shape: [12, 14, 10], affine: [-3, 0, 0, 16.5, 0, 2, 0, -13, 0, 0, 4, -18, 0, 0, 0, 1] }
const voxels = voxelsOf(grid)
const elementAt = (i: number, j: number, k: number) => i + 12 * (j + 14 * k)
const indicesOf = (element: number) => [element % 12, Math.floor(element / 12) % 14, Math.floor(element / 168)] as const

/** All voxels but the outermost. */
const isBrain = (element: number): boolean => {
  const [i, j, k] = indicesOf(element)
  return i > 0 && i < 11 && j > 0 && j < 13 && k > 0 && k < 9
}
const brain = Array.from({ length: voxels }, (_, n) => n).filter(isBrain)

/** A map of t with a value at some voxels, and something small elsewhere in the brain. */
const mapWith = (at: ReadonlyMap<number, number>, rest = 0.25): Float32Array =>
  Float32Array.from({ length: voxels }, (_, n) => (isBrain(n) ? (at.get(n) ?? rest) : 0))

const zOf = (t: Float32Array): Float32Array => t.map((value) => value / 20)

/** The first axis falls in x: 9 is left, 2 is right. */
const left = [elementAt(9, 3, 4), elementAt(9, 4, 4)]
const right = [elementAt(2, 9, 7)]

const lesionOne: MadeLesion = (() => {
  const t = mapWith(
    new Map([
      [left[0]!, 9],
      [left[1]!, 6],
      [right[0]!, -7]
    ])
  )
  return { name: "sub-01", grid, maps: { t, z: zOf(t), r: zOf(t).map(Math.tanh) }, elements: left }
})()

const lesionTwo: MadeLesion = (() => {
  const t = mapWith(new Map([[left[0]!, 5]]), -0.5)
  for (const [n, element] of brain.entries()) t[element]! += n / 1e4
  t[left[0]!] = 5
  return { name: "sub-02", grid, maps: { t, z: zOf(t), r: zOf(t).map(Math.tanh) }, elements: right }
})()

let folders = 0

const folderOf = (lesions: ReadonlyArray<MadeLesion>) => {
  const folder = join(scratch, `${folders++}`)
  mkdirSync(join(folder, "out"), { recursive: true })
  return { folder, lesions: lesions.map((lesion) => makeLesion(folder, lesion)) }
}

const analyse = (
  { folder, lesions }: ReturnType<typeof folderOf>,
  change: Partial<AnalysisOptions> = {}
): Effect.Effect<Findings> =>
  Effect.orDie(
    analyseMaps({
      folder: join(folder, "out"),
      lesions,
      space: "MNI152NLin6Asym",
      method: "boes",
      reading: {},
      parcellations: [],
      workers: 2,
      ...change
    })
  )

/** Where on a picture a colour is, as shares of its width and height. */
const placesOf = (png: Uint8Array, isIt: (index: number) => boolean) => {
  const { pixels, width, height } = decodePng(png)
  return [...pixels.keys()]
    .filter((n) => isIt(pixels[n]!))
    .map((n) => [((n % width) + 0.5) / width, (Math.floor(n / width) + 0.5) / height] as const)
}

const isOutline = (index: number) => index === paletteIndex.outline
const isNegative = (index: number) => index >= paletteIndex.firstNegative

describe("analyseMaps", () => {
  it.effect("finds clusters, peaks, values of the other maps there, and how similar the maps are", () =>
    Effect.gen(function* () {
      const { lesions, notes, group } = yield* analyse(folderOf([lesionOne, lesionTwo]))
      assert.deepStrictEqual(notes, [])
      const [one, two] = lesions
      assert.strictEqual(one!.clusterCount, 2)
      const { peakMm, t, r, z, ...cluster } = one!.clusters[0]!
      assert.deepStrictEqual(cluster, { sign: 1, voxels: 2, volumeMm3: 48, furtherPeaks: [], parcels: [] })
      assert.deepStrictEqual(peakMm, apply(grid.affine, 9, 3, 4))
      assert.strictEqual(t, 9)
      assert.closeTo(z!, 0.45, 1e-7)
      assert.closeTo(r!, Math.tanh(0.45), 1e-7)
      assert.deepStrictEqual([one!.clusters[1]!.sign, one!.clusters[1]!.t], [-1, -7])
      assert.deepStrictEqual([two!.clusters.length, two!.clusters[0]!.t], [1, 5])
      assert.deepStrictEqual([one!.lesionVolumeMm3, one!.shareInMask], [1500, 0.75])
      assert.strictEqual(
        one!.histogram!.counts.reduce((sum, count) => sum + count),
        brain.length
      )
      const mean = zOf(lesionOne.maps.t!).map((value, n) => (value + zOf(lesionTwo.maps.t!)[n]!) / 2)
      for (const [n, lesion] of [lesionOne, lesionTwo].entries()) {
        const expected = correlation(
          brain.map((v) => lesion.maps.z![v]!),
          brain.map((v) => mean[v]!)
        )
        assert.closeTo(lesions[n]!.similarityToMean!, expected, 1e-5)
      }
      assert.isNull(one!.similarityToDegree)
      assert.isUndefined(group.degree)
    })
  )

  it.effect("counts the lesions at or beyond each level, exactly, and those that hold a voxel", () =>
    Effect.gen(function* () {
      const { group, overlapMaps } = yield* analyse(folderOf([lesionOne, lesionTwo]))
      assert.isUndefined(group.noOverlapBecause)
      assert.deepStrictEqual(
        group.networkOverlap.map(({ title, most, of, voxelsAtMost }) => [title, most, of, voxelsAtMost]),
        [
          ["t ≥ 5", 2, 2, 1],
          ["t ≥ 7", 1, 2, 1],
          ["t ≥ 9", 1, 2, 1],
          ["t ≤ −5", 1, 2, 1],
          ["t ≤ −7", 1, 2, 1],
          ["t ≤ −9", 0, 2, 0]
        ]
      )
      assert.deepStrictEqual(group.networkOverlap[0]!.peakMm, apply(grid.affine, 9, 3, 4))
      assert.deepStrictEqual(
        group.networkOverlap[0]!.slices.slice(0, 3).map(({ positionMm }) => positionMm),
        [...apply(grid.affine, 9, 3, 4)]
      )
      for (const { tau, sign, counts } of overlapMaps!) {
        const expected = Array.from(
          { length: voxels },
          (_, v) => [lesionOne, lesionTwo].filter(({ maps }) => sign * maps.t![v]! >= tau).length
        )
        assert.deepStrictEqual([...counts], expected, `${sign * tau}`)
      }
      assert.deepStrictEqual([group.lesionOverlap!.most, group.lesionOverlap!.voxelsAtMost], [1, 3])
    })
  )

  it.effect("shows the overlap in the middle of the largest cluster of voxels that have the largest count", () =>
    Effect.gen(function* () {
      // A single voxel comes first, then a row of three.
      const t = mapWith(
        new Map([elementAt(1, 1, 1), elementAt(4, 6, 5), elementAt(5, 6, 5), elementAt(6, 6, 5)].map((n) => [n, 6]))
      )
      const maps = { t, z: zOf(t) }
      const { group } = yield* analyse(
        folderOf([
          { ...lesionOne, maps },
          { ...lesionTwo, maps }
        ])
      )
      const { peakMm, most, voxelsAtMost } = group.networkOverlap[0]!
      assert.deepStrictEqual([most, voxelsAtMost], [2, 4])
      assert.deepStrictEqual(peakMm, apply(grid.affine, 5, 6, 5))
    })
  )

  it.effect("draws a left lesion at the left and a right one at the right, with the place of each slice", () =>
    Effect.gen(function* () {
      const { lesions } = yield* analyse(folderOf([lesionOne, lesionTwo]))
      const [, coronal, axial] = lesions[0]!.ownSlices
      for (const { png } of [coronal!, axial!]) {
        const outline = placesOf(png, isOutline)
        assert.isAbove(outline.length, 0)
        for (const [x] of outline) assert.isBelow(x, 0.5)
      }
      assert.deepStrictEqual(
        lesions[0]!.ownSlices.map(({ direction, positionMm }) => [direction, positionMm]),
        [
          ["sagittal", -10.5],
          ["coronal", -7],
          ["axial", -2]
        ]
      )
      // The strongest voxel of the second lesion is left too, the lesion itself is on the right.
      const pictures = [...lesions[1]!.ownSlices, ...lesions[1]!.commonSlices]
      const across = pictures.filter(({ direction }) => direction !== "sagittal")
      for (const [x] of across.flatMap(({ png }) => placesOf(png, isOutline))) assert.isAbove(x, 0.5)
      // Where -7 is: on the right, in front, above.
      const negative = lesions[0]!.commonSlices.flatMap(({ direction, png }) =>
        direction === "axial" ? placesOf(png, isNegative) : []
      )
      assert.isAbove(negative.length, 0)
      for (const [x, y] of negative) assert.isTrue(x > 0.5 && y < 0.5)
    })
  )

  it.effect("gives the same for any number of workers", () =>
    Effect.gen(function* () {
      const made = folderOf(
        Array.from({ length: 7 }, (_, n) => {
          const t = mapWith(new Map([[brain[40 * n]!, 5 + n]]), 0.1 * n)
          return { ...lesionOne, name: `sub-${n}`, maps: { t, z: zOf(t).map((value, v) => value + v / 1e5) } }
        })
      )
      const [one, many] = [yield* analyse(made, { workers: 1 }), yield* analyse(made, { workers: 4 })]
      assert.deepStrictEqual(many, one)
    })
  )

  it.effect("names the parcel at a peak and the networks of what is beyond the threshold", () =>
    Effect.gen(function* () {
      const made = folderOf([lesionOne])
      const labels = Float32Array.from({ length: voxels }, (_, n) => (indicesOf(n)[0] > 5 ? 1 : 2))
      writeMap(made.folder, "atlas.nii.gz", grid, labels)
      const table = join(made.folder, "out", "labels.tsv")
      writeFileSync(table, "index\tname\n1\t7Networks_LH_Vis_1\n2\t7Networks_RH_Default_1\n")
      const parcellations = [{ name: "Two", path: join(made.folder, "out", "atlas.nii.gz"), labels: table }]
      const gone = { name: "Gone", path: join(made.folder, "gone.nii.gz") }
      const { lesions, notes } = yield* analyse(made, { parcellations: [...parcellations, gone] })
      assert.deepStrictEqual(lesions[0]!.clusters[0]!.parcels, [{ parcellation: "Two", parcel: "7Networks_LH_Vis_1" }])
      assert.deepStrictEqual(lesions[0]!.networks, [
        { parcellation: "Two", network: "Vis", positive: 1, negative: 0 },
        { parcellation: "Two", network: "Default", positive: 0, negative: 1 }
      ])
      assert.match(notes.join("\n"), /^Parcels of Gone are not named, since the atlas cannot be read/)
    })
  )

  it.effect("compares with the degree where there is one, and not where nothing is left of it", () =>
    Effect.gen(function* () {
      const made = folderOf([lesionOne])
      const name = "space-MNI152NLin6Asym_desc-degree_stat-r_statmap.nii.gz"
      const degree = Float32Array.from({ length: voxels }, (_, n) => (isBrain(n) ? 0.2 + Math.sin(n) / 10 : 0))
      writeMap(made.folder, name, grid, degree)
      const { lesions, group } = yield* analyse(made)
      const expected = correlation(
        brain.map((v) => lesionOne.maps.z![v]!),
        brain.map((v) => degree[v]!)
      )
      assert.closeTo(lesions[0]!.similarityToDegree!, expected, 1e-6)
      const rms = Math.sqrt(brain.reduce((sum, v) => sum + degree[v]! ** 2, 0) / brain.length)
      assert.closeTo(group.degree!.rms, rms, 1e-7)
      assert.isFalse(group.degree!.tiny)
      writeMap(
        made.folder,
        name,
        grid,
        degree.map((value) => value / 1000)
      )
      const small = yield* analyse(made)
      assert.isNull(small.lesions[0]!.similarityToDegree)
      assert.isTrue(small.group.degree!.tiny)
    })
  )

  it.effect("lies over an image that is given, and over the mask with a note where that cannot be read", () =>
    Effect.gen(function* () {
      const made = folderOf([lesionOne])
      writeMap(made.folder, "T1w.nii.gz", grid, new Float32Array(voxels).fill(100))
      const background = join(made.folder, "out", "T1w.nii.gz")
      const over = yield* analyse(made, { background })
      assert.deepStrictEqual([over.background, over.notes], [background, []])
      const cavity = new Float32Array(voxels).fill(100)
      for (let k = 0; k < 10; k++) for (let j = 5; j < 9; j++) cavity[elementAt(6, j, k)] = 0
      writeMap(made.folder, "stripped.nii.gz", grid, cavity)
      const stripped = yield* analyse(made, { background: join(made.folder, "out", "stripped.nii.gz") })
      const isOutside = (index: number) => index === paletteIndex.outside
      const middle = stripped.lesions[0]!.commonSlices.find(({ direction }) => direction === "axial")!
      assert.deepStrictEqual(placesOf(middle.png, isOutside), [])
      assert.isAbove(placesOf(middle.png, (index) => index === paletteIndex.firstGrey).length, 0)
      const without = yield* analyse(made, { background: join(made.folder, "none.nii.gz") })
      assert.strictEqual(without.background, "the shape of the brain mask")
      assert.match(without.notes[0]!, /^The background is the shape of the brain mask, since the image given cannot/)
    })
  )
})

describe("analyseMaps, of what is odd,", () => {
  it.effect("takes values that are not finite as 0, and says whose", () =>
    Effect.gen(function* () {
      const t = mapWith(
        new Map([
          [left[0]!, Number.NaN],
          [left[1]!, 8],
          [right[0]!, Number.POSITIVE_INFINITY]
        ])
      )
      const { lesions, notes } = yield* analyse(folderOf([{ ...lesionOne, maps: { t, z: zOf(t) } }]))
      assert.strictEqual(lesions[0]!.clusterCount, 1)
      assert.deepStrictEqual([lesions[0]!.clusters[0]!.t, lesions[0]!.clusters[0]!.voxels], [8, 1])
      assert.deepStrictEqual(notes, ["Values that are not finite were taken as 0 in the maps of: sub-01_mask.nii.gz."])
    })
  )

  it.effect("shows a map with nothing beyond the threshold, and one of zeros alone", () =>
    Effect.gen(function* () {
      const low = mapWith(new Map())
      const zeros = new Float32Array(voxels)
      const { lesions, group } = yield* analyse(
        folderOf([
          { ...lesionOne, maps: { t: low } },
          { ...lesionTwo, maps: { t: zeros, z: zeros } }
        ])
      )
      for (const { clusters, clusterCount, ownSlices, commonSlices } of lesions) {
        assert.deepStrictEqual([clusters, clusterCount, ownSlices.length, commonSlices.length], [[], 0, 3, 7])
      }
      assert.isNull(lesions[1]!.similarityToMean)
      assert.isNull(lesions[0]!.histogram)
      assert.deepStrictEqual(group.networkOverlap.map(({ most, peakMm }) => [most, peakMm])[0], [0, undefined])
      const alone = yield* analyse(folderOf([{ ...lesionTwo, maps: { t: zeros } }]))
      assert.strictEqual(alone.lesions[0]!.ownSlices.length, 3)
    })
  )

  it.effect("has neither overlap nor similarity of one lesion", () =>
    Effect.gen(function* () {
      const { lesions, group, overlapMaps } = yield* analyse(folderOf([lesionOne]))
      assert.strictEqual(group.noOverlapBecause, "there is one lesion alone")
      assert.deepStrictEqual([group.networkOverlap, overlapMaps], [[], []])
      assert.isNull(lesions[0]!.similarityToMean)
    })
  )

  it.effect("outlines a lesion at the border of the brain, and one on a finer grid", () =>
    Effect.gen(function* () {
      const fine: Grid = { shape: [36, 28, 40], affine: [-1, 0, 0, 17.5, 0, 1, 0, -13.5, 0, 0, 1, -19.5, 0, 0, 0, 1] }
      // Beside the brain's last voxels at the left, around (-16.5, -7, -2) mm.
      const elements = [33, 34, 35].flatMap((i) =>
        [6, 7].flatMap((j) => [16, 17, 18, 19].map((k) => i + 36 * (j + 28 * k)))
      )
      const { lesions } = yield* analyse(folderOf([{ ...lesionOne, elements, lesionGrid: fine }]))
      const outline = placesOf(lesions[0]!.ownSlices[2]!.png, isOutline)
      assert.isAbove(outline.length, 0)
      for (const [x] of outline) assert.isBelow(x, 0.15)
    })
  )

  it.effect("draws no outline where a lesion's file is gone or has changed, and says so", () =>
    Effect.gen(function* () {
      const made = folderOf([lesionOne, lesionTwo, { ...lesionTwo, name: "sub-03" }])
      rmSync(made.lesions[0]!.file.path)
      writeFileSync(made.lesions[1]!.file.path, "changed")
      const { lesions, group, notes } = yield* analyse(made)
      for (const { ownSlices } of lesions.slice(0, 2)) {
        for (const { png } of ownSlices) assert.deepStrictEqual(placesOf(png, isOutline), [])
      }
      assert.strictEqual(group.lesionOverlap!.of, 1)
      assert.deepStrictEqual([...notes].sort(), [
        "No outline is drawn of lesions whose files cannot be read any more: sub-01_mask.nii.gz.",
        "No outline is drawn of lesions whose files have changed since they were mapped: sub-02_mask.nii.gz."
      ])
    })
  )

  it.effect("shows lesions whose maps lie on different grids, each on its own, and adds nothing up", () =>
    Effect.gen(function* () {
      const other: Grid = { ...grid, affine: grid.affine.with(3, 10.5) }
      const { lesions, group } = yield* analyse(folderOf([lesionOne, { ...lesionTwo, grid: other }]))
      assert.strictEqual(group.noOverlapBecause, "the maps lie on 2 different grids")
      assert.deepStrictEqual([group.networkOverlap, group.lesionOverlap], [[], undefined])
      assert.deepStrictEqual(
        lesions.map(({ ownSlices, similarityToMean }) => [ownSlices[0]!.positionMm, similarityToMean]),
        [
          [-10.5, null],
          [-16.5, null]
        ]
      )
    })
  )

  it.effect("leaves out lesions without a map of t, z or r, and those whose maps are damaged, with notes", () =>
    Effect.gen(function* () {
      const only = { ...lesionOne, maps: { p: mapWith(new Map(), 0.5) } }
      const nothing = yield* analyse(folderOf([only]))
      assert.deepStrictEqual(nothing.lesions, [])
      assert.strictEqual(nothing.group.noOverlapBecause, "there is no map of t, z or r")
      assert.deepStrictEqual(nothing.notes, [
        "These lesions are not shown, since they have no map of t, z or r: sub-01_mask.nii.gz."
      ])
      const made = folderOf([lesionOne, lesionTwo, { ...lesionTwo, name: "sub-03" }])
      const map = join(made.folder, "out", made.lesions[1]!.files[0]!)
      const { readFileSync } = yield* Effect.promise(() => import("node:fs"))
      writeFileSync(map, readFileSync(map).subarray(0, 400))
      const { lesions, group, notes } = yield* analyse(made)
      assert.deepStrictEqual(
        lesions.map(({ name }) => name),
        ["sub-01_mask.nii.gz", "sub-03_mask.nii.gz"]
      )
      assert.strictEqual(group.networkOverlap[0]!.of, 2)
      assert.match(notes[0]!, /^A lesion is not shown, since one of its maps cannot be read .*sub-02.*stat-t_statmap/)
    })
  )

  it.effect("shows z or r where there is no map of t, by the same rule for all lesions", () =>
    Effect.gen(function* () {
      for (const statistic of ["z", "r"] as const) {
        const maps = (lesion: MadeLesion) => ({ ...lesion, maps: { [statistic]: lesion.maps[statistic]! } })
        const { lesions, group } = yield* analyse(folderOf([maps(lesionOne), maps(lesionTwo)]))
        assert.deepStrictEqual(
          lesions.map(({ scale }) => scale),
          [lesions[0]!.scale, lesions[0]!.scale]
        )
        assert.deepStrictEqual([lesions[0]!.scale.statistic, lesions[0]!.scale.threshold], [statistic, 0.1])
        const [cluster] = lesions[0]!.clusters
        assert.closeTo(cluster!.z!, 0.45, 1e-6)
        assert.closeTo(cluster!.r!, Math.tanh(0.45), 1e-6)
        assert.isNull(cluster!.t)
        assert.isNotNull(lesions[0]!.similarityToMean)
        assert.strictEqual(group.noOverlapBecause, "no maps of t were written")
      }
    })
  )

  it.effect("gives each lesion with all pictures to whoever asks, and keeps fewer of hundreds of lesions", () =>
    Effect.gen(function* () {
      const made = folderOf([lesionOne])
      const many = Array.from({ length: 121 }, (_, n) => ({ ...made.lesions[0]!, name: `${n}` }))
      const given: Array<number> = []
      const findings = yield* analyseMaps(
        {
          folder: join(made.folder, "out"),
          lesions: many,
          space: "MNI152NLin6Asym",
          method: "boes",
          reading: {},
          parcellations: [],
          workers: 2
        },
        ({ commonSlices }) => Effect.sync(() => given.push(commonSlices.length))
      )
      assert.deepStrictEqual(given, new Array(121).fill(7))
      for (const { ownSlices, commonSlices } of findings.lesions) {
        assert.deepStrictEqual([ownSlices.length, commonSlices.length], [3, 0])
      }
      assert.match(findings.notes[0]!, /^Of each of the 121 lesions only the slices through the strongest voxel/)
    })
  )
})

const correlation = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  const sum = (f: (n: number) => number) => x.reduce((total, _, n) => total + f(n), 0)
  const cross = sum((n) => (x[n]! - mx) * (y[n]! - my))
  return cross / Math.sqrt(sum((n) => (x[n]! - mx) ** 2) * sum((n) => (y[n]! - my) ** 2))
}
