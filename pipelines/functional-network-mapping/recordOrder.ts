/** The order of the lesions of several runs, and what tables call them: as in one run over all of them. */
import path from "node:path"
import { byCodePoint } from "../../src/imaging/walkFolder.ts"
import { nameLesions, sameOnDisk } from "../../src/lesions/lesionNames.ts"
import type { LesionRecord } from "../../src/output/LesionRecord.ts"
import { mapsOfLesion } from "./outputFiles.ts"
import type { Study } from "./Study.ts"

/**
 * Orders what there is of each lesion.
 *
 * @param locations `lesions.path`; undefined where all lesions are the study's own, whose order and names are right
 */
export const orderRecords = <A extends { readonly record: LesionRecord }>(
  all: ReadonlyArray<A>,
  study: Study,
  locations: ReadonlyArray<string> | undefined
): ReadonlyArray<A> => {
  if (locations === undefined) {
    const positions = new Map(study.lesions.map((lesion, n) => [sameOnDisk(mapsOfLesion(lesion, study)), n]))
    return all.toSorted((a, b) => positions.get(sameOnDisk(a.record.maps))! - positions.get(sameOnDisk(b.record.maps))!)
  }
  const placeOf = (file: string): number => {
    const place = locations.findIndex((location) => file === location || file.startsWith(`${location}${path.sep}`))
    return place < 0 ? locations.length : place
  }
  const sorted = all.toSorted((a, b) => {
    const [one, other] = [a.record.file.path, b.record.file.path]
    return placeOf(one) - placeOf(other) || byCodePoint(one, other)
  })
  if (new Set(sorted.map(({ record }) => record.name)).size === sorted.length) return sorted
  const found = sorted.map(({ record }) => {
    const file = record.file.path
    return { file, location: locations[placeOf(file)] ?? path.dirname(file) }
  })
  const names = nameLesions(found).map(({ name }) => name)
  return sorted.map((one, n) => ({ ...one, record: { ...one.record, name: names[n]! } }))
}
