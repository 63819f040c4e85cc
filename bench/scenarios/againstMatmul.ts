/** What a subject of the headline job costs, against peer (a), NumPy with BLAS: with its fastest kernels, and with those of 256 bits. */
import { type Bench, type Competitor, haswell, lnm, matmul, matmulThreads } from "../competitors.ts"
import { type Contender, compareCosts, ratio } from "../costs.ts"
import { costColumns, costRow, sharesOfPeak } from "../costTable.ts"
import { type Storage, storageName } from "../dataset.ts"
import { median } from "../median.ts"
import { has512Bits, type OpenBlas } from "../openblas.ts"
import type { Section, Target } from "../report.ts"

/** How many times as fast `lnm` must be. */
interface Bounds {
  readonly matmul: number
  readonly threads: number
}

const plainBounds = (kernels: "512" | "256"): Bounds =>
  kernels === "512" ? { matmul: 2.5, threads: 1.5 } : { matmul: 3, threads: 2.2 }

const boundsOf = (storage: Storage, kernels: "512" | "256"): Bounds =>
  storage === "plain" ? plainBounds(kernels) : { matmul: 1.5, threads: 1.5 }

interface Peer {
  readonly competitor: Competitor
  readonly required: number
}

const peersOf = (storage: Storage, { fastest, haswell: has256 }: OpenBlas): ReadonlyArray<Peer> => {
  const bounds = boundsOf(storage, has512Bits(fastest) ? "512" : "256")
  const withFastest = [
    { competitor: matmul, required: bounds.matmul },
    { competitor: matmulThreads, required: bounds.threads }
  ]
  // Where inflating counts as much as the product, slower kernels say nothing new.
  if (storage !== "plain" || has256 === undefined || !has512Bits(fastest)) return withFastest
  const slower = boundsOf(storage, "256")
  return [
    ...withFastest,
    { competitor: haswell.matmul, required: slower.matmul },
    { competitor: haswell.matmulThreads, required: slower.threads }
  ]
}

export const againstMatmul = async (bench: Bench, storage: "plain" | "gzip"): Promise<Section> => {
  const { lesions, subjects, repetitions } = bench.workload
  // One map suffices: what is written once says nothing about the cost of a subject, but its time varies.
  const job = (count: number) => ({ storage, subjects: count, lesions, maps: ["r"] })
  const jobs = [job(subjects[0]), job(subjects[1])] as const
  const peers = peersOf(storage, bench.openBlas)
  const competitors = [lnm(), ...peers.map(({ competitor }) => competitor)]
  const contenders = competitors.map((competitor): Contender => ({ competitor, jobs }))
  const costs = await compareCosts(bench, contenders, repetitions)
  const ours = costs[0]!
  const ofPeak = sharesOfPeak(bench, jobs[1], median(ours.wallSeconds))
  return {
    title: `${lesions} lesions, ${storageName[storage]}`,
    columns: costColumns(bench),
    rows: costs.map((each) => costRow(bench, ours, each)),
    notes: [
      "Cost a subject from whole processes with fewer and with more subjects that write the map of r; its correlations are the share of the peak.",
      `NumPy with ${bench.openBlas.fastest.core} kernels where nothing else is said.`
    ],
    targets: [
      ...peers.map(
        ({ competitor, required }, i): Target => ({
          what: `${storageName[storage]}: speed against ${competitor.name}`,
          measured: ratio(ours, costs[i + 1]!),
          bound: "at least",
          required,
          unit: "×",
          ofPeak
        })
      )
    ],
    raw: costs
  }
}
