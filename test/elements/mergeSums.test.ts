import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { type ConnectivitySums, noSums } from "../../src/elements/ConnectivitySums.ts"
import type { CoveredSubjects } from "../../src/elements/coveredSubjects.ts"
import { mergeSums } from "../../src/elements/mergeSums.ts"
import type { SeedRegion } from "../../src/elements/SeedRegion.ts"
import { withFingerprints } from "../../src/elements/SumsMismatch.ts"
import { fractionBits, fractionBitsOfFew } from "../../src/kernels/fixedPoint.ts"
import { Backend } from "../../src/runtime/Backend.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { memoryConnectome, spreadRegions, weighted } from "../support/memoryConnectome.ts"
import { inRows, partitionsOf, sumsLayer, sumsOver } from "../support/runSums.ts"

const [subjects, voxels, lesions] = [9, 131, 7]
const source = memoryConnectome({
  subjects,
  timePoints: [40, 40, 41, 40, 40, 40, 39, 40, 30],
  voxels,
  deadVoxels: [7],
  replaced: [{ subject: 2, timePoint: 5, voxel: 14, value: Number.NaN }]
})
const regions: ReadonlyArray<SeedRegion> = weighted(spreadRegions(lesions, voxels))
const everyone = Array.from({ length: subjects }, (_, subject) => subject)

/** On the backend that is provided. */
const mapsOn = (sums: ConnectivitySums) =>
  Effect.map(
    Stream.runCollect(
      Pipeline.stream(Pipeline.make("maps", statistics({ fdrAlpha: 0.05, tThreshold: 2 })), Stream.make(sums))
    ),
    (maps) => [...maps]
  )

const mapsOf = (sums: ConnectivitySums) => Effect.provide(mapsOn(sums), Backend.layerPlain)

/** Merges two of the sums after another, as the numbers say, until one is left. */
const mergeInOrder = Effect.fnUntraced(function* (
  parts: ReadonlyArray<ConnectivitySums>,
  choices: ReadonlyArray<number>
) {
  const left = [...parts]
  for (let n = 0; left.length > 1; n++) {
    const take = () => left.splice(choices[n % choices.length]! % left.length, 1)[0]!
    left.push(yield* mergeSums(take(), take()))
  }
  return left[0]!
})

const small = fc.record({
  values: fc.array(fc.bigInt({ min: -(2n ** 58n), max: 2n ** 58n }), { minLength: 12, maxLength: 12 }),
  pairs: fc.array(fc.bigInt({ min: -(2n ** 58n), max: 2n ** 58n }), { minLength: 4, maxLength: 4 }),
  degree: fc.array(fc.bigInt({ min: -(2n ** 58n), max: 2n ** 58n }), { minLength: 3, maxLength: 3 }),
  shares: fc.array(fc.bigInt({ min: 0n, max: 2n ** 50n }), { minLength: 2, maxLength: 2 }),
  invalidVoxels: fc.nat(100),
  invalidSeeds: fc.array(fc.nat(9), { minLength: 2, maxLength: 2 })
})

const fingerprints = { study: "a".repeat(64), sums: "b".repeat(64) }

const sumsFrom = (
  given: typeof small extends fc.Arbitrary<infer A> ? A : never,
  covered: CoveredSubjects
): ConnectivitySums => ({
  ...noSums({ lesions: 2, voxels: 3, fractionBits, fingerprints }),
  ...given,
  covered,
  subjects: covered.reduce((sum, { count }) => sum + count, 0),
  values: BigInt64Array.from(given.values),
  pairs: { seeds: 2, sumZ: BigInt64Array.from(given.pairs) },
  degree: BigInt64Array.from(given.degree),
  shares: BigInt64Array.from(given.shares),
  invalidSeeds: Uint32Array.from(given.invalidSeeds)
})

/** To which of three each of twelve subjects belongs. */
const owners = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 12, maxLength: 12 })

/** The subjects that belong to one, as ranges. */
const rangesOf = (owned: ReadonlyArray<number>, owner: number): CoveredSubjects =>
  owned.flatMap((one, first) => {
    if (one !== owner || owned[first - 1] === owner) return []
    const end = owned.findIndex((other, at) => at > first && other !== owner)
    return [{ first, count: (end < 0 ? owned.length : end) - first }]
  })

describe("mergeSums", () => {
  it("is associative and commutative, ranges and pairs and all, and nothing changes where sums over no subject are added", () =>
    fc.assert(
      fc.asyncProperty(small, small, small, owners, (one, two, three, owned) =>
        Effect.gen(function* () {
          const [a, b, c] = [one, two, three].map((given, owner) => sumsFrom(given, rangesOf(owned, owner))) as [
            ConnectivitySums,
            ConnectivitySums,
            ConnectivitySums
          ]
          assert.deepStrictEqual(yield* mergeSums(a, b), yield* mergeSums(b, a))
          const all = yield* mergeSums(yield* mergeSums(a, b), c)
          assert.deepStrictEqual(all, yield* mergeSums(a, yield* mergeSums(b, c)))
          assert.deepStrictEqual(all.covered, [{ first: 0, count: 12 }])
          assert.strictEqual(all.subjects, 12)
          assert.deepStrictEqual(yield* mergeSums(a, noSums(a)), a)
        }).pipe(Effect.runPromise)
      ),
      { seed: 1 }
    ))

  it.effect("refuses sums of another shape, unit, pairs, study or lesions, and says in what they differ", () =>
    Effect.gen(function* () {
      const sums = noSums({ lesions: 2, voxels: 3, fractionBits, fingerprints })
      for (const [other, difference, one, two] of [
        [{ ...sums, lesions: 3 }, "lesions", "2", "3"],
        [{ ...sums, voxels: 4 }, "voxels", "3", "4"],
        [{ ...sums, fractionBits: fractionBitsOfFew }, "fractionBits", "40", "52"],
        [{ ...sums, pairs: { seeds: 2, sumZ: new BigInt64Array(4) } }, "pairs", "none", "2"],
        [{ ...sums, degree: new BigInt64Array(3) }, "degree", "none", "there"],
        [{ ...sums, shares: new BigInt64Array(2) }, "shares", "none", "2"],
        [
          { ...sums, fingerprints: { ...fingerprints, study: "c".repeat(64) } },
          "study",
          "a".repeat(64),
          "c".repeat(64)
        ],
        [{ ...sums, fingerprints: { ...fingerprints, sums: "c".repeat(64) } }, "sums", "b".repeat(64), "c".repeat(64)],
        [{ ...sums, fingerprints: undefined }, "study", "a".repeat(64), "none"]
      ] as const) {
        const error = yield* Effect.flip(mergeSums(sums, other))
        assert.strictEqual(error._tag, "SumsMismatch")
        assert.deepInclude(error, { difference, one, other: two })
        assert.include(error.message, `${one} in one and ${two} in the other`)
      }
    })
  )

  it.effect("refuses sums over the same subjects, and says which these are", () =>
    Effect.gen(function* () {
      const over = (...covered: CoveredSubjects): ConnectivitySums => ({
        ...noSums({ lesions: 2, voxels: 3, fractionBits }),
        covered
      })
      const one = over({ first: 0, count: 10 }, { first: 20, count: 5 }, { first: 40, count: 1 })
      const other = over({ first: 8, count: 14 }, { first: 24, count: 20 })
      const error = yield* Effect.flip(mergeSums(one, other))
      assert.strictEqual(error._tag, "OverlappingSubjects")
      assert.deepInclude(error, {
        overlap: [
          { first: 8, count: 2 },
          { first: 20, count: 2 },
          { first: 24, count: 1 },
          { first: 40, count: 1 }
        ]
      })
      assert.include(error.message, "subjects 8–9, 20–21, 24, 40 are in both")
    })
  )

  it.effect("refuses more subjects than the unit has room for", () =>
    Effect.gen(function* () {
      const sums = noSums({ lesions: 2, voxels: 3, fractionBits })
      const over = (subjects: number, first: number) => ({ ...sums, subjects, covered: [{ first, count: subjects }] })
      assert.strictEqual((yield* mergeSums(over(50_000, 0), over(50_000, 50_000))).subjects, 100_000)
      const error = yield* Effect.flip(mergeSums(over(90_000, 0), over(90_000, 90_000)))
      assert.strictEqual(error._tag, "TooManySubjects")
      assert.include(error.message, "180000")
    })
  )

  for (const [name, runs, workers] of [
    ["by the plain stages", 25, fc.constant(0)],
    ["on the engine", 6, fc.integer({ min: 1, max: 3 })]
  ] as const) {
    it(`${name}: any partition, order of subjects and of merging gives the same sums and maps`, async () => {
      const whole = await Effect.runPromise(
        sumsOver(source, regions, everyone, { workers: name === "on the engine" ? 1 : 0, paired: true })
      )
      assert.deepStrictEqual(whole.covered, [{ first: 0, count: subjects }])
      const maps = await Effect.runPromise(mapsOf(whole))
      await fc.assert(
        fc.asyncProperty(
          partitionsOf(subjects),
          fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
          workers,
          fc.integer({ min: 1, max: 4 }),
          (parts, choices, workers, subjectsPerChunk) =>
            Effect.gen(function* () {
              const sums = yield* Effect.forEach(parts, (part) =>
                sumsOver(source, regions, part, { workers, subjectsPerChunk, paired: true })
              )
              const merged = yield* inRows(yield* mergeInOrder(sums, choices))
              assert.deepStrictEqual(merged, whole)
              assert.deepStrictEqual(yield* mapsOf(merged), maps)
            }).pipe(Effect.runPromise)
        ),
        { seed: 2, numRuns: runs }
      )
    })
  }

  it.live(
    "subjects in reverse order give the same sums and maps, and workers make the same maps of sums that lie elsewhere",
    () =>
      Effect.gen(function* () {
        const forth = yield* sumsOver(source, regions, everyone, { workers: 2, subjectsPerChunk: 3 })
        const back = yield* sumsOver(source, regions, everyone.toReversed(), { workers: 2, subjectsPerChunk: 2 })
        assert.deepStrictEqual(back, forth)
        assert.notDeepEqual(forth.values, (yield* sumsOver(source, regions, everyone)).values)
        const maps = yield* mapsOf(forth)
        const onEngine = mapsOn(forth).pipe(Effect.provide(sumsLayer(source, regions, { workers: 2 })))
        assert.deepStrictEqual(yield* onEngine, maps)
      })
  )
})

describe("withFingerprints", () => {
  it.effect("gives them to sums that have none, and refuses where sums have others", () =>
    Effect.gen(function* () {
      const sums = noSums({ lesions: 1, voxels: 1, fractionBits })
      const attached = yield* withFingerprints(sums, fingerprints)
      assert.deepStrictEqual(attached, { ...sums, fingerprints })
      assert.deepStrictEqual(yield* withFingerprints(attached, fingerprints), attached)
      const error = yield* Effect.flip(withFingerprints(attached, { ...fingerprints, study: "0".repeat(64) }))
      assert.deepInclude(error, { _tag: "SumsMismatch", difference: "study" })
    })
  )
})
