/**
 * Speed of the WebAssembly kernels with vectors of 128 and of 256 bits, and its share of the processor's peak at each width that it
 * has. Kernels and the peak take turns, round by round; shares are medians over the rounds.
 */
import path from "node:path"
import type { VectorBits } from "../../src/kernels/WasmKernels.ts"
import { median, spread } from "../median.ts"
import { type Peak, type Peaks, peakOf, type Width, widths } from "../peak/peaks.ts"
import { interleaveRounds, type Readings, startRounds } from "../rounds.ts"
import { lesions, timePoints, voxels } from "./headlineBuffers.ts"

const kernelCommand = [process.execPath, path.join(import.meta.dirname, "kernelRounds.ts")]

const gigaFlopASubject = (2 * lesions * timePoints * voxels) / 1e9

/** Kernels that do the product, of which a rate means something. */
const doesProduct = (name: string): boolean => /product|correlateAndReduce|fusedTile/.test(name)

export interface Kernel {
  readonly name: string
  readonly vectors: VectorBits
  /** A subject, median over rounds. */
  readonly milliseconds: number
  /** In words: the least to the most. */
  readonly spread: string
  /** GFLOP/s of the product, and percent of the peak by width; undefined where the kernel does no product. */
  readonly rate: number | undefined
  readonly shares: Peak | undefined
}

export interface KernelRun {
  /** Of one core. */
  readonly peak: Peak
  readonly kernels: ReadonlyArray<Kernel>
}

/** Measures on so many cores at once; one run a core. */
export const measureKernels = async (
  { command }: Peaks,
  cores: number,
  rounds: number
): Promise<ReadonlyArray<KernelRun>> => {
  await using stack = new AsyncDisposableStack()
  const groups = [command, kernelCommand].map((each) =>
    Array.from({ length: cores }, () => stack.use(startRounds(each)))
  )
  const [peaks, kernels] = await interleaveRounds(groups, rounds)
  return peaks!.map((peakRounds, core) => ({
    peak: peakOf(peakRounds),
    kernels: kernelsOf(kernels![core]!, peakRounds)
  }))
}

const kernelsOf = (rounds: ReadonlyArray<Readings>, peakRounds: ReadonlyArray<Readings>): ReadonlyArray<Kernel> =>
  Object.keys(rounds[0]!).map((reading) => {
    const times = rounds.map((readings) => readings[reading]!)
    const [, bits, name] = /^(\d+) (.+)$/.exec(reading)!
    const measured = {
      name: name!,
      vectors: Number(bits) as VectorBits,
      milliseconds: median(times),
      spread: spread(times, 2)
    }
    if (!doesProduct(measured.name)) return { ...measured, rate: undefined, shares: undefined }
    const rates = times.map((milliseconds) => (1000 * gigaFlopASubject) / milliseconds)
    const shareOf = (peakWidth: Width) => median(rates.map((rate, i) => (100 * rate) / peakRounds[i]![peakWidth]!))
    const present = widths.filter((peakWidth) => peakRounds[0]![peakWidth] !== undefined)
    return {
      ...measured,
      rate: median(rates),
      shares: Object.fromEntries(present.map((peakWidth) => [peakWidth, shareOf(peakWidth)]))
    }
  })
