/** Opens an HDF5 file within a Scope; what HDF5 throws becomes a typed failure. */
import { Effect, type Scope } from "effect"
import { InvalidConnectome } from "../Connectome.ts"
import { type Hdf5File, hdf5Reason, loadHdf5Library } from "./hdf5Library.ts"

export const openHdf5 = (path: string): Effect.Effect<Hdf5File, InvalidConnectome, Scope.Scope> =>
  Effect.gen(function* () {
    const library = yield* Effect.promise(loadHdf5Library)
    return yield* Effect.acquireRelease(
      Effect.try({
        try: () => library.open(path),
        catch: (cause) =>
          new InvalidConnectome({
            file: path,
            problem: `this is no readable HDF5 file: ${hdf5Reason(cause)}`,
            remedy: "Check that it was copied whole, and that it is HDF5.",
            cause
          })
      }),
      (file) => Effect.sync(file.close)
    )
  })
