/** Preparing a store from gzip NIfTI, against merely inflating the same files with as many processes as workers. */
import { rm, writeFile } from "node:fs/promises"
import path from "node:path"
import type { Bench } from "../competitors.ts"
import { space } from "../dataset.ts"
import { lnmCommand } from "../lnmCommand.ts"
import { capture, type Measured, measure, python } from "../measure.ts"
import { median } from "../median.ts"
import type { Section } from "../report.ts"

/** Scans of the smaller and the larger run; what a process does once falls out of the difference. */
const scans = [4, 12] as const

const script = path.join(import.meta.dirname, "..", "scans.py")

/** Names of the first scans, for a shell and for a config. */
const names = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, scan) => `sub-${String(scan + 1).padStart(4, "0")}_task-rest_bold.nii.gz`)

const gzip = (folder: string, count: number, processes: number): ReadonlyArray<string> => [
  "sh",
  "-c",
  `cd "$0" && printf '%s\\n' "$@" | xargs -P ${processes} -n 1 sh -c 'gzip -dc "$0" >/dev/null'`,
  folder,
  ...names(count)
]

const prepareScans = async (
  bench: Bench,
  folder: string,
  count: number,
  workers: number
): Promise<ReadonlyArray<string>> => {
  const config = path.join(bench.scratch, "prepare.yaml")
  const store = path.join(bench.scratch, "prepared.zarr")
  await rm(store, { recursive: true, force: true })
  const keys = {
    pipeline: "prepare-connectome",
    source: { path: folder, pattern: `{${names(count).join(",")}}`, mask: path.join(folder, "brain_mask.nii.gz") },
    space,
    compute: { workers },
    output: { path: store }
  }
  await writeFile(config, JSON.stringify(keys))
  return [process.execPath, lnmCommand(), "run", config, "--progress", "off"]
}

export const prepare = async (bench: Bench): Promise<Section> => {
  // The fewest that a scan may have are 5.
  const timePoints = bench.workload.name === "full" ? 120 : 5
  const folder = path.join(path.dirname(bench.dataset.folder), `scans-${timePoints}`)
  await capture([python, "-B", script, folder, String(scans[1]), String(timePoints)])
  const runs: Array<{ readonly gzip: ReadonlyArray<Measured>; readonly lnm: ReadonlyArray<Measured> }> = []
  for (let repetition = 0; repetition < bench.workload.repetitions; repetition++) {
    const inflating: Array<Measured> = []
    const preparing: Array<Measured> = []
    for (const count of scans) {
      inflating.push(await measure(bench.scratch, gzip(folder, count, bench.cores)))
      preparing.push(await measure(bench.scratch, await prepareScans(bench, folder, count, bench.cores)))
      bench.log(
        `${count} scans: gzip -dc ${inflating.at(-1)!.wallSeconds.toFixed(2)} s, lnm ${preparing.at(-1)!.wallSeconds.toFixed(2)} s, ` +
          `${Math.round(preparing.at(-1)!.peakBytes / 2 ** 20)} MiB`
      )
    }
    runs.push({ gzip: inflating, lnm: preparing })
  }
  const alone = await measure(bench.scratch, await prepareScans(bench, folder, scans[1], 1))
  await rm(path.join(bench.scratch, "prepared.zarr"), { recursive: true, force: true })
  const cost = ([fewer, more]: ReadonlyArray<Measured>) =>
    (more!.wallSeconds - fewer!.wallSeconds) / (scans[1] - scans[0])
  const share = median(runs.map((run) => cost(run.gzip) / cost(run.lnm)))
  const peak = Math.max(...runs.flatMap((run) => run.lnm.map(({ peakBytes }) => peakBytes)))
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
  const seconds = (kind: "gzip" | "lnm") => median(runs.map((run) => cost(run[kind]))).toFixed(2)
  return {
    title: "Preparing a store from gzip NIfTI, and merely inflating",
    columns: ["", "seconds a scan", "peak memory"],
    rows: [
      [`gzip -dc, ${bench.cores} processes`, seconds("gzip"), ""],
      [`lnm run (prepare-connectome), ${bench.cores} workers`, seconds("lnm"), mebibytes(peak)],
      ["lnm run (prepare-connectome), 1 worker", (alone.wallSeconds / scans[1]).toFixed(2), mebibytes(alone.peakBytes)]
    ],
    notes: [
      `Scans of 91 × 109 × 91 voxels, 285,000 of them in the mask, and ${timePoints} time points, float32, files in the page cache; int16.`,
      `Cost a scan from whole processes with ${scans.join(" and ")} scans; with one worker from one of ${scans[1]}, its start included.`
    ],
    targets: [
      {
        what: "preparing from gzip NIfTI: share of the speed of gzip -dc",
        measured: 100 * share,
        bound: "at least",
        required: 70,
        unit: " %",
        digits: 0
      },
      {
        what: "peak memory a worker, preparing a scan of GSP1000's size",
        measured: peak / bench.cores / 2 ** 20,
        bound: "at most",
        required: 300,
        unit: " MiB",
        digits: 0
      },
      {
        what: "the same with one worker, process included",
        measured: alone.peakBytes / 2 ** 20,
        bound: "at most",
        required: 300,
        unit: " MiB",
        digits: 0
      }
    ],
    raw: { runs, alone }
  }
}
