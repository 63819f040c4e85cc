import type { CohortSource } from "./CohortSource.ts"

/** What each worker of a group's analysis is given when it starts. */
export interface GroupStart {
  /** The kernels. */
  readonly module: WebAssembly.Module
  readonly source: CohortSource
}
