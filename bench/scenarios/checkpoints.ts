/**
 * What checkpoints cost at the interval that a run chooses: a whole brain from gzip files on one worker, so that the run is long enough for
 * several. The seconds are those in which nothing else went on, as the manifest has them.
 */
import { type Bench, type Job, lastManifest, lnm, runJob } from "../competitors.ts"
import { provideDataset } from "../dataset.ts"
import type { Section } from "../report.ts"

/** The most that they may take of a run's time, in percent, and how many there must be for that to mean anything. */
const requiredPercent = 2
const fewest = 3

export const checkpoints = async (bench: Bench): Promise<Section> => {
  const { lesions, wholeBrain, checkpointSubjects: subjects } = bench.workload
  const parameters = { ...wholeBrain, gzip: true }
  const dataset = await provideDataset(`${bench.dataset.folder}-whole-brain-gzip`, parameters)
  const here: Bench = { ...bench, dataset }
  const job: Job = { storage: "gzip", subjects, lesions, maps: ["r"] }
  const { wallSeconds } = await runJob(here, lnm({ compute: { workers: 1 } }), job)
  const { written, seconds } = (await lastManifest(here)).checkpoints ?? { written: 0, seconds: 0 }
  const percent = (100 * seconds) / wallSeconds
  const gigabytes = (16 * lesions * parameters.voxels) / 1e9
  return {
    title: `Checkpoints: ${lesions} lesions × ${parameters.voxels} voxels × ${subjects} subjects, gzip HDF5, one worker`,
    columns: ["s", "checkpoints", "GB each", "s of them", "% of the time"],
    rows: [[wallSeconds.toFixed(1), String(written), gigabytes.toFixed(2), seconds.toFixed(2), percent.toFixed(2)]],
    notes: ["One run, whole process. While a checkpoint is written nothing else goes on."],
    targets: [
      { what: "checkpoints written", measured: written, bound: "at least", required: fewest, digits: 0 },
      { what: "their share of the time", measured: percent, bound: "at most", required: requiredPercent, unit: " %" }
    ],
    raw: { wallSeconds, written, seconds }
  }
}
