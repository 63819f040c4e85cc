/** The witness of group contrasts, `test/witness/group.py`: a study is written to a folder, and what it found is read from there. */
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert } from "@effect/vitest"
import { formingP } from "../../src/kernels/group/groupPolicy.ts"
import type { Permutations } from "../../src/kernels/group/permutations.ts"

const python = "/usr/bin/python3"

export const hasPackages = (() => {
  try {
    execFileSync(python, ["-c", "import numpy, scipy"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
})()

export interface WitnessedStudy {
  readonly effect: Float64Array
  readonly nuisance: ReadonlyArray<Float64Array>
  /** Shape: (patients, voxels). */
  readonly maps: Float32Array
  readonly permutations: Permutations
  readonly elements: ReadonlyArray<number>
  readonly shape: readonly [number, number, number]
  readonly degreesOfFreedom: number
  readonly ranks: boolean
  readonly variance: "equal" | "unequal"
  readonly spatial: boolean
}

/** Writes what the witness reads. */
export const writeWitnessed = (folder: string, study: WitnessedStudy): void => {
  const { effect, nuisance, maps, permutations, ...rest } = study
  const orders = Array.from({ length: permutations.count }, (_, index) => {
    const order = new Int32Array(effect.length)
    permutations.write(index, order)
    return [...order]
  })
  const columns = { effect: [...effect], nuisance: nuisance.map((column) => [...column]) }
  mkdirSync(folder)
  writeFileSync(
    join(folder, "study.json"),
    JSON.stringify({ ...columns, ...rest, orders, formingP, all: permutations.all })
  )
  writeFileSync(join(folder, "maps.f32"), maps)
}

export const runWitness = (folders: ReadonlyArray<string>): void => {
  // Threads of BLAS only wait for each other on matrices of this size.
  const env = { ...process.env, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1" }
  execFileSync(python, [join(import.meta.dirname, "../witness/group.py"), ...folders], { env })
}

/** What the witness found: the statistic as it is and of each permutation, and maps by their names. */
export const readWitness = (folder: string, voxels: number) => {
  const t = new Float64Array(Uint8Array.from(readFileSync(join(folder, "t.f64"))).buffer)
  const found = JSON.parse(readFileSync(join(folder, "found.json"), "utf8")) as Record<string, Array<number>>
  const rows = Array.from({ length: t.length / voxels }, (_, i) => t.subarray(i * voxels, (i + 1) * voxels))
  return { observed: rows[0]!, permuted: rows.slice(1), found }
}

/** Within a tolerance relative to values beyond 1. */
export const assertNear = (
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: number,
  what: string
): void => {
  assert.strictEqual(actual.length, expected.length, what)
  for (let i = 0; i < actual.length; i++) {
    assert.closeTo(actual[i]!, expected[i]!, relative * Math.max(1, Math.abs(expected[i]!)), `${what} ${i}`)
  }
}
