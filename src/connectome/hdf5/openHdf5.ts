/** Opens an HDF5 file within a Scope; what HDF5 and the system throw becomes a typed failure. */
import { Effect, type Scope } from "effect"
import { reasonOf } from "../../files/reasonOf.ts"
import { wordsFor } from "../../files/systemWords.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { notReadable } from "../pathFailures.ts"
import { checkReadable } from "./hdf5Files.ts"
import { type Hdf5File, type Hdf5Library, hdf5Reason, loadHdf5Library } from "./hdf5Library.ts"

/** The failure of a file, from what the HDF5 library threw: what the system says of it, or that it is damaged. */
const damaged = (file: string, problem: string) => (cause: unknown) =>
  wordsFor(cause) !== undefined
    ? notReadable(file, cause)
    : new InvalidConnectome({
        file,
        problem: `${problem}: ${hdf5Reason(cause)}`,
        remedy: "Check that it was copied whole, and that it is HDF5.",
        cause
      })

/** The library of this thread. It is a file of the package, and takes memory of its own. */
const libraryFor = (file: string): Effect.Effect<Hdf5Library, InvalidConnectome> =>
  Effect.tryPromise({
    try: loadHdf5Library,
    catch: (cause) =>
      new InvalidConnectome({
        file,
        problem: `the HDF5 library, which it is read with, cannot be started: ${reasonOf(cause, "reading")}`,
        remedy: "Give the process more memory; where that is no help, install the package again.",
        cause
      })
  })

export const openHdf5 = (path: string): Effect.Effect<Hdf5File, InvalidConnectome, Scope.Scope> =>
  Effect.gen(function* () {
    yield* checkReadable(path)
    const library = yield* libraryFor(path)
    return yield* Effect.acquireRelease(
      Effect.try({ try: () => library.open(path), catch: damaged(path, "this is no readable HDF5 file") }),
      // Closing a damaged file may fail as well; nothing can be done about that.
      (file) => Effect.ignore(Effect.try(file.close))
    )
  })

/** Asks an open file for something; what the library throws on the way is damage to the file. */
export const askHdf5 = <A>(file: Hdf5File, ask: (file: Hdf5File) => A): Effect.Effect<A, InvalidConnectome> =>
  Effect.try({ try: () => ask(file), catch: damaged(file.path, "its HDF5 structures are damaged") })
