/**
 * Makes the demo's data: a synthetic normative connectome of 24 subjects in three HDF5 files and six lesions, with
 * networks that are known, so that `lnm` can be tried, and its maps judged, without downloading anything.
 *
 * Everything follows from one seed. It is a phantom: nothing in it comes from a person.
 */
import { Effect } from "effect"
import { demoSpace, makeDemoBrain } from "./DemoBrain.ts"
import { type DemoData, demoDataIn } from "./DemoData.ts"
import { demoLesions } from "./DemoLesion.ts"
import type { DemoNotWritten } from "./DemoNotWritten.ts"
import { refuseForeignFiles } from "./refuseForeignFiles.ts"
import { writeCohort } from "./writeCohort.ts"
import { writeConnectomePart } from "./writeConnectomePart.ts"
import { writeBytes } from "./writeDemoFile.ts"
import { writeLesions } from "./writeLesions.ts"
import { writeNetworks } from "./writeNetworks.ts"

/** Seed of the demo's connectome. Any other gives another one of the same kind. */
const demoSeed = 20_150_828

/** Subjects in each HDF5 file. */
const subjectsPerPart = 8

/** Time points of a scan: 5 minutes at a repetition time of 3 s. */
const timePoints = 100

/** The one file that is compressed, so that the demo reads both kinds. */
const gzipPart = 1

const marker = {
  madeBy: "lnm demo",
  seed: demoSeed,
  space: demoSpace,
  lesions: demoLesions.map(({ network, participant, side, site }) => ({ participant, network, side, site }))
}

/**
 * Writes the demo's data into `folder`, which is made if it is not there, with the cohort where it is asked for; the demo's own files are
 * written anew.
 *
 * Errors: `DemoNotWritten` where a file that the demo did not make is in the way, or the disk refuses.
 *
 * Memory: the time series of one subject (8 MB) and copies of it inside h5wasm, whatever the number of subjects.
 */
export const writeDemoData = Effect.fn("writeDemoData")(function* (
  folder: string,
  { cohort }: { readonly cohort: boolean }
): Effect.fn.Return<DemoData, DemoNotWritten> {
  const data = demoDataIn(folder)
  yield* refuseForeignFiles(data)
  yield* writeBytes(data.marker, `${JSON.stringify(marker, null, 2)}\n`)
  const brain = makeDemoBrain(demoSeed)
  for (const [index, file] of data.connectomeFiles.entries()) {
    yield* writeConnectomePart({
      file,
      brain,
      seed: demoSeed,
      firstSubject: index * subjectsPerPart,
      subjects: subjectsPerPart,
      timePoints,
      gzip: index === gzipPart
    })
  }
  yield* writeLesions(brain, data.lesions)
  if (cohort) yield* writeCohort(brain, data.cohort)
  yield* writeNetworks(brain, data.networks, data.networksTable)
  return data
})
