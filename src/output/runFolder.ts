/** `.lnm/` in an output folder: what a run keeps there for itself and the next. None of it is a result, and no manifest lists it. */

export const runFolder = ".lnm"

/** What the lock of an output folder is for; its file lies beside it. */
export const lockedName = `${runFolder}/run`

/** The lesions whose maps are finished, while a run has not ended. */
export const journalName = `${runFolder}/finished.jsonl`

/** Every file that runs keep there, to be removed by one that begins anew. */
export const runFiles: ReadonlyArray<string> = [journalName]

/** Whether a path, relative to the output folder, is one of a run's own files and no result. */
export const isInRunFolder = (relativePath: string): boolean => relativePath.startsWith(`${runFolder}/`)
