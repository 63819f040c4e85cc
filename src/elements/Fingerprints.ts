/**
 * Two SHA-256 in hex that identify what sums were computed from. They are made of content only: no path, time, host, number of
 * workers or memory is in them. Sums with equal fingerprints may be added.
 */
export interface Fingerprints {
  /** Hash of all that decides a subject's z besides the lesions: connectome, method, numerics. */
  readonly study: string
  /** Hash of the study's fingerprint, and of the lesions' voxels and weights in their order. */
  readonly sums: string
}
