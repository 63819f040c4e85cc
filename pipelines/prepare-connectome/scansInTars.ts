/** Tars of NIfTI scans, as GSP1000's are: subjects are told by the names of their files, and the voxels are those of a brain mask. */
import { Effect } from "effect"
import { fitMask, placeMask, readBrainMask } from "../../src/connectome/nifti/brainMask.ts"
import { groupScans } from "../../src/connectome/nifti/scanGroups.ts"
import { openRawConnectome } from "../../src/connectome/openRawConnectome.ts"
import type { RunsOption } from "../../src/connectome/Source.ts"
import { listTar, type TarMember } from "../../src/fetch/tar/tarMembers.ts"
import { makeFilePattern } from "../../src/imaging/FilePattern.ts"
import { LoadingMemory, makeLoadingMemory } from "../../src/imaging/loadingMemory.ts"
import { byCodePoint } from "../../src/imaging/walkFolder.ts"
import { type Tar, type TarContent, TarUnusable, unusable } from "./TarContent.ts"
import { fingerprintIn, membersByName, type TarSubject } from "./tarSubjects.ts"

export interface ScansInTars {
  /** Which members are scans, a glob pattern. */
  readonly pattern: string
  readonly mask: string
  readonly runs: RunsOption
  readonly memoryLimitBytes: number
}

export const scansInTars = ({ pattern, mask, runs, memoryLimitBytes }: ScansInTars): TarContent => {
  const loading = Effect.provideService(LoadingMemory, makeLoadingMemory(memoryLimitBytes))
  return {
    subjectsOf: Effect.fnUntraced(function* (tar: Tar) {
      const members = yield* Effect.tryPromise({
        try: (signal) => listTar(tar.file, signal),
        catch: (cause) => unusable(tar, cause)
      })
      const subjects = subjectsIn(members, pattern, runs)
      if (subjects.length > 0) return { subjects, missing: [] }
      const problem = `none of its ${members.length} files matches ${pattern}`
      return yield* new TarUnusable({ file: tar.file, problem })
    }),
    open: (_, folder) => openRawConnectome({ path: folder, pattern, mask }, runs).pipe(loading),
    listed: Effect.undefined,
    voxelsOf: ({ grid }) => Effect.flatMap(readBrainMask(mask), (given) => fitMask(given, [grid])).pipe(loading),
    fits: (store, { grid }) => placeMask({ file: "", ...store }, grid).kind === "placed"
  }
}

/** Groups the scans among the members of a tar, as those of a folder are. */
export const subjectsIn = (
  members: ReadonlyArray<TarMember>,
  pattern: string,
  runs: RunsOption
): ReadonlyArray<TarSubject> => {
  const { matches } = makeFilePattern(pattern)
  const byName = membersByName(members.filter(({ name }) => matches(name)))
  const names = [...byName.keys()].sort(byCodePoint)
  return groupScans(
    "/",
    names.map((name) => `/${name}`),
    runs
  ).map(({ id, files }) => {
    const scans = files.map((file) => byName.get(file.slice(1))!)
    const sources = scans.map(({ name }) => name)
    return { id, sources, members: sources, fingerprint: fingerprintIn(scans) }
  })
}
