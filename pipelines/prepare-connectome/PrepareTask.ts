/** What `prepare-connectome` asks of a worker, as plain messages: to make the chunk files of one subject. */
import type { MaskedGrid } from "../../src/connectome/nifti/maskedTimeSeries.ts"
import type { RawSubject } from "../../src/connectome/RawConnectome.ts"
import type { SubjectEntry } from "../../src/connectome/store/making/storeProgress.ts"
import type { StoreExtent } from "../../src/connectome/store/storeGeometry.ts"

/** What a worker is started with. */
export interface PrepareStart extends MaskedGrid {
  /** The folder of the unfinished store. */
  readonly folder: string
  readonly extent: StoreExtent
}

export interface SubjectTask {
  /** The task's name in messages: "subject sub-01". */
  readonly kind: string
  readonly subject: RawSubject
}

/** How it went. A subject that cannot be used, or a disk that takes no more, is an answer; anything else is a defect. */
export type SubjectDone =
  | { readonly outcome: "stored"; readonly entry: SubjectEntry; readonly seconds: number }
  | { readonly outcome: "bad"; readonly file: string; readonly problem: string }
  | { readonly outcome: "notWritten"; readonly file: string; readonly problem: string }
