import { mkdir, readdir, readlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { type Connectome, describeSubjects } from "../../../src/connectome/Connectome.ts"
import { type NiftiConnectomeOptions, openNiftiConnectome } from "../../../src/connectome/nifti/NiftiConnectome.ts"
import { type DatatypeName, datatypes } from "../../../src/imaging/nifti/NiftiDatatype.ts"
import { heardWarnings } from "../../support/heardWarnings.ts"
import { type NiftiFields, niftiBytes, temporaryFolder, writeBytes } from "../../support/niftiBytes.ts"

const shape = [3, 4, 2]
const gridVoxels = 24
const sform = [2, 0, 0, -3, 0, 2, 0, -4, 0, 0, 2, -2]
const inMask = [1, 2, 5, 7, 11, 12, 23]

const maskBytes = (fields: Partial<NiftiFields> = {}) => {
  const stored = Array.from({ length: gridVoxels }, (_, element) => (inMask.includes(element) ? 1 : 0))
  return niftiBytes({ dims: shape, datatype: "uint8", sform, stored, ...fields })
}

/** A number of each voxel and time point that every datatype holds. */
const value = (subject: number, timePoint: number, element: number) =>
  (subject * 7 + timePoint * 31 + element * 5) % 120

const scan = (subject: number, timePoints: number, fields: Partial<NiftiFields> = {}) => {
  const stored = Array.from({ length: timePoints * gridVoxels }, (_, n) =>
    value(subject, Math.floor(n / gridVoxels), n % gridVoxels)
  )
  return niftiBytes({ dims: [...shape, timePoints], datatype: "int16", sform, stored, ...fields })
}

/** A folder with a mask and these files below `scans`. */
const folderWith = (files: { readonly [name: string]: Uint8Array }, mask = maskBytes()) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    for (const [name, bytes] of Object.entries(files)) {
      const file = join(folder, "scans", name)
      yield* Effect.promise(() => mkdir(dirname(file), { recursive: true }))
      yield* writeBytes(file, bytes)
    }
    yield* writeBytes(join(folder, "mask.nii.gz"), mask)
    return folder
  })

const open = (folder: string, options: Partial<NiftiConnectomeOptions> = {}) =>
  openNiftiConnectome({ path: join(folder, "scans"), mask: join(folder, "mask.nii.gz"), ...options })

const opened = (files: { readonly [name: string]: Uint8Array }, options: Partial<NiftiConnectomeOptions> = {}) =>
  folderWith(files).pipe(Effect.flatMap((folder) => open(folder, options)))

const refusal = (files: { readonly [name: string]: Uint8Array }, options: Partial<NiftiConnectomeOptions> = {}) =>
  opened(files, options).pipe(
    Effect.flip,
    Effect.map((error) => `${error._tag}: ${error.message}`)
  )

const seriesOf = (connectome: Connectome, subject: number) =>
  new Float32Array(connectome.subjects[subject]!.timePoints * connectome.voxels)

const read = Effect.fnUntraced(function* (connectome: Connectome, subject: number) {
  const into = seriesOf(connectome, subject)
  yield* connectome.read(subject, [into])
  return into
})

const expected = (subject: number, timePoints: number) =>
  Array.from({ length: timePoints }, (_, t) => inMask.map((element) => value(subject, t, element))).flat()

const constantScan = scan(0, 5, { stored: Array.from({ length: 5 * gridVoxels }, (_, n) => n % gridVoxels) })

const sub = (subject: number) => `sub-${subject}_space-MNI_bold.nii.gz`

describe("openNiftiConnectome", () => {
  it.effect("describes what the folder holds, in the order of sorted paths", () =>
    Effect.gen(function* () {
      const files = {
        [`b/${sub(1)}`]: gzipSync(scan(1, 6)),
        [`a/${sub(2)}`]: gzipSync(scan(2, 5)),
        "a/sub-2_space-MNI_T1w.nii.gz": gzipSync(scan(2, 1))
      }
      const connectome = yield* opened(files)
      assert.deepStrictEqual(
        connectome.subjects.map(({ index, id, timePoints }) => [index, id, timePoints]),
        [
          [0, "sub-2", 5],
          [1, "sub-1", 6]
        ]
      )
      const [mask, ...scans] = connectome.files
      assert.match(mask!, /mask\.nii\.gz$/)
      assert.deepStrictEqual(
        scans,
        connectome.subjects.map(({ file }) => file)
      )
      assert.strictEqual(connectome.voxels, 7)
      assert.deepStrictEqual([...connectome.gridIndex], inMask)
      assert.deepStrictEqual(connectome.grid, { shape: [3, 4, 2], affine: [...sform, 0, 0, 0, 1] })
      assert.strictEqual(connectome.space, "MNI")
      assert.strictEqual(connectome.storage, "NIfTI-1 int16, gzip")
      assert.strictEqual(connectome.bytesToRead, files[`b/${sub(1)}`]!.length + files[`a/${sub(2)}`]!.length)
    }).pipe(Effect.scoped)
  )

  it.effect("tells subjects with the same file name apart by their folders", () =>
    Effect.gen(function* () {
      const connectome = yield* opened({ "a/bold.nii": scan(1, 5), "b/bold.nii": scan(2, 5) }, { pattern: "**/*.nii" })
      assert.deepStrictEqual(
        connectome.subjects.map(({ id }) => id),
        ["a/bold", "b/bold"]
      )
    }).pipe(Effect.scoped)
  )

  it.effect("does not take the mask for a scan where the pattern matches it", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({ "sub-1.nii": scan(1, 5), "brain.nii": maskBytes() })
      const connectome = yield* open(folder, { pattern: "*.nii", mask: join(folder, "scans", "brain.nii") })
      assert.deepStrictEqual(
        connectome.subjects.map(({ id }) => id),
        ["sub-1"]
      )
    }).pipe(Effect.scoped)
  )

  it.effect("takes the space that the user gives over what the names say", () =>
    Effect.gen(function* () {
      const files = { "sub-1_space-A_bold.nii.gz": scan(1, 5), "sub-2_space-B_bold.nii.gz": scan(2, 5) }
      assert.strictEqual((yield* opened(files, { space: "C" })).space, "C")
      assert.include(yield* refusal(files), "space-B, that of sub-1_space-A_bold.nii.gz says space-A")
      assert.isUndefined((yield* opened({ "sub-1_bold.nii.gz": scan(1, 5) })).space)
    }).pipe(Effect.scoped)
  )

  it.effect("refuses scans that do not lie on the mask's grid, by name", () =>
    Effect.gen(function* () {
      const moved = scan(2, 5, { sform: sform.with(3, -3.01) })
      const message = yield* refusal({ [sub(1)]: scan(1, 5), [sub(2)]: moved })
      assert.match(
        message,
        /^InvalidConnectome: .*sub-2_space-MNI_bold.nii.gz: its affine .* is not that of the brain mask/
      )
      const larger = niftiBytes({ dims: [4, 4, 2, 5], sform: sform.with(3, -3.7) })
      assert.match(
        yield* refusal({ [sub(1)]: scan(1, 5), [sub(2)]: larger }),
        /sub-2.*its grid \(4 × 4 × 2 voxels of 2 × 2 × 2 mm\) is not that of the brain mask/
      )
    }).pipe(Effect.scoped)
  )

  it.effect("refuses what is no time series: 3D, 5D or fewer than five time points", () =>
    Effect.gen(function* () {
      assert.include(yield* refusal({ [sub(1)]: scan(1, 1) }), "its dimensions are 3 × 4 × 2, not")
      for (const fewer of [2, 3, 4]) {
        const message = yield* refusal({ [sub(1)]: scan(1, fewer) })
        assert.include(message, `its dimensions are 3 × 4 × 2 × ${fewer}, not x × y × z × 5 or more time points`)
      }
      const five = niftiBytes({ dims: [...shape, 4, 3], sform })
      assert.include(yield* refusal({ [sub(1)]: five }), "its dimensions are 3 × 4 × 2 × 4 × 3, not")
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a folder without scans, and a mask that is empty, 4D or missing", () =>
    Effect.gen(function* () {
      assert.include(yield* refusal({ "a.nii": scan(1, 5) }), `no .nii or .nii.gz file matches "**/*_bold.nii.gz"`)
      const files = { [sub(1)]: scan(1, 5) }
      const withMask = (mask: Uint8Array) =>
        folderWith(files, mask).pipe(
          Effect.flatMap((folder) => Effect.flip(open(folder))),
          Effect.map((error) => error.message)
        )
      assert.include(yield* withMask(niftiBytes({ dims: shape, sform })), "the brain mask is empty")
      assert.include(yield* withMask(scan(1, 5)), "the brain mask has 4 dimensions (3 × 4 × 2 × 5)")
      assert.include(
        yield* refusal(files, { mask: "/nowhere/mask.nii" }),
        "InvalidNifti: /nowhere/mask.nii: no such file"
      )
    }).pipe(Effect.scoped)
  )
})

/** The same scan with its first axis stored the other way round: same places, another order. */
const mirroredSform = [-2, 0, 0, 1, 0, 2, 0, -4, 0, 0, 2, -2]
const mirror = (element: number) => 2 - (element % 3) + 3 * Math.floor(element / 3)
const mirrored = (subject: number, timePoints: number, fields: Partial<NiftiFields> = {}) =>
  scan(subject, timePoints, {
    sform: mirroredSform,
    stored: Array.from({ length: timePoints * gridVoxels }, (_, n) =>
      value(subject, Math.floor(n / gridVoxels), mirror(n % gridVoxels))
    ),
    ...fields
  })

describe("NIfTI connectome, scans and mask of different orientations", () => {
  it.effect("finds the mask's voxels in scans stored the other way round; voxels are in the scans' order", () =>
    Effect.gen(function* () {
      for (const fields of [{}, { datatype: "float64" as const }, { slope: 2 }]) {
        const { result: connectome, warnings } = yield* heardWarnings(opened({ [sub(1)]: mirrored(1, 6, fields) }))
        assert.deepStrictEqual(warnings, [])
        assert.deepStrictEqual(connectome.grid.affine.slice(0, 12), mirroredSform)
        assert.deepStrictEqual(
          [...connectome.gridIndex],
          inMask.map(mirror).sort((a, b) => a - b)
        )
        const series = yield* read(connectome, 0)
        for (const [v, element] of connectome.gridIndex.entries()) {
          for (let t = 0; t < 6; t++) {
            const rise = value(1, t, mirror(element)) - value(1, 0, mirror(element))
            assert.strictEqual(series[7 * t + v]! - series[v]!, (fields.slope ?? 1) * rise)
          }
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect("brings scans that differ among themselves to the orientation of the first", () =>
    Effect.gen(function* () {
      const names = {
        [sub(1)]: scan(1, 6),
        [sub(2)]: mirrored(2, 6),
        [sub(3)]: gzipSync(mirrored(3, 7, { slope: 0.5 }))
      }
      const connectome = yield* opened(names)
      assert.deepStrictEqual([...connectome.gridIndex], inMask)
      assert.deepStrictEqual([...(yield* read(connectome, 1))], expected(2, 6))
      const halves = expected(3, 7).map((x, n, all) => (x - all[n % 7]!) / 2)
      assert.deepStrictEqual([...(yield* read(connectome, 2))], halves)
    }).pipe(Effect.scoped)
  )

  it.effect("bears a rounding error of 2 µm, and takes the scans' grid then", () =>
    Effect.gen(function* () {
      const off = sform.with(3, -3.002)
      const connectome = yield* opened({ [sub(1)]: scan(1, 6, { sform: off }) })
      assert.closeTo(connectome.grid.affine[3]!, -3.002, 1e-6)
      assert.deepStrictEqual([...(yield* read(connectome, 0))], expected(1, 6))
    }).pipe(Effect.scoped)
  )

  it.effect("resamples a mask of another resolution by nearest neighbour, with a warning", () =>
    Effect.gen(function* () {
      // Each voxel of the scans is 2 × 2 × 2 voxels of the mask.
      const fine = Array.from({ length: 8 * gridVoxels }, (_, n) => {
        const [i, j, k] = [n % 6, Math.floor(n / 6) % 8, Math.floor(n / 48)]
        return inMask.includes((i >> 1) + 3 * ((j >> 1) + 4 * (k >> 1))) ? 1 : 0
      })
      const fineSform = [1, 0, 0, -3.5, 0, 1, 0, -4.5, 0, 0, 1, -2.5]
      const mask = niftiBytes({ dims: [6, 8, 4], datatype: "uint8", sform: fineSform, stored: fine })
      const folder = yield* folderWith({ [sub(1)]: scan(1, 6), [sub(2)]: scan(2, 6) }, mask)
      const { result: connectome, warnings } = yield* heardWarnings(open(folder))
      assert.deepStrictEqual([...connectome.gridIndex], inMask)
      assert.deepStrictEqual([...(yield* read(connectome, 1))], expected(2, 6))
      assert.strictEqual(warnings.length, 1)
      assert.strictEqual(warnings[0]!.file, join(folder, "mask.nii.gz"))
      assert.match(
        warnings[0]!.found,
        /\(6 × 8 × 4 voxels of 1 × 1 × 1 mm\) is not that of the scans \(3 × 4 × 2 voxels of 2 × 2/
      )
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a mask that lies partly elsewhere, with both grids", () =>
    Effect.gen(function* () {
      const elsewhere = sform.with(3, 0.5)
      const folder = yield* folderWith({ [sub(1)]: scan(1, 6) }, maskBytes({ sform: elsewhere }))
      const { message } = yield* Effect.flip(open(folder))
      assert.match(
        message,
        /mask\.nii\.gz: the brain mask's grid \(3 × 4 × 2 .* is not that of the scans .* % of the mask's volume/
      )
    }).pipe(Effect.scoped)
  )

  it.effect("lists all scans that cannot be used", () =>
    Effect.gen(function* () {
      const moved = (subject: number) => scan(subject, 6, { sform: sform.with(3, -3.5) })
      const message = yield* refusal({ [sub(1)]: scan(1, 6), [sub(2)]: moved(2), [sub(3)]: moved(3) })
      assert.match(message, /2 scans cannot be used:\n {2}sub-2.*affine.*\n {2}sub-3.*affine/)
    }).pipe(Effect.scoped)
  )
})

describe("NIfTI connectome, runs", () => {
  const run = (subject: number, number: number, extra = "") =>
    `sub-${subject}_task-rest_run-${number}${extra}_space-MNI_bold.nii.gz`

  it.effect("joins the runs of a person, each standardised by itself; a single run stays as it is", () =>
    Effect.gen(function* () {
      const files = { [run(1, 1)]: scan(1, 5), [run(1, 2)]: scan(4, 8, { slope: 3 }), [run(2, 1)]: scan(2, 6) }
      const connectome = yield* opened(files)
      assert.deepStrictEqual(
        connectome.subjects.map(({ id, timePoints, runs }) => [id, timePoints, runs?.map((each) => each.timePoints)]),
        [
          ["sub-1", 13, [5, 8]],
          ["sub-2", 6, undefined]
        ]
      )
      assert.strictEqual(describeSubjects(connectome), "2 subjects (of 3 scans)")
      const series = yield* read(connectome, 0)
      for (let v = 0; v < 7; v++) {
        const moments = (from: number, to: number) => {
          const x = Array.from({ length: to - from }, (_, t) => series[(from + t) * 7 + v]!)
          const mean = x.reduce((sum, each) => sum + each, 0) / x.length
          return { mean, variance: x.reduce((sum, each) => sum + (each - mean) ** 2, 0) / x.length }
        }
        const [first, second] = [moments(0, 5), moments(5, 13)]
        // Float32 of values of tens.
        assert.closeTo(first.mean, 0, 1e-4)
        assert.closeTo(second.mean, 0, 1e-4)
        assert.closeTo(first.variance / second.variance, 1, 1e-5)
      }
      assert.deepStrictEqual([...(yield* read(connectome, 1))], expected(2, 6))
    }).pipe(Effect.scoped)
  )

  it.effect("takes each scan for a subject where that is asked for, as it is", () =>
    Effect.gen(function* () {
      const connectome = yield* opened({ [run(1, 1)]: scan(1, 5), [run(1, 2)]: scan(4, 8) }, { runs: "separate" })
      assert.strictEqual(connectome.subjects.length, 2)
      assert.deepStrictEqual([...(yield* read(connectome, 1))], expected(4, 8))
    }).pipe(Effect.scoped)
  )

  it.effect("refuses one recording in two versions, and warns of several tasks", () =>
    Effect.gen(function* () {
      const twice = yield* refusal({ [run(1, 1, "_desc-a")]: scan(1, 5), [run(1, 1, "_desc-b")]: scan(1, 5) })
      assert.match(twice, /desc-b.*is the same recording as .*desc-a.*differ in desc- only/)
      const film = run(1, 1).replace("rest", "film")
      const { result, warnings } = yield* heardWarnings(opened({ [run(1, 1)]: scan(1, 5), [film]: scan(2, 5) }))
      assert.strictEqual(result.subjects.length, 1)
      assert.include(warnings[0]!.found, "several tasks (film, rest)")
    }).pipe(Effect.scoped)
  )

  it.effect("names the run that is damaged", () =>
    Effect.gen(function* () {
      const bytes = gzipSync(
        scan(4, 50, { stored: Array.from({ length: 50 * gridVoxels }, (_, n) => (n * n * 7919) % 30011) })
      )
      const connectome = yield* opened({ [run(1, 1)]: scan(1, 5), [run(1, 2)]: bytes.subarray(0, bytes.length - 200) })
      const error = yield* Effect.flip(read(connectome, 0))
      assert.match(error.message, /run-2.*: subject sub-1: the file is truncated/)
    }).pipe(Effect.scoped)
  )
})

describe("NIfTI connectome, read", () => {
  it.effect("names a run that is constant everywhere, and does not join it to the others of its subject", () =>
    Effect.gen(function* () {
      const connectome = yield* opened({
        "sub-1_run-1_bold.nii.gz": scan(0, 6),
        "sub-1_run-2_bold.nii.gz": constantScan
      })
      const error = yield* Effect.flip(read(connectome, 0))
      assert.include(error.message, "sub-1_run-2_bold.nii.gz")
      assert.include(error.message, "the signal of this run is constant in every voxel of the brain mask")
      // Alone it is a subject, of whom the engine tells.
      yield* read(yield* opened({ "sub-1_bold.nii.gz": constantScan }), 0)
    })
  )

  it.effect("gives the mask's voxels of consecutive subjects, whose scans may differ in length", () =>
    Effect.gen(function* () {
      const connectome = yield* opened({ [sub(1)]: scan(1, 5), [sub(2)]: gzipSync(scan(2, 6)), [sub(3)]: scan(3, 9) })
      const into = [seriesOf(connectome, 1), seriesOf(connectome, 2)]
      yield* connectome.read(1, into)
      assert.deepStrictEqual([...into[0]!], expected(2, 6))
      assert.deepStrictEqual([...into[1]!], expected(3, 9))
    }).pipe(Effect.scoped)
  )

  it.effect("reads every datatype and byte order, up to a constant a voxel where float32 could not hold it", () =>
    Effect.gen(function* () {
      const exact = new Set<DatatypeName>(["uint8", "int8", "int16", "uint16", "float32"])
      const whole = expected(4, 6)
      const shifted = whole.map((x, n) => x - whole[n % inMask.length]!)
      for (const datatype of Object.keys(datatypes) as ReadonlyArray<DatatypeName>) {
        for (const littleEndian of [true, false]) {
          const bytes = scan(4, 6, { datatype, littleEndian, version: 2 })
          const connectome = yield* opened({ [sub(1)]: gzipSync(bytes) })
          const series = yield* read(connectome, 0)
          assert.deepStrictEqual([...series], exact.has(datatype) ? whole : shifted, datatype)
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect("keeps a small signal on a large mean, scaled or in float64", () =>
    Effect.gen(function* () {
      const scaled = scan(1, 5, { slope: 0.001, inter: 1e6 })
      const wide = scan(1, 5, {
        datatype: "float64",
        stored: Array.from(
          { length: 5 * gridVoxels },
          (_, n) => 1e9 + value(1, Math.floor(n / gridVoxels), n % gridVoxels) / 1000
        )
      })
      const whole = expected(1, 5)
      for (const bytes of [scaled, wide]) {
        const series = yield* read(yield* opened({ [sub(1)]: bytes }), 0)
        for (const [n, x] of whole.entries()) {
          assert.closeTo(series[n]!, (x - whole[n % inMask.length]!) / 1000, 2e-7)
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect("leaves a NaN or an infinity to be seen, wherever in the series it is", () =>
    Effect.gen(function* () {
      for (const datatype of ["float32", "float64"] as const) {
        for (const [timePoint, bad] of [
          [0, Number.NaN],
          [2, Number.NaN],
          [0, Infinity],
          [4, -Infinity]
        ] as const) {
          const stored = Array.from({ length: 5 * gridVoxels }, (_, n) => n % 17)
          stored[timePoint * gridVoxels + inMask[3]!] = bad
          const series = yield* read(yield* opened({ [sub(1)]: scan(1, 5, { datatype, stored }) }), 0)
          const invalid = inMask.map((_, voxel) =>
            [0, 1, 2, 3, 4].some((t) => !Number.isFinite(series[t * inMask.length + voxel]))
          )
          assert.deepStrictEqual(invalid, [false, false, false, true, false, false, false])
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect("puts volumes together that are larger than the pieces a file comes in", () =>
    Effect.gen(function* () {
      const dims = [70, 70, 70, 5]
      const voxels = 343_000
      const stored = Float32Array.from({ length: 5 * voxels }, (_, n) => Math.sin(n))
      const mask = niftiBytes({
        dims: dims.slice(0, 3),
        datatype: "uint8",
        sform,
        stored: new Uint8Array(voxels).fill(1)
      })
      const bytes = niftiBytes({ dims, sform, stored, voxOffset: 1000 })
      const folder = yield* folderWith({ [sub(1)]: bytes, [sub(2)]: gzipSync(bytes, { level: 1 }) }, mask)
      const connectome = yield* open(folder)
      for (const subject of [0, 1]) assert.deepStrictEqual(yield* read(connectome, subject), stored)
    }).pipe(Effect.scoped)
  )

  it.effect("picks a mask's voxels from volumes that come in parts, exact or scaled, also where a part has none", () =>
    Effect.gen(function* () {
      const dims = [70, 70, 70, 5]
      const voxels = 343_000
      const stored = Array.from({ length: 5 * voxels }, (_, n) => (n * 7919) % 30_011)
      // A part is 131,072 voxels of int16: the second one has no voxel of the mask, the third its last.
      const elements = [0, 131_071, 300_000, 342_999]
      const mask = new Uint8Array(voxels)
      for (const element of elements) mask[element] = 1
      const folder = yield* folderWith(
        {
          [sub(1)]: gzipSync(niftiBytes({ dims, datatype: "int16", sform, stored }), { level: 1 }),
          [sub(2)]: niftiBytes({ dims, datatype: "int16", sform, stored, slope: 0.5, inter: 3 })
        },
        niftiBytes({ dims: dims.slice(0, 3), datatype: "uint8", sform, stored: mask })
      )
      const connectome = yield* open(folder)
      const at = (t: number, element: number) => stored[t * voxels + element]!
      const exact = [0, 1, 2, 3, 4].flatMap((t) => elements.map((element) => at(t, element)))
      assert.deepStrictEqual([...(yield* read(connectome, 0))], exact)
      const scaled = [0, 1, 2, 3, 4].flatMap((t) => elements.map((element) => 0.5 * (at(t, element) - at(0, element))))
      assert.deepStrictEqual([...(yield* read(connectome, 1))], scaled)
    }).pipe(Effect.scoped)
  )

  it.effect(
    "finds a scan cut short, at opening where its size tells and else at reading, and says how much is there",
    () =>
      Effect.gen(function* () {
        const bytes = scan(1, 50, {
          stored: Array.from({ length: 50 * gridVoxels }, (_, n) => Math.round(3e4 * Math.sin(n * n)))
        })
        assert.include(yield* refusal({ [sub(1)]: bytes.subarray(0, -1) }), "promises 2752 bytes, it has 2751")
        const compressed = gzipSync(bytes)
        for (const share of [0.3, 0.6, 0.9]) {
          const connectome = yield* opened({ [sub(1)]: compressed.subarray(0, compressed.length * share) })
          const error = yield* Effect.flip(read(connectome, 0))
          assert.strictEqual(error._tag, "ConnectomeUnreadable")
          assert.match(error.message, /bold.nii.gz: subject sub-1: the file is truncated, after \d+ of 2752 bytes/)
        }
      }).pipe(Effect.scoped)
  )

  it.effect("does not mind what follows the last volume", () =>
    Effect.gen(function* () {
      const longer = Buffer.concat([scan(1, 5), Buffer.alloc(100, 1)])
      const connectome = yield* opened({ [sub(1)]: longer, [sub(2)]: gzipSync(longer) })
      assert.deepStrictEqual([...(yield* read(connectome, 0))], expected(1, 5))
      assert.deepStrictEqual([...(yield* read(connectome, 1))], expected(1, 5))
    }).pipe(Effect.scoped)
  )

  it.effect("takes memory of the wrong size for a defect", () =>
    Effect.gen(function* () {
      const connectome = yield* opened({ [sub(1)]: scan(1, 5) })
      const exit = yield* Effect.exit(connectome.read(0, [new Float32Array(34)]))
      assert.include(String(exit), "needs 5 × 7 numbers, not 34")
    }).pipe(Effect.scoped)
  )

  // Open files can be listed on Linux only.
  it.effect.skipIf(process.platform !== "linux")("closes its files when done, when failing and when interrupted", () =>
    Effect.gen(function* () {
      const bytes = niftiBytes({ version: 2, dims: [...shape, 100_000], datatype: "int16", sform })
      const noise = Uint8Array.from(bytes, (byte, n) => (n < 544 ? byte : (n * n) % 251))
      const compressed = gzipSync(noise, { level: 0 })
      const folder = yield* folderWith({ [sub(1)]: compressed, [sub(2)]: compressed.subarray(0, 700_000) })
      const connectome = yield* open(folder)
      const openFiles = Effect.promise(async () => {
        const handles = await readdir("/proc/self/fd")
        const targets = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")))
        return targets.filter((target) => target.startsWith(folder))
      })
      yield* read(connectome, 0)
      assert.deepStrictEqual(yield* openFiles, [])
      yield* Effect.flip(read(connectome, 1))
      assert.deepStrictEqual(yield* openFiles, [])

      const into = seriesOf(connectome, 0).fill(Number.NaN)
      const fiber = yield* Effect.forkChild(connectome.read(0, [into]))
      while (Number.isNaN(into[0])) yield* Effect.promise(() => new Promise(setImmediate))
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* openFiles, [])
      assert.isTrue(into.includes(Number.NaN), "interrupted before the end")
      const before = into.slice()
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
      assert.deepStrictEqual(into, before)
    }).pipe(Effect.scoped)
  )
})
