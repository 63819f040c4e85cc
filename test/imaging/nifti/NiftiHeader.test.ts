import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type DatatypeName, datatypes } from "../../../src/imaging/nifti/NiftiDatatype.ts"
import { readNiftiHeader, volumeBytesOf, volumesOf } from "../../../src/imaging/nifti/NiftiHeader.ts"
import { type NiftiFields, niftiBytes, temporaryFile, temporaryFolder } from "../../support/niftiBytes.ts"

const sform = [-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72]
const dims = [3, 4, 5]

const headerOf = (fields: NiftiFields, name = "volume.nii") =>
  temporaryFile(name, niftiBytes(fields)).pipe(Effect.flatMap(readNiftiHeader))

/** The message of a failure, or "" where there is none. */
const refusal = (bytes: Uint8Array | string, name = "volume.nii") =>
  temporaryFile(name, bytes).pipe(
    Effect.flatMap(readNiftiHeader),
    Effect.match({ onFailure: (error) => error.message, onSuccess: () => "" })
  )

describe("readNiftiHeader", () => {
  for (const version of [1, 2] as const) {
    for (const littleEndian of [true, false]) {
      const byteOrder = littleEndian ? "little" : "big"
      it.effect(`reads every datatype of NIfTI-${version}, ${byteOrder}-endian`, () =>
        Effect.gen(function* () {
          for (const name of Object.keys(datatypes) as ReadonlyArray<DatatypeName>) {
            const header = yield* headerOf({ version, littleEndian, datatype: name, dims: [3, 4, 5, 6], sform })
            assert.strictEqual(header.version, version)
            assert.strictEqual(header.littleEndian, littleEndian)
            assert.strictEqual(header.datatype, name)
            assert.strictEqual(header.bytesPerVoxel, datatypes[name].bytesPerVoxel)
            assert.deepStrictEqual(header.dims, [3, 4, 5, 6])
            assert.deepStrictEqual(header.grid, { shape: [3, 4, 5], affine: [...sform, 0, 0, 0, 1] })
            assert.strictEqual(header.voxOffset, version === 1 ? 352 : 544)
            assert.strictEqual(volumesOf(header), 6)
            assert.strictEqual(volumeBytesOf(header), 60 * header.bytesPerVoxel)
          }
        }).pipe(Effect.scoped)
      )
    }
  }

  it.effect("tells gzip from the bytes, not from the name", () =>
    Effect.gen(function* () {
      const bytes = niftiBytes({ dims, sform })
      const plain = yield* readNiftiHeader(yield* temporaryFile("plain.nii.gz", bytes))
      const compressed = yield* readNiftiHeader(yield* temporaryFile("compressed.nii", gzipSync(bytes)))
      assert.isFalse(plain.gzip)
      assert.isTrue(compressed.gzip)
      assert.deepStrictEqual(compressed.grid, plain.grid)
    }).pipe(Effect.scoped)
  )

  it.effect("reads a header that is spread over several members of a gzip file", () =>
    Effect.gen(function* () {
      const bytes = niftiBytes({ dims, sform })
      const members = Buffer.concat([gzipSync(bytes.subarray(0, 100)), gzipSync(bytes.subarray(100))])
      const header = yield* readNiftiHeader(yield* temporaryFile("members.nii.gz", members))
      assert.deepStrictEqual(header.dims, dims)
    }).pipe(Effect.scoped)
  )

  it.effect("drops dimensions of 1 at the end, and fills up to three", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* headerOf({ dims: [3, 4, 5, 1, 1] })).dims, [3, 4, 5])
      assert.deepStrictEqual((yield* headerOf({ dims: [3, 4, 5, 1, 2] })).dims, [3, 4, 5, 1, 2])
      assert.deepStrictEqual((yield* headerOf({ dims: [3, 4] })).dims, [3, 4, 1])
      assert.deepStrictEqual((yield* headerOf({ dims: [3, 1, 1] })).dims, [3, 1, 1])
    }).pipe(Effect.scoped)
  )

  it.effect("takes the sform first, even where the qform's code is larger", () =>
    Effect.gen(function* () {
      for (const version of [1, 2] as const) {
        const both = { version, dims, sform, qformCode: 4, quaternion: [0, 0, 0], qoffset: [1, 2, 3] }
        const { grid } = yield* headerOf({ ...both, sformCode: 1 })
        assert.deepStrictEqual(grid.affine.slice(0, 12), sform)
        const qform = yield* headerOf({ ...both, sformCode: 0 })
        assert.deepStrictEqual(qform.grid.affine.slice(0, 12), [2, 0, 0, 1, 0, 2, 0, 2, 0, 0, 2, 3])
      }
    }).pipe(Effect.scoped)
  )

  it.effect("turns a qform by its quaternion and flips the third axis where qfac is -1", () =>
    Effect.gen(function* () {
      const half = Math.SQRT1_2
      for (const version of [1, 2] as const) {
        const quarter = yield* headerOf({
          ...{ version, dims, qformCode: 1, quaternion: [0, 0, half], qoffset: [10, 20, 30] },
          pixdim: [-1, 1, 2, 3]
        })
        const expected = [0, -2, 0, 10, 1, 0, 0, 20, 0, 0, -3, 30]
        for (const [n, value] of expected.entries()) assert.closeTo(quarter.grid.affine[n]!, value, 1e-6)
        // By 180 degrees about y, where the fourth component of the quaternion is 0 and rounding could make it NaN.
        const turned = yield* headerOf({
          version,
          dims,
          qformCode: 1,
          quaternion: [0, 1.00000001, 0],
          pixdim: [1, 1, 2, 3]
        })
        const turn = [-1, 0, 0, 0, 0, 2, 0, 0, 0, 0, -3, 0]
        for (const [n, value] of turn.entries()) assert.closeTo(turned.grid.affine[n]!, value, 1e-6)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a file that does not say where it lies, whatever its voxel sizes and its unused forms are", () =>
    Effect.gen(function* () {
      for (const version of [1, 2] as const) {
        for (const unused of [{}, { sform, sformCode: 0 }, { quaternion: [0, 0, 1], qoffset: [7, 8, 9] }]) {
          const message = yield* refusal(niftiBytes({ version, dims, qformCode: 0, ...unused }))
          assert.include(message, "neither its sform nor its qform is set")
          assert.include(message, "fslcpgeom")
        }
      }
    }).pipe(Effect.scoped)
  )

  it.effect(
    "keeps the qform's affine where it puts a corner of the volume more than 0.1 mm away from the sform's",
    () =>
      Effect.gen(function* () {
        const both = {
          dims: [3, 4, 201],
          sform: [2, 0, 0, 5, 0, 2, 0, 6, 0, 0, 2, 7],
          qformCode: 1,
          qoffset: [5, 6, 7]
        }
        // 200 voxels away from the first, 0.0004 mm a voxel are 0.08 mm, and 0.0006 are 0.12.
        assert.isUndefined((yield* headerOf({ ...both, pixdim: [1, 2, 2, 2.0004] })).otherAffine)
        const stretched = yield* headerOf({ ...both, pixdim: [1, 2, 2, 2.0006] })
        assert.closeTo(stretched.otherAffine![10]!, 2.0006, 1e-6)
        assert.strictEqual(stretched.grid.affine[10], 2)
        assert.isUndefined((yield* headerOf({ ...both, qoffset: [5.09, 6, 7] })).otherAffine)
        assert.isDefined((yield* headerOf({ ...both, qoffset: [5.11, 6, 7] })).otherAffine)
        assert.isDefined((yield* headerOf({ ...both, qoffset: [Number.NaN, 6, 7] })).otherAffine)
        assert.isUndefined((yield* headerOf({ ...both, qoffset: [50, 6, 7], qformCode: 0 })).otherAffine)
        assert.isUndefined((yield* headerOf({ dims, qformCode: 1, qoffset: [50, 6, 7] })).otherAffine)
      }).pipe(Effect.scoped)
  )

  it.effect("takes a slope of 0 or NaN for no scaling", () =>
    Effect.gen(function* () {
      const scaling = (slope: number, inter: number) =>
        headerOf({ dims, slope, inter }).pipe(Effect.map((header) => [header.slope, header.inter]))
      assert.deepStrictEqual(yield* scaling(0, 5), [1, 0])
      assert.deepStrictEqual(yield* scaling(Number.NaN, Number.NaN), [1, 0])
      assert.deepStrictEqual(yield* scaling(0.5, -3), [0.5, -3])
      assert.include(yield* refusal(niftiBytes({ dims, slope: 2, inter: Number.NaN })), "intercept")
    }).pipe(Effect.scoped)
  )

  it.effect("passes over header extensions, damaged ones too", () =>
    Effect.gen(function* () {
      const bytes = niftiBytes({ dims, voxOffset: 416 })
      bytes[348] = 1
      bytes.fill(0xff, 352, 416)
      const header = yield* readNiftiHeader(yield* temporaryFile("extended.nii", bytes))
      assert.strictEqual(header.voxOffset, 416)
    }).pipe(Effect.scoped)
  )

  it.effect("says of a damaged or foreign file what is wrong with it", () =>
    Effect.gen(function* () {
      const whole = niftiBytes({ dims })
      assert.include(yield* refusal(""), "the file is empty")
      assert.include(yield* refusal("not an image\n".repeat(100), "text.nii.gz"), "not a NIfTI file")
      assert.include(yield* refusal("ab"), "ends inside its header, after 2 bytes")
      assert.include(yield* refusal(whole.subarray(0, 200)), "ends inside its header, after 200 bytes")
      assert.include(yield* refusal(whole.subarray(0, 352)), "promises 592 bytes, it has 352")
      assert.include(yield* refusal(whole.subarray(0, 591)), "promises 592 bytes, it has 591")
      assert.include(yield* refusal(niftiBytes({ dims, magic: "ni1" })), ".hdr/.img pair")
      assert.include(yield* refusal(niftiBytes({ version: 2, dims, magic: "ni2" })), ".hdr/.img pair")
      assert.include(yield* refusal(niftiBytes({ dims, magic: "\0\0\0" })), "ANALYZE")
      assert.include(yield* refusal(niftiBytes({ dims: [3, 0, 5] })), "not 1 to 7 positive numbers")
      assert.include(yield* refusal(niftiBytes({ dims: [3, -4, 5] })), "not 1 to 7 positive numbers")
      assert.include(yield* refusal(niftiBytes({ dims, dimCount: 0 })), "not 1 to 7 positive numbers")
      assert.include(yield* refusal(niftiBytes({ dims, dimCount: 9 })), "not 1 to 7 positive numbers")
      assert.include(yield* refusal(niftiBytes({ dims, voxOffset: 0 })), "voxels start at byte 0")
      assert.include(
        yield* refusal(niftiBytes({ dims, sform: [...sform.slice(0, 8), 0, 0, 0, 0] })),
        "its sform [-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 0, 0] cannot be inverted"
      )
      assert.include(yield* refusal(niftiBytes({ dims, sform: sform.with(5, Number.NaN) })), "its sform [")
      assert.include(yield* refusal(niftiBytes({ dims, pixdim: [1, 0, 2, 2] })), "its qform [")
    }).pipe(Effect.scoped)
  )

  it.effect("names the datatypes that it does not read", () =>
    Effect.gen(function* () {
      const names = { 0: "unknown", 1: "binary", 32: "complex64", 128: "RGB24", 2304: "RGBA32", 77: "code 77" }
      for (const [code, name] of Object.entries(names)) {
        const message = yield* refusal(niftiBytes({ dims, datatypeCode: Number(code) }))
        assert.include(message, `type ${name} are not supported`)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("says of damaged gzip data what is wrong with it", () =>
    Effect.gen(function* () {
      const compressed = gzipSync(niftiBytes({ dims, sform }))
      assert.include(yield* refusal(compressed.subarray(0, 5)), "ends inside its header")
      assert.include(yield* refusal(compressed.subarray(0, 20)), "ends inside its header")
      const damaged = Uint8Array.from(compressed).fill(0xff, 10, 60)
      assert.include(yield* refusal(damaged), "damaged gzip data")
      assert.include(yield* refusal(gzipSync("text")), "not a NIfTI file")
    }).pipe(Effect.scoped)
  )

  it.effect("refuses dimensions that no gzip file of that size can hold", () =>
    Effect.gen(function* () {
      const header = niftiBytes({ dims: [1000, 1000, 1000], stored: [] })
      assert.include(yield* refusal(gzipSync(header)), "of gzip cannot hold that")
    }).pipe(Effect.scoped)
  )

  it.effect("says whether a path is missing or a folder", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const missing = yield* Effect.flip(readNiftiHeader(join(folder, "none.nii")))
      assert.include(missing.message, "no such file")
      assert.include(missing.message, join(folder, "none.nii"))
      assert.include((yield* Effect.flip(readNiftiHeader(folder))).message, "is a folder")
    }).pipe(Effect.scoped)
  )
})
