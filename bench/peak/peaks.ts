/**
 * The processor's peak of float32 multiply-adds at each vector width, on one core and on all at once: what shares are shares of.
 * Measured by `peakFma.c`, which is compiled here, or in WebAssembly where there is no compiler (128 bits only).
 */
import path from "node:path"
import { CommandFailed, capture } from "../measure.ts"
import { median } from "../median.ts"
import { interleaveRounds, type Readings, type RoundsProcess, startRounds } from "../rounds.ts"

/** Widths of vectors, bits. */
export const widths = [128, 256, 512] as const
export type Width = (typeof widths)[number]

/** GFLOP/s by width; a width that the processor lacks is missing. */
export type Peak = Readonly<Partial<Record<Width, number>>>

export interface Peaks {
  /** The command of a rounds process that measures a core's peak. */
  readonly command: ReadonlyArray<string>
  readonly measuredBy: "C" | "WebAssembly"
  readonly oneCore: Peak
  /** All cores at once, together. */
  readonly allCores: Peak
}

const rounds = 60

/** Compiles the program into a folder; undefined where that cannot be done or run here. */
const compile = async (folder: string): Promise<ReadonlyArray<string> | undefined> => {
  const program = path.join(folder, "peakFma")
  const source = path.join(import.meta.dirname, "peakFma.c")
  try {
    await capture([process.env.CC ?? "cc", "-O3", "-ffp-contract=fast", "-o", program, source])
    await using trial = startRounds([program])
    await trial.round()
    return [program]
  } catch (error) {
    if (error instanceof CommandFailed || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw error
  }
}

const wasmCommand = [process.execPath, path.join(import.meta.dirname, "wasmPeak.ts")]

/** @param folder for the compiled program */
export const measurePeaks = async (folder: string, cores: number): Promise<Peaks> => {
  const compiled = await compile(folder)
  const command = compiled ?? wasmCommand
  return {
    command,
    measuredBy: compiled === undefined ? "WebAssembly" : "C",
    oneCore: await measurePeak(command, 1),
    allCores: await measurePeak(command, cores)
  }
}

const measurePeak = async (command: ReadonlyArray<string>, cores: number): Promise<Peak> => {
  await using stack = new AsyncDisposableStack()
  const processes = Array.from({ length: cores }, (): RoundsProcess => stack.use(startRounds(command)))
  const [group] = await interleaveRounds([processes], rounds)
  return bestOf(group!)
}

/** Of the cores together, the best round. */
const bestOf = (cores: ReadonlyArray<ReadonlyArray<Readings>>): Peak => {
  const sums = cores[0]!.map(
    (_, round) => (width: Width) => cores.reduce((sum, readings) => sum + readings[round]![width]!, 0)
  )
  return byWidth(cores[0]![0]!, (width) => Math.max(...sums.map((sumAt) => sumAt(width))))
}

/** A value for each width that readings are of. */
const byWidth = (readings: Readings, value: (width: Width) => number): Peak =>
  Object.fromEntries(widths.filter((width) => readings[width] !== undefined).map((width) => [width, value(width)]))

/** The median of a core's rounds. */
export const peakOf = (readings: ReadonlyArray<Readings>): Peak =>
  byWidth(readings[0]!, (width) => median(readings.map((reading) => reading[width]!)))

/** A rate as shares of a peak, in words: "41 / 21 / 10 %". */
export const sharesInWords = (gigaflops: number, peak: Peak): string =>
  `${Object.values(peak)
    .map((most) => ((100 * gigaflops) / most).toFixed(0))
    .join(" / ")} %`

/** What the shares of `sharesInWords` are of: "128 / 256 / 512 bits". */
export const widthsInWords = (peak: Peak): string => `${Object.keys(peak).join(" / ")} bits`

export const peakInWords = (peak: Peak): string =>
  Object.entries(peak)
    .map(([width, gigaflops]) => `${gigaflops.toFixed(0)} at ${width} bits`)
    .join(", ")
