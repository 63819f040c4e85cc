/**
 * What sums are of, as two SHA-256 in hex. They are made of content only: no path, time, host, number of workers or memory is in them.
 * Sums with equal fingerprints may be added.
 */
export interface Fingerprints {
  /** Of all that decides a subject's z besides the lesions: connectome, method, numerics. */
  readonly study: string
  /** Of the study, and of the lesions' voxels and weights in their order. */
  readonly sums: string
}
