/** What decides the sums of a study, as a backend computes them, and their fingerprints: to save them with. */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { averagedRuns } from "../../src/connectome/Connectome.ts"
import type { Fingerprints } from "../../src/elements/Fingerprints.ts"
import { type SeedRegion, weightsOf } from "../../src/elements/SeedRegion.ts"
import type { ChosenBackend } from "../../src/engine/chooseBackend.ts"
import { fractionBitsOf } from "../../src/kernels/numericPolicy.ts"
import { describeStudy, fingerprintSums, subjectsOfFiles } from "../../src/output/fingerprints.ts"
import { fingerprintOf } from "../../src/output/studyDescription.ts"
import type { AnyStage } from "../../src/runtime/Stage.ts"
import type { Study } from "./Study.ts"

/**
 * What decides the sums besides the lesions.
 *
 * @param stages those that make the sums
 *
 * Errors: `InputUnreadable` or `ConnectomeUnreadable` where the connectome cannot be hashed.
 */
export const describeSums = (
  study: Study,
  stages: ReadonlyArray<AnyStage>,
  { backend, arithmetic }: Pick<ChosenBackend, "backend" | "arithmetic">
) => {
  const fused = backend.fuse(stages).some(({ replaces }) => replaces.length > 1 && replaces.includes("reduce"))
  const decides = {
    method: methodOf(study),
    invalid: study.invalid,
    // Pairs of seeds and the degree do not change the other sums; `fingerprintSums` hashes which of them there are.
    stages: stages.filter(({ operation }) => operation?._tag !== "seedMatrix" && operation?._tag !== "degree"),
    arithmetic: fused ? arithmetic : "float64",
    fused,
    fractionBits: fractionBitsOf(study.connectome.subjects.length)
  } as const
  return describeStudy(study.connectome, decides, study.content)
}

/** The fingerprints of the sums of the study's lesions. Parameters and errors: as `describeSums`. */
export const fingerprintsOf = Effect.fn("fingerprintsOf")(function* (...sums: Parameters<typeof describeSums>) {
  const [study] = sums
  const ofStudy = fingerprintOf(yield* describeSums(...sums))
  const fingerprints: Fingerprints = {
    study: ofStudy,
    sums: yield* fingerprintSums(ofStudy, study.lesions, study.pairing?.lesions, study.degree)
  }
  return fingerprints
})

/** All lesions decide each map where their seeds are taken out of it; their order the last digits. */
const hashOfLesions = (lesions: ReadonlyArray<SeedRegion>): string => {
  const hash = createHash("sha256")
  for (const region of lesions) {
    const { voxels } = region
    hash.update(`${voxels.length} `)
    for (const { buffer, byteOffset, byteLength } of [voxels, weightsOf(region)]) {
      hash.update(new Uint8Array(buffer, byteOffset, byteLength))
    }
  }
  return hash.digest("hex")
}

const methodOf = ({ method, pini, partial, connectome }: Study) => ({
  name: method,
  ...pini,
  ...(partial === undefined ? {} : { partial: hashOfLesions(partial.lesions) }),
  ...(connectome.subjects.some((subject) => averagedRuns(subject) !== undefined) ? { runs: "average" as const } : {}),
  ...(pini?.scope === "file" ? { subjectsOfFiles: subjectsOfFiles(connectome) } : {})
})
