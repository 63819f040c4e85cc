/**
 * What a worker of the engine reads of a source that can be read in parts. A part is plain data that only its reader understands.
 *
 * Free of Effect, as is whatever implements it: a worker loads the readers whose parts it is given, and no others.
 */

/**
 * Reads a part of some subjects, and throws where it cannot be read. A reader may keep a file open between calls; calls do not overlap.
 *
 * Shapes: `into[i]` is (time points, voxels) of the part's i-th subject; the part's values are written.
 */
export type ReadBlock = (block: unknown, into: ReadonlyArray<Float32Array>) => void | Promise<void>
