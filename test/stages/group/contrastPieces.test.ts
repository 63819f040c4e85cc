import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { contrastBasis } from "../../../src/kernels/group/contrastBasis.ts"
import { KeptPieces } from "../../../src/output/KeptPieces.ts"
import { contrastPieces } from "../../../src/stages/group/contrastPieces.ts"
import type { ContrastData } from "../../../src/stages/group/contrastTile.ts"

const patients = 8

const contrastOf = (ages: ReadonlyArray<number>): ContrastData => ({
  basis: contrastBasis({
    effect: Float64Array.from({ length: patients }, (_, n) => n % 2),
    nuisance: [Float64Array.from(ages)],
    blocks: new Int32Array(patients)
  })!,
  variance: undefined,
  ranks: false,
  arithmetic: "fast",
  kept: Int32Array.from({ length: patients }, (_, n) => n),
  permutations: { all: false, count: 2, distinct: 40_320n },
  table: Uint16Array.from({ length: 2 * patients }, (_, n) => n % patients)
})

/** The fingerprints under which the pieces of contrasts are asked for. */
const fingerprintsOf = (contrasts: ReadonlyArray<readonly [ContrastData, string | undefined]>) =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const kept = yield* KeptPieces
    const listening = {
      ...kept,
      of: (fingerprint: string) => {
        asked.push(fingerprint)
        return kept.of(fingerprint)
      }
    }
    for (const [contrast, content] of contrasts) {
      yield* Effect.provideService(contrastPieces(contrast, content), KeptPieces, listening)
    }
    return asked
  })

describe("the pieces of a contrast", () => {
  it.effect("are known by maps, design, ranks, patients and orders, and by nothing else", () =>
    Effect.gen(function* () {
      const ages = [40, 51, 33, 62, 47, 58, 71, 39]
      const contrast = contrastOf(ages)
      const orders = Uint16Array.from(contrast.table)
      orders[0] = 3
      const others = yield* fingerprintsOf([
        [contrast, "maps"],
        [contrast, "other maps"],
        [contrastOf([...ages.slice(0, 7), 40]), "maps"],
        [{ ...contrast, ranks: true }, "maps"],
        [{ ...contrast, kept: contrast.kept.map((row) => row + 1) }, "maps"],
        [{ ...contrast, table: orders }, "maps"],
        [{ ...contrast, permutations: { ...contrast.permutations, all: true } }, "maps"]
      ])
      assert.strictEqual(new Set(others).size, 7)
      assert.deepStrictEqual(yield* fingerprintsOf([[contrastOf(ages), "maps"]]), [others[0]!])
    })
  )

  it.effect("are not kept where it is not known what the maps hold", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* fingerprintsOf([[contrastOf([1, 5, 2, 8, 3, 9, 4, 7]), undefined]]), [])
    })
  )
})
