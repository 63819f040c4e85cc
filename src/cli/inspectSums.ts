/** What `lnm inspect` says of a file of sums or of correlations, and `--check`: all of it read and held against its checksum. */
import { Effect } from "effect"
import { countSubjects, formatSubjects } from "../elements/coveredSubjects.ts"
import { openArrayFile } from "../output/readArrayFile.ts"
import { type CorrelationsHeader, correlationsFile } from "../output/savedCorrelations.ts"
import { rangesOf } from "../output/savedHeader.ts"
import { type SumsHeader, sumsFile } from "../output/savedSums.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { checking, running } from "./CommandFailed.ts"

type Header = SumsHeader | CorrelationsHeader

/** Facts of a file. Fails where it is truncated or its header damaged; with `check`, where any byte of it has changed. */
export const inspectSums = Effect.fn("inspectSums")(function* (location: string, check: boolean) {
  const {
    file,
    header,
    bytes,
    check: checkAll
  } = yield* checking(openArrayFile<Header>(location, [sumsFile, correlationsFile]))
  if (check) yield* running(checkAll)
  const { kind, lesions, covered, fingerprints } = header
  const { ranges } = rangesOf(covered)
  return {
    kind,
    path: file,
    subjects: countSubjects(ranges),
    subjects_covered: formatSubjects(ranges),
    lesions,
    ...(header.kind === "connectivity sums"
      ? {
          voxels: header.voxels,
          seed_pairs: header.paired_seeds === null ? "none" : `of ${header.paired_seeds} lesions`,
          degree: header.degree ? "summed" : "none",
          fraction_bits: header.fraction_bits,
          invalid_voxels: header.invalid_voxels
        }
      : { lesion_voxels: header.lesion_voxels, subjects_of_connectome: header.subjects }),
    fingerprint_of_study: fingerprints.study,
    fingerprint_of_sums: fingerprints.sums,
    size: formatBytes(bytes),
    ...(check ? { checked: "all as it was written" } : {})
  }
})
