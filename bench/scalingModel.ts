/**
 * A model of a run in parts: what the slowest part and the merge take.
 *
 * All nodes read one file system, whose bandwidth they share; a part reads and computes at the same time, so that the slower of the two
 * counts. The cut is the one that runs make (`cutIntoParts`).
 */
import { costOf, cutIntoParts } from "../src/cluster/cutIntoParts.ts"

export interface Job {
  readonly subjects: number
  readonly voxels: number
  readonly timePoints: number
  readonly lesions: number
  /** Maps of a lesion. */
  readonly maps: number
  readonly parts: number
  /** Bytes of a subject on the disk. */
  readonly bytesPerSubject: number
}

export interface Cluster {
  /** Parts that run side by side. */
  readonly nodes: number
  readonly cores: number
  /** Of the file system, for all nodes together. */
  readonly bytesPerSecond: number
}

export interface Constants {
  /** Of a subject, whatever the lesions: reading, standardising, the degree. */
  readonly coreSecondsPerVoxelPoint: number
  /** Of each lesion more. */
  readonly coreSecondsPerLesionVoxelPoint: number
  /** To start and to open the inputs. */
  readonly startSeconds: number
  /** To add sums, make statistics and write maps. */
  readonly coreSecondsPerMapVoxel: number
}

/** Lesions that fit into the memory of a node of so many cores, with 4 GB a core: 16 B a lesion and voxel are most of it. */
const lesionsThatFit = ({ voxels }: Job, { cores }: Cluster): number =>
  Math.max(1, Math.floor((0.8 * 4e9 * Math.max(2, cores)) / (16 * voxels)))

export const foretell = (job: Job, cluster: Cluster, constants: Constants) => {
  const { subjects, voxels, timePoints, lesions, maps, parts, bytesPerSubject } = job
  const { nodes, cores, bytesPerSecond } = cluster
  const request = {
    parts,
    lesions,
    fewestBatches: Math.ceil(lesions / lesionsThatFit(job, cluster)),
    bytesOfSubjects: new Array<number>(subjects).fill(bytesPerSubject),
    sumsBytesPerLesion: 16 * voxels
  }
  const cut = cutIntoParts(request)!
  const { read, sums } = costOf(request, cut)
  const own = new Float64Array(parts)
  for (const { part, batch, subjects: share } of cut.units) {
    const perPoint =
      constants.coreSecondsPerVoxelPoint + cut.batches[batch]!.count * constants.coreSecondsPerLesionVoxelPoint
    own[part - 1]! += share.count * voxels * timePoints * perPoint
  }
  const ownBandwidth = bytesPerSecond / Math.min(nodes, parts)
  const computing = Math.max(...own) / cores
  const reading = read / ownBandwidth
  const writing = sums / parts / ownBandwidth
  const part = {
    seconds: constants.startSeconds + Math.max(computing, reading) + writing,
    reading,
    computing
  }
  const merge = {
    // Sums are read twice: checked, then added.
    seconds:
      constants.startSeconds +
      (2 * sums) / bytesPerSecond +
      (lesions * maps * voxels * constants.coreSecondsPerMapVoxel) / cores
  }
  return { part, merge, sumsBytes: sums }
}
