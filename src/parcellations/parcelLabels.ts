/**
 * The names of an atlas's parcels: what a reader of label files gives, and how it fails.
 *
 * `labels/` has the readers, one file a layout; `loadParcellation` joins their names to the atlas's image.
 */
import { Schema } from "effect"
import { printable } from "../runtime/printable.ts"

/** The number and the name of a parcel. */
export interface ParcelLabel {
  /** The number in the label image; of a probabilistic atlas, the volumes' order follows it. */
  readonly index: number
  readonly name: string
}

/** A label file cannot be understood for certain, or does not fit its atlas. */
export class InvalidParcelLabels extends Schema.TaggedError<InvalidParcelLabels>()("InvalidParcelLabels", {
  file: Schema.String,
  problem: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return printable(`${this.file}: ${this.problem}. ${this.remedy}.`)
  }
}

/** The atlas whose labels the names are for. */
export interface AtlasImage {
  readonly file: string
  readonly kind: "labels" | "probabilistic"
  /** Labels that the image holds, ascending and without 0; of a probabilistic atlas the volumes' numbers, from 1 on. */
  readonly indices: ReadonlyArray<number>
}
