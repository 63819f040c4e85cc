/**
 * What the diagnosis of a group takes beside the permutations of a contrast: `node bench/group/diagnosis.ts [patients]`, one thread, a tile of
 * 4,096 voxels, scaled to 228,000. Compare the ratios: both are measured in turn.
 */
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { compileKernels } from "../../src/kernels/compileKernels.ts"
import { addCentredGram, centredLength, meansOverPatients, mirrorGram } from "../../src/kernels/group/centredGram.ts"
import { contrastBasis } from "../../src/kernels/group/contrastBasis.ts"
import { FastTile } from "../../src/kernels/group/FastTile.ts"
import { componentMaps, leadingComponents } from "../../src/kernels/group/leadingComponents.ts"
import { makePermutations } from "../../src/kernels/group/permutations.ts"
import { residualTile } from "../../src/kernels/group/residualMaps.ts"
import { median } from "../median.ts"

const [patients = 200] = process.argv.slice(2).map(Number)
const [voxels, batch, rounds, wholeVoxels] = [4096, 48, 7, 228_000]

const gaussian = (length: number, stream: number) => {
  const values = new Float32Array(length)
  new Xoshiro128(1, stream).fillGaussian(values)
  return values
}
const maps = gaussian(patients * voxels, 0)
const nuisance = [1, 2, 3].map((stream) => Float64Array.from(gaussian(patients, stream)))
const effect = Float64Array.from({ length: patients }, (_, i) => i % 2)
const blocks = new Int32Array(patients)
const basis = contrastBasis({ effect, nuisance, blocks })!
const permutations = makePermutations([effect, ...nuisance], blocks, { permutations: batch, seed: 1 })

const { module } = await compileKernels({ arithmetic: "fast", vectors: "auto" })
const fast = new FastTile(module, basis, { voxels, permutations: batch, maps: false })
fast.load(residualTile(basis, { maps, rowVoxels: voxels, firstVoxel: 0, voxels }))
fast.permute(permutations, 0, batch)
const [centred, gram] = [new Float64Array(centredLength(patients, voxels)), new Float64Array(patients * patients)]
const found = { counts: new Uint32Array(voxels), maxima: new Float64Array(batch) }
const observed = new Float64Array(voxels).fill(4)

const times = { permutations: [] as Array<number>, gram: [] as Array<number>, maps: [] as Array<number> }
const timed = (of: Array<number>, run: () => unknown) => {
  const start = performance.now()
  run()
  of.push(performance.now() - start)
}
const components = [0, 1, 2].map((k) => ({ vector: Float64Array.from(gaussian(patients, 5 + k)), share: 0 }))
for (let round = 0; round < rounds; round++) {
  timed(times.permutations, () => fast.count(observed, found))
  timed(times.gram, () => addCentredGram(maps, meansOverPatients(maps, voxels), centred, gram))
  timed(times.maps, () => componentMaps(maps, voxels, components))
}
mirrorGram(gram, patients)
const eigen: Array<number> = []
timed(eigen, () => leadingComponents(gram, patients, 3))

const whole = wholeVoxels / voxels / 1000
const permutation = (median(times.permutations) * whole) / batch
const say = (name: string, seconds: number) =>
  console.log(`${name}: ${seconds.toFixed(2)} s, as much as ${Math.round(seconds / permutation)} permutations`)
console.log(`${patients} patients, a permutation ${(1000 * permutation).toFixed(1)} ms`)
say("Gram matrix", median(times.gram) * whole)
say("three components", eigen[0]! / 1000)
say("maps of components", median(times.maps) * whole)
