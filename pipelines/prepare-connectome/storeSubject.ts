/** The part of `prepare-connectome` that runs in each worker: from a subject's scan to its chunk files. */
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { quantise } from "../../src/stages/prepare/Quantise.ts"
import { readScan } from "../../src/stages/prepare/ReadScan.ts"
import { standardise } from "../../src/stages/prepare/Standardise.ts"
import { writeSubject } from "../../src/stages/prepare/WriteSubject.ts"
import type { PrepareStart } from "./PrepareTask.ts"

/** @param readingBytes what the reader holds beside the time series, for the plan */
export const storeSubject = ({ folder, extent, gridIndex }: PrepareStart, readingBytes = 0) =>
  Pipeline.make("prepare-connectome", readScan({ gridIndex, timePoints: extent.timePoints, readingBytes })).pipe(
    Pipeline.through(standardise(extent)),
    Pipeline.through(quantise(extent)),
    Pipeline.through(writeSubject(folder, extent))
  )
