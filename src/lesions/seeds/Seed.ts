/**
 * A seed without a mask file: a sphere or a point of a table, or a parcel of an atlas. It is a lesion in every other respect.
 *
 * This is what records keep of one beside the name of its file. The voxels of a sphere or a point follow from it alone, whatever becomes
 * of the table; those of a parcel from the atlas and the label.
 */
import { Schema } from "effect"
import type { LesionValues } from "../lesionValues.ts"

/** A place in mm, RAS+, in the connectome's template, also where the table gives it in the other one. */
const Centre = Schema.Tuple([Schema.Finite, Schema.Finite, Schema.Finite])

const Sphere = Schema.Struct({ kind: Schema.Literal("sphere"), centreMm: Centre, radiusMm: Schema.Finite })

const Point = Schema.Struct({ kind: Schema.Literal("point"), centreMm: Centre })

/** A parcel, by its number in the atlas. */
const Parcel = Schema.Struct({ kind: Schema.Literal("parcel"), label: Schema.Int })

export const Seed = Schema.Union([Sphere, Point, Parcel])

export type Seed = typeof Seed.Type

/** A seed that is a place, and is drawn onto a grid. */
export type PlaceSeed = typeof Sphere.Type | typeof Point.Type

export const isPlace = (seed: Seed | undefined): seed is PlaceSeed => seed !== undefined && seed.kind !== "parcel"

/** Which values of a lesion's file are lesion: of a parcel its label, else what the config says. */
export const valuesOf = (seed: Seed | undefined, said: LesionValues): LesionValues =>
  seed?.kind === "parcel" ? { values: [seed.label] } : said

/** What messages call a seed. */
export const nameInMessages = (file: string, name: string): string => `${file}, seed ${name}`

/** A lesion by its file and what tables call it; of a seed `file` is the table or the atlas. */
interface NamedSource {
  readonly file: string
  readonly name: string
  readonly seed?: Seed | undefined
}

/** What messages and warnings call a lesion: its file, and of a seed its name too. */
export const calledOf = ({ file, name, seed }: NamedSource): string =>
  seed === undefined ? file : nameInMessages(file, name)
