import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readNiftiHeader } from "../../../src/imaging/nifti/NiftiHeader.ts"
import { readVolume } from "../../../src/imaging/nifti/readVolume.ts"
import { readVolumeHere } from "../../../src/imaging/nifti/readVolumeHere.ts"
import { niftiBytes, temporaryFile } from "../../support/niftiBytes.ts"

/** Numbers that compress badly, so that a file cut short has lost voxels. */
const noise = Array.from({ length: 1000 }, (_, n) => Math.sin(n * n))
const image = niftiBytes({ datatype: "float32", dims: [10, 10, 10], stored: noise, slope: 2, inter: 1 })

/** Whether the content is read with the header of another, and the values. */
const readAs = (name: string, content: Uint8Array, headerOf = content) =>
  Effect.gen(function* () {
    const header = yield* Effect.flatMap(temporaryFile(name, headerOf), readNiftiHeader)
    const file = yield* temporaryFile(name, content)
    const values = new Float64Array(1000)
    return { read: readVolumeHere({ ...header, file }, values), values, file }
  })

describe("readVolumeHere", () => {
  it.effect("gives what readVolume gives, gzip or not, also where something follows the voxels", () =>
    Effect.gen(function* () {
      const longer = Buffer.concat([image, Buffer.alloc(1000)])
      for (const [name, content] of [
        ["map.nii", image],
        ["map.nii.gz", gzipSync(image)],
        ["map.nii", longer],
        ["map.nii.gz", gzipSync(longer)]
      ] as const) {
        const { read, values, file } = yield* readAs(name, content)
        assert.isTrue(read)
        assert.deepStrictEqual(values, (yield* readVolume(file)).values)
        assert.closeTo(values[7]!, 1 + 2 * Math.sin(49), 1e-6)
      }
    })
  )

  it.effect("reads no file that is missing, cut short, damaged, or of another size than its header was read with", () =>
    Effect.gen(function* () {
      const packed = gzipSync(image)
      const damaged = Uint8Array.from(packed)
      damaged[damaged.length - 6]! ^= 1
      const cut = packed.subarray(0, packed.length - 100)
      for (const [content, headerOf] of [
        [cut, cut],
        [damaged, packed],
        [packed, cut],
        [cut, packed]
      ] as const) {
        assert.isFalse((yield* readAs("map.nii.gz", content, headerOf)).read)
      }
      const header = yield* Effect.flatMap(temporaryFile("map.nii", image), readNiftiHeader)
      assert.isFalse(readVolumeHere({ ...header, file: "/nowhere/map.nii" }, new Float64Array(1000)))
    })
  )
})
