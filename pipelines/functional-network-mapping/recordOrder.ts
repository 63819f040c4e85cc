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
 * @param locations `lesions.path`, and the files of seeds; undefined where all lesions are the study's own, whose order and names are right
 */
export const orderRecords = <A extends { readonly record: LesionRecord }>(
  all: ReadonlyArray<A>,
  study: Study,
  locations: ReadonlyArray<string> | undefined
): ReadonlyArray<A> => {
  const positions = new Map(study.lesions.map((lesion, n) => [sameOnDisk(mapsOfLesion(lesion, study)), n]))
  const positionOf = ({ record }: A): number => positions.get(sameOnDisk(record.maps)) ?? positions.size
  if (locations === undefined) return all.toSorted((a, b) => positionOf(a) - positionOf(b))
  const placeOf = (file: string): number => {
    const place = locations.findIndex((location) => file === location || file.startsWith(`${location}${path.sep}`))
    return place < 0 ? locations.length : place
  }
  const sorted = all.toSorted((a, b) => {
    const [one, other] = [a.record.file.path, b.record.file.path]
    // Seeds of one file have its order; those that are no longer in it come last.
    return placeOf(one) - placeOf(other) || byCodePoint(one, other) || positionOf(a) - positionOf(b)
  })
  if (new Set(sorted.map(({ record }) => record.name)).size === sorted.length) return sorted
  const masks = sorted.filter(({ record }) => record.seed === undefined)
  const found = masks.map(({ record }) => {
    const file = record.file.path
    return { file, location: locations[placeOf(file)] ?? path.dirname(file) }
  })
  const names = new Map(nameLesions(found).map(({ name }, n) => [masks[n]!, name]))
  return sorted.map((one) => ({ ...one, record: { ...one.record, name: names.get(one) ?? one.record.name } }))
}
