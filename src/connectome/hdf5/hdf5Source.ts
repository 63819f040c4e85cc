/** HDF5 as a source: a file, or a folder of files. Whatever no other source takes is meant to be HDF5. */
import { readdir, stat } from "node:fs/promises"
import { Effect } from "effect"
import { formatBytes } from "../../runtime/Plan.ts"
import { InvalidConnectome, type Subject } from "../Connectome.ts"
import { withSubjects } from "../chosenSubjects.ts"
import { onPath } from "../pathFailures.ts"
import type { RawRun } from "../RawConnectome.ts"
import type { ConnectomeLocation, Facts, Source } from "../Source.ts"
import { chosenOf } from "../subjectChoice.ts"
import { type Hdf5Connectome, openHdf5Connectome } from "./Hdf5Connectome.ts"
import { isHdf5 } from "./hdf5Files.ts"
import { openRawHdf5 } from "./rawHdf5.ts"

/** Subjects without data that a message names; more are counted. */
const mostNamed = 8

/** A connectome of the chosen subjects, of which every one has data, as far as the files' structures tell. */
const openWrittenHdf5 = Effect.fnUntraced(function* ({ path, choose }: ConnectomeLocation) {
  const whole = yield* openHdf5Connectome(path)
  const positions = yield* chosenOf(
    choose,
    whole.subjects.map(({ id }) => id)
  )
  const connectome = withSubjects(whole, positions)
  const taken = new Set(positions)
  const chosenAmong = (subjects: ReadonlyArray<Subject>) => subjects.filter(({ index }) => taken.has(index))
  const [unwritten, incomplete] = [chosenAmong(whole.unwritten), chosenAmong(whole.incomplete)]
  const missing = unwritten.length > 0 ? unwritten : incomplete
  if (missing.length === 0) return connectome
  const rest = missing.length > mostNamed ? ` and ${missing.length - mostNamed} more` : ""
  const named = missing.slice(0, mostNamed).map(({ id }) => id)
  const state =
    missing === unwritten
      ? "are empty, of which no time series has been written"
      : "are incomplete, of which only a part of the time series has been written"
  return yield* new InvalidConnectome({
    file: missing[0]!.file,
    problem: `${missing.length} subject(s) ${state}: ${named.join(", ")}${rest}`,
    remedy: "Write them, or choose the others by connectome.subjects."
  })
})

const isHere = (path: string): Effect.Effect<boolean, InvalidConnectome> =>
  onPath(path, async () => ((await stat(path)).isDirectory() ? (await readdir(path)).some(isHdf5) : isHdf5(path)))

const factsOf = (connectome: Hdf5Connectome): Facts => {
  const times = connectome.subjects.map(({ timePoints }) => timePoints)
  return {
    kind: "connectome (HDF5)",
    path: connectome.path,
    files: connectome.files.length,
    subjects: connectome.subjects.length,
    ...(connectome.unwritten.length > 0 ? { empty_subjects: connectome.unwritten.map(({ id }) => id) } : {}),
    ...(connectome.incomplete.length > 0 ? { incomplete_subjects: connectome.incomplete.map(({ id }) => id) } : {}),
    time_points: [...new Set(times)].sort((a, b) => a - b),
    voxels: connectome.voxels,
    storage: connectome.storage,
    size: formatBytes(connectome.bytesToRead),
    space: connectome.space ?? "not said; give connectome.space",
    grid_shape: connectome.grid.shape,
    affine: connectome.grid.affine
  }
}

/** A run is a row of its file. */
const readRun = ({ file, place }: RawRun, into: Float32Array) =>
  Effect.scoped(Effect.flatMap(openHdf5Connectome(file), ({ read }) => read(place as number, [into])))

export const source: Source = {
  isNamedBy: () => Effect.succeed(true),
  open: openWrittenHdf5,
  raw: { open: ({ path }) => openRawHdf5(path), read: (run, _, into) => readRun(run, into) },
  inspect: (path) =>
    Effect.flatMap(isHere(path), (here) => (here ? Effect.map(openHdf5Connectome(path), factsOf) : Effect.undefined))
}
