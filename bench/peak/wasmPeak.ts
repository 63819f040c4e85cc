/**
 * The peak of 128-bit multiply-adds in WebAssembly, GFLOP/s, a round for each line on standard input: where no C compiler is
 * there for `peakFma.c`.
 *
 *     node bench/peak/wasmPeak.ts
 */
import { readFile } from "node:fs/promises"
import { answerRounds } from "../rounds.ts"

const steps = 1_000_000
const flopAStep = 96
/** V8 swaps optimised code in between calls only. */
const calls = 10

type PeakFma = (steps: number, x: number) => number

const { WebAssembly: engine } = globalThis as unknown as {
  WebAssembly: {
    Memory: new (size: { initial: number; maximum: number; shared: true }) => object
    instantiate: (bytes: Uint8Array, imports: object) => Promise<{ instance: { exports: { peakFma: PeakFma } } }>
  }
}

const bytes = await readFile(new URL("../../src/kernels/assembly/build/peakFma.wasm", import.meta.url))
const memory = new engine.Memory({ initial: 1, maximum: 1, shared: true })
const { peakFma } = (await engine.instantiate(bytes, { env: { memory } })).instance.exports

await answerRounds(() => {
  const start = performance.now()
  for (let call = 0; call < calls; call++) peakFma(steps / calls, 1e-3)
  return { 128: (flopAStep * steps) / 1e6 / (performance.now() - start) }
})
