/**
 * How a run is cut into parts for many machines: each part is a batch of lesions × a share of the subjects, or several whole batches.
 *
 * Cuts by lesions need no addition, but every batch reads the whole connectome; cuts by subjects read it once, and each share leaves sums
 * of its batch on disk, which the merge reads again. Of all grids that fit, the one is taken that takes the fewest bytes' time on a shared
 * file system. Computing is the same for all of them.
 */
import type { SubjectRange } from "../elements/Chunk.ts"

export interface CutRequest {
  /** Parts that are asked for. */
  readonly parts: number
  readonly lesions: number
  /** Fewest batches with which a batch fits into the memory of a machine. */
  readonly fewestBatches: number
  /** Bytes that are read of each subject, in order. */
  readonly bytesOfSubjects: ReadonlyArray<number>
  /** Bytes of the sums of a lesion, over any number of subjects. */
  readonly sumsBytesPerLesion: number
}

/** What one part computes in one pass. */
export interface Unit {
  /** Number of the part, from 1 on. */
  readonly part: number
  /** Position among the batches. */
  readonly batch: number
  readonly subjects: SubjectRange
}

export interface Cut {
  /** Lesions of each batch: the first, and how many. */
  readonly batches: ReadonlyArray<{ readonly first: number; readonly count: number }>
  readonly units: ReadonlyArray<Unit>
}

/** What a cut costs, in bytes. */
export interface CutCost {
  /** Read of the connectome by the part that reads most. */
  readonly read: number
  /** Sums of all parts on disk. */
  readonly sums: number
}

/** Machines that a file system is taken to serve as fast as one: more share what these have. */
const nodesAtOnce = 8

/** Cuts a run; undefined where there are more parts than lesions × subjects. */
export const cutIntoParts = (request: CutRequest): Cut | undefined => {
  const { parts, lesions, fewestBatches, bytesOfSubjects } = request
  if (parts > lesions * bytesOfSubjects.length) return undefined
  if (parts <= fewestBatches) return wholeBatches(request)
  const most = Math.min(parts, lesions)
  const least = Math.max(fewestBatches, Math.ceil(parts / bytesOfSubjects.length))
  const whole = bytesOfSubjects.reduce((sum, own) => sum + own, 0)
  let best: { readonly cut: Cut; readonly moved: number } | undefined
  for (let batches = least; batches <= most; batches++) {
    const cut = grid(request, batches)
    const { sums } = costOf(request, cut)
    const sideBySide = Math.min(parts, nodesAtOnce)
    // Parts read and write side by side; the merge, which is alone, reads all sums twice.
    const moved = (batches * whole + sums) / sideBySide + 2 * sums
    if (best === undefined || moved < best.moved) best = { cut, moved }
  }
  return best?.cut
}

/** What a cut of the request costs. */
export const costOf = (
  { bytesOfSubjects, sumsBytesPerLesion, parts }: CutRequest,
  { batches, units }: Cut
): CutCost => {
  const read = new Float64Array(parts)
  const upTo = [0]
  for (const bytes of bytesOfSubjects) upTo.push(upTo.at(-1)! + bytes)
  let sums = 0
  for (const { part, batch, subjects } of units) {
    read[part - 1]! += upTo[subjects.first + subjects.count]! - upTo[subjects.first]!
    sums += batches[batch]!.count * sumsBytesPerLesion
  }
  return { read: Math.max(...read), sums }
}

/** No more parts than batches: each has some of them, with all subjects. */
const wholeBatches = ({ parts, lesions, fewestBatches, bytesOfSubjects }: CutRequest): Cut => ({
  batches: evenly(lesions, fewestBatches),
  units: evenly(fewestBatches, parts).flatMap(({ first, count }, part) =>
    Array.from({ length: count }, (_, n) => ({
      part: part + 1,
      batch: first + n,
      subjects: { first: 0, count: bytesOfSubjects.length }
    }))
  )
})

/** So many batches, each with as many shares of the subjects as there are parts for it. */
const grid = ({ parts, lesions, bytesOfSubjects }: CutRequest, batches: number): Cut => ({
  batches: evenly(lesions, batches),
  units: evenly(parts, batches).flatMap(({ first, count }, batch) =>
    shares(bytesOfSubjects, count).map((subjects, n) => ({ part: first + n + 1, batch, subjects }))
  )
})

/** Ranges of a number of things, which differ by one at most. */
const evenly = (things: number, ranges: number): Cut["batches"] =>
  Array.from({ length: ranges }, (_, n) => {
    const first = Math.floor((n * things) / ranges)
    return { first, count: Math.floor(((n + 1) * things) / ranges) - first }
  })

/** Ranges of subjects with about as many bytes each, and one subject at least. */
const shares = (bytes: ReadonlyArray<number>, count: number): ReadonlyArray<SubjectRange> => {
  const total = bytes.reduce((sum, own) => sum + own, 0)
  const ranges: Array<SubjectRange> = []
  let [first, before] = [0, 0]
  for (let share = 0; share < count; share++) {
    const last = share === count - 1
    const mostEnd = bytes.length - (count - share - 1)
    let end = first + 1
    let sum = before + bytes[first]!
    while (end < mostEnd && (last || sum + bytes[end]! / 2 <= (total * (share + 1)) / count)) sum += bytes[end++]!
    ranges.push({ first, count: end - first })
    first = end
    before = sum
  }
  return ranges
}
