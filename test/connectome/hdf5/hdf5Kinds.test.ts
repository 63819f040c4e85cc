/** What people's HDF5 files hold beside float32: other numbers, lzf, text of NumPy's; and what is missing or damaged in them. */
import { copyFile, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { type Hdf5Connectome, openHdf5Connectome } from "../../../src/connectome/hdf5/Hdf5Connectome.ts"
import { openConnectome } from "../../../src/connectome/openConnectome.ts"
import { openRawConnectome } from "../../../src/connectome/openRawConnectome.ts"
import { notReadable } from "../../../src/connectome/pathFailures.ts"
import { type Hdf5Fields, writeHdf5File } from "../../support/hdf5Files.ts"
import { heardWarnings } from "../../support/heardWarnings.ts"
import { temporaryFolder, writeBytes } from "../../support/niftiBytes.ts"

const fixtures = join(import.meta.dirname, "fixtures")
const fixture = (name: string) => join(fixtures, name)

const fields: Hdf5Fields = { subjects: 2, timePoints: 6, voxels: 8 }

const read = Effect.fnUntraced(function* (connectome: Hdf5Connectome) {
  const into = connectome.subjects.map(({ timePoints }) => new Float32Array(timePoints * connectome.voxels).fill(9))
  yield* connectome.read(0, into)
  return into
})

/** What makeHdf5.py writes as integers and float16: of subject, time point and voxel. */
const whole = (s: number, t: number, v: number) => Math.round(100 * Math.sin(1 + 31 * s + 7 * t + 3 * v))

describe("HDF5 of other numbers", () => {
  const exact = [
    ["half-f2", "float16"],
    ["half-big-endian-f2", "float16"],
    ["lzf-f2", "float16"],
    ["lzf-i2", "int16"],
    ["bytes-i1", "int8"],
    ["big-endian-i2", "int16"],
    ["unsigned-u2", "uint16"]
  ] as const
  for (const [name, type] of exact) {
    it.effect(`gives each value as it was written: ${name}`, () =>
      Effect.gen(function* () {
        const connectome = yield* openHdf5Connectome(fixture(`${name}.h5`))
        assert.match(connectome.storage, new RegExp(`^${type}, `))
        for (const [s, series] of (yield* read(connectome)).entries()) {
          for (const [i, value] of series.entries()) {
            const expected = whole(s, Math.floor(i / 5), i % 5) + (type === "uint16" ? 200 : 0)
            assert.strictEqual(value, expected, `subject ${s}, value ${i}`)
          }
        }
      })
    )
  }

  for (const [name, type] of [
    ["wide-i4", "int32"],
    ["wide-u8", "uint64"]
  ] as const) {
    it.effect(`gives numbers that float32 may not hold less their first time point: ${name}`, () =>
      Effect.gen(function* () {
        const connectome = yield* openHdf5Connectome(fixture(`${name}.h5`))
        assert.match(connectome.storage, new RegExp(`^${type}, `))
        for (const [s, series] of (yield* read(connectome)).entries()) {
          for (const [i, value] of series.entries()) {
            assert.strictEqual(value, whole(s, Math.floor(i / 5), i % 5) - whole(s, 0, i % 5))
          }
        }
      })
    )
  }

  it.effect(
    "refuses what is no number, and lzf in a layout that it cannot follow, with the command that converts",
    () =>
      Effect.gen(function* () {
        const message = (error: { readonly message: string }) => error.message
        const lzf = message(yield* Effect.flip(openHdf5Connectome(fixture("lzf-latest-f4.h5"))))
        assert.match(lzf, /compressed with `lzf`.*python3 -c "import h5py;/)
        const folder = yield* temporaryFolder
        const data = Array.from({ length: 96 }, () => "a")
        const text = yield* writeHdf5File(folder, "text.h5", { ...fields, timeseries: { data, shape: [2, 6, 8] } })
        assert.match(
          message(yield* Effect.flip(openHdf5Connectome(text))),
          /neither floating-point numbers.*python3 -c/
        )
      })
  )
})

describe("HDF5 with a damaged heap of text", () => {
  it.effect("is refused, where the library would go round in it for ever", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const bytes = yield* Effect.promise(() => readFile(fixture("shuffled-f4.h5")))
      // The text's length in its heap, behind the heap's header and the text's number: the next piece then begins within the text.
      bytes[bytes.indexOf("GCOL") + 24] = 7
      const file = yield* writeBytes(join(folder, "heap.h5"), bytes)
      const error = yield* Effect.flip(openHdf5Connectome(file))
      assert.include(error.message, "the heap with the text of its attributes is damaged")
      assert.strictEqual((yield* openHdf5Connectome(fixture("shuffled-f4.h5"))).space, "MNI152NLin6Asym")
    })
  )
})

describe("HDF5 of which something was never written", () => {
  it.effect("names the subjects of an HDF5 file that have no data, and refuses it as a connectome", () =>
    Effect.gen(function* () {
      for (const name of ["unwritten-f4.h5", "unwritten-lzf-f4.h5"]) {
        const connectome = yield* openHdf5Connectome(fixture(name))
        assert.deepStrictEqual(
          connectome.unwritten.map(({ id }) => id),
          [`${name}[2]`]
        )
        const error = yield* Effect.flip(openConnectome({ path: fixture(name) }))
        assert.include(error.message, `1 subject(s) are empty, of which no time series has been written: ${name}[2]`)
      }
      const never = yield* openHdf5Connectome(fixture("never-written-f4.h5"))
      assert.strictEqual(never.unwritten.length, 3)
      assert.strictEqual((yield* openHdf5Connectome(fixture("shuffled-f4.h5"))).unwritten.length, 0)
    })
  )

  it.effect(
    "names the subjects of which only a part was written, and reads them neither as a connectome nor into a store",
    () =>
      Effect.gen(function* () {
        for (const name of ["partly-written-f4.h5", "partly-written-lzf-f4.h5"]) {
          const connectome = yield* openHdf5Connectome(fixture(name))
          assert.deepStrictEqual(
            [connectome.unwritten, connectome.incomplete].map((missing) => missing.map(({ id }) => id)),
            [[], [`${name}[2]`]]
          )
          const error = yield* Effect.flip(openConnectome({ path: fixture(name) }))
          assert.include(
            error.message,
            `1 subject(s) are incomplete, of which only a part of the time series has been written: ${name}[2]`
          )
          const { subjects, bad } = yield* openRawConnectome({ path: fixture(name) }, "concatenate")
          assert.deepStrictEqual(
            [subjects.map(({ id }) => id), bad.map(({ subject, problem }) => [subject, problem])],
            [[`${name}[0]`, `${name}[1]`], [[`${name}[2]`, "only a part of its time series has been written"]]]
          )
          // The others are read as they were written.
          const whole = { ...connectome, subjects: connectome.subjects.slice(0, 2) }
          for (const [s, series] of (yield* read(whole)).entries()) {
            for (const [i, value] of series.entries()) {
              const [t, v] = [Math.floor(i / 5), i % 5]
              assert.strictEqual(value, Math.fround(5000 + 100 * v + Math.sin(1 + 31 * s + 7 * t + 3 * v)))
            }
          }
        }
      })
  )

  it.effect("makes of those that have no data bad subjects of a store, and leaves the others", () =>
    Effect.gen(function* () {
      const { subjects, bad } = yield* openRawConnectome({ path: fixture("unwritten-lzf-f4.h5") }, "concatenate")
      assert.deepStrictEqual(
        subjects.map(({ id }) => id),
        ["unwritten-lzf-f4.h5[0]", "unwritten-lzf-f4.h5[1]"]
      )
      assert.deepStrictEqual(
        bad.map(({ subject, problem }) => [subject, problem]),
        [["unwritten-lzf-f4.h5[2]", "none of its time series has been written"]]
      )
    })
  )

  it.effect("reads a virtual dataset, and counts its sources among the files; refuses it where one is gone", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const name of ["virtual-f4.h5", "virtual-part-0.h5", "virtual-part-1.h5"]) {
        yield* Effect.promise(() => copyFile(fixture(name), join(folder, name)))
      }
      const file = join(folder, "virtual-f4.h5")
      const connectome = yield* openHdf5Connectome(file)
      assert.deepStrictEqual(connectome.files, [
        file,
        join(folder, "virtual-part-0.h5"),
        join(folder, "virtual-part-1.h5")
      ])
      const [, , last] = yield* read(connectome)
      assert.strictEqual(last![0], Math.fround(5000 + Math.sin(63)))
      const text = yield* writeHdf5File(folder, "other.h5", fields)
      yield* Effect.promise(() => copyFile(text, join(folder, "virtual-part-1.h5")))
      const other = yield* Effect.flip(openHdf5Connectome(file))
      assert.match(other.message, /virtual-f4\.h5.*virtual-part-1\.h5.*has no dataset `\/?inside\/data`/)
      yield* Effect.promise(() => rm(join(folder, "virtual-part-1.h5")))
      const gone = yield* Effect.flip(openHdf5Connectome(file))
      assert.match(gone.message, /virtual-f4\.h5.*is a virtual dataset, and virtual-part-1\.h5.*is missing/)
    })
  )
})

describe("the space that an HDF5 file says", () => {
  it.effect("may be text of a fixed length, or an array of one; empty text says nothing", () =>
    Effect.gen(function* () {
      for (const name of ["half-f2.h5", "bytes-i1.h5"]) {
        assert.strictEqual((yield* openHdf5Connectome(fixture(name))).space, "MNI152NLin6Asym")
      }
      const folder = yield* temporaryFolder
      const empty = yield* writeHdf5File(folder, "empty.h5", { ...fields, space: "" })
      assert.isUndefined((yield* openHdf5Connectome(empty)).space)
    })
  )

  it.effect("is letters and digits: anything else could lead a map's name out of the output folder", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const space of ["x/../../../../outside/evil", "MNI 152", "a_b", "..", "MNI\u001b[31m"]) {
        const file = yield* writeHdf5File(folder, "evil.h5", { ...fields, space })
        const { message } = yield* Effect.flip(openHdf5Connectome(file))
        assert.include(message, `the attribute \`space\` is ${JSON.stringify(space)}, which is no BIDS label`)
      }
    })
  )
})

describe("the mask of an HDF5 file", () => {
  it.effect("warns where 3 × 3 indices can be read along either axis, and takes the one that fits", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const opened = (name: string, ...indices: ReadonlyArray<number>) =>
        Effect.flatMap(
          writeHdf5File(folder, name, {
            ...fields,
            voxels: 3,
            maskShape: [3, 3, 3],
            maskIndices: { data: Int32Array.from(indices), shape: [3, 3] }
          }),
          (file) => heardWarnings(openHdf5Connectome(file))
        )
      const unclear = yield* opened("unclear.h5", 0, 1, 2, 0, 0, 0, 0, 0, 1)
      assert.deepStrictEqual([...unclear.result.gridIndex], [0, 1, 2 + 9])
      assert.match(unclear.warnings[0]!.found, /3 × 3, and can be read as \(3, voxels\) and as \(voxels, 3\)/)
      // Along the first axis two voxels would be one.
      const clear = yield* opened("clear.h5", 0, 0, 0, 1, 1, 0, 2, 2, 1)
      assert.deepStrictEqual([...clear.result.gridIndex], [0, 1 + 3, 2 + 6 + 9])
      assert.deepStrictEqual(clear.warnings, [])
    })
  )

  it.effect("shows where the time series' axes seem to be in another order", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const refusal = (...shape: ReadonlyArray<number>) =>
        Effect.flatMap(
          writeHdf5File(folder, "turned.h5", { ...fields, timeseries: { data: new Float32Array(96), shape } }),
          (file) => Effect.map(Effect.flip(openHdf5Connectome(file)), ({ message }) => message)
        )
      assert.include(yield* refusal(2, 8, 6), "it seems to be (subjects, voxels, time points)")
      assert.include(yield* refusal(8, 6, 2), "it seems to be (voxels, time points, subjects)")
    })
  )
})

describe("a folder of HDF5 files", () => {
  it.effect("takes .H5 too, passes over hidden files, and warns of files in subfolders", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* writeHdf5File(folder, "A.H5", fields)
      yield* writeHdf5File(folder, "b.h5", fields)
      yield* writeBytes(join(folder, "._b.h5"), "Mac OS X")
      const plain = yield* heardWarnings(openHdf5Connectome(folder))
      assert.deepStrictEqual(plain.result.files, [join(folder, "A.H5"), join(folder, "b.h5")])
      assert.deepStrictEqual(plain.warnings, [])
      yield* Effect.promise(() => mkdir(join(folder, "more.h5")))
      yield* writeHdf5File(join(folder, "more.h5"), "c.h5", fields)
      const { result, warnings } = yield* heardWarnings(openHdf5Connectome(folder))
      assert.strictEqual(result.files.length, 2)
      assert.deepStrictEqual(
        warnings.map(({ file }) => file),
        [join(folder, "more.h5")]
      )
    })
  )

  it.effect("says of a folder without any that its subfolders have some, and of a dangling link that it is one", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* Effect.promise(() => mkdir(join(folder, "below")))
      yield* writeHdf5File(join(folder, "below"), "c.h5", fields)
      const { message } = yield* Effect.flip(openHdf5Connectome(folder))
      assert.include(message, `the folder holds no .h5 file; its subfolders do: ${join(folder, "below")}`)
      yield* Effect.promise(() => symlink("nowhere.h5", join(folder, "link.h5")))
      const dangling = yield* Effect.flip(openHdf5Connectome(folder))
      assert.match(dangling.message, /link\.h5: there is no such file or folder.*a link may point to something/)
    })
  )

  it("says in plain words that a path may not be read", () => {
    const { message } = notReadable("a.h5", Object.assign(new Error("EACCES: …"), { code: "EACCES" }))
    assert.match(message, /a\.h5: it may not be read: permission denied/)
  })

  // Root may read everything.
  it.effect.skipIf(process.getuid?.() === 0)("says that a folder may not be read", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "closed")
      yield* Effect.promise(() => mkdir(folder, { mode: 0 }))
      assert.include((yield* Effect.flip(openHdf5Connectome(folder))).message, "permission denied")
    })
  )
})

// Open files can be listed on Linux only.
describe.skipIf(process.platform !== "linux")("a damaged HDF5 file", () => {
  const openBelow = async (folder: string): Promise<ReadonlyArray<string>> => {
    const targets = (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ""))
    return (await Promise.all(targets)).filter((target) => target.startsWith(folder))
  }

  it.effect(
    "is a typed failure of one line, or read, whichever byte of its structures is wrong; and no file stays open",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const file = join(folder, "damaged.h5")
        const sound = yield* Effect.promise(() => readFile(fixture("shuffled-f4.h5")))
        // At 24 the library aborts, and at 143 it keeps the file open.
        const everywhere = Array.from({ length: Math.ceil(sound.length / 83) }, (_, n) => 83 * n)
        for (const at of [24, 143, ...everywhere]) {
          const bytes = Uint8Array.from(sound)
          bytes[at]! ^= 0x80
          yield* Effect.promise(() => writeFile(file, bytes))
          const outcome = yield* Effect.result(Effect.scoped(Effect.flatMap(openHdf5Connectome(file), read)))
          if (Result.isFailure(outcome)) {
            const { _tag, message } = outcome.failure
            assert.include(["InvalidConnectome", "ConnectomeUnreadable"], _tag)
            assert.notMatch(message, /#0\d\d:|\n/, `byte ${at}`)
          }
          assert.deepStrictEqual(yield* Effect.promise(() => openBelow(folder)), [], `byte ${at}`)
        }
      })
  )
})
