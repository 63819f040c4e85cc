/**
 * Takes the time stamps out of an HDF5 file of the demo: the second at which the library made each data set.
 *
 * HDF5 can leave them out (H5Pset_obj_track_times), but h5wasm does not pass that on. The files have object headers of version 1,
 * without checksums, so that a time of 0 can be written over each.
 *
 * Source: HDF5 File Format Specification, version 3.0, IV.A.2.s, "Object Modification Time Message"
 */
import { closeSync, openSync, writeSync } from "node:fs"
import { FileBytes, memberHeader, messageAddress, messageTypes, rootHeader } from "../connectome/hdf5/hdf5Format.ts"

/** Version and three reserved bytes come before the seconds. */
const secondsOffset = 4

/** Sets the times of data sets in the root group to 0. Throws where the file cannot be written, or is laid out otherwise. */
export const removeTimes = (file: string, datasets: ReadonlyArray<string>): void => {
  const descriptor = openSync(file, "r+")
  try {
    const bytes = new FileBytes(descriptor)
    const root = rootHeader(bytes)
    for (const name of datasets) {
      const header = root === undefined ? undefined : memberHeader(bytes, root, name)
      const time = header === undefined ? undefined : messageAddress(bytes, header, messageTypes.modificationTime)
      if (time === undefined) throw new Error(`${name} has no time stamp where HDF5 puts it`)
      writeSync(descriptor, new Uint8Array(4), 0, 4, time + secondsOffset)
    }
  } finally {
    closeSync(descriptor)
  }
}
