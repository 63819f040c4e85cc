/** Where the parts of a run and the scripts of its jobs lie in an output folder. */
import path from "node:path"
import { runFolder } from "../output/runFolder.ts"

export const partsFolder = (output: string): string => path.join(output, runFolder, "parts")

export const cutFile = (output: string): string => path.join(partsFolder(output), "cut.json")

/** What the headers of the connectome's files say, as the first part has read them. */
export const headersFile = (output: string): string => path.join(partsFolder(output), "headers.bin")

/** The path that a part's lock is of. */
export const partLock = (output: string, part: number): string => path.join(partsFolder(output), `part-${part}`)

/** Scripts and logs of jobs. */
export const jobsFolder = (output: string): string => path.join(output, runFolder, "slurm")

export const partLog = (output: string, part: number): string => path.join(jobsFolder(output), `parts-${part}.log`)

export const mergeLog = (output: string): string => path.join(jobsFolder(output), "merge.log")
