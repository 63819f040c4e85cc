/**
 * A run needs more than the 4 GiB that the engine can address, however little memory it is cut down to. Says which key of the config
 * helps; where none does, that not even one subject fits.
 */
import { Schema } from "effect"

/** The smallest pass needs more memory than the engine can address. Nothing was computed. */
export class EngineExceeded extends Schema.TaggedError<EngineExceeded>()("EngineExceeded", {
  neededBytes: Schema.Number,
  /** Lesions, and subjects a chunk, of the smallest pass that was tried. */
  lesions: Schema.Int,
  subjectsPerChunk: Schema.Int,
  timePoints: Schema.Int,
  voxels: Schema.Int,
  /** Bytes of a subject in the engine's memory. */
  subjectBytes: Schema.Number,
  /** The key whose value is too large, or the connectome itself. */
  key: Schema.Literals([
    "compute.subjects_per_chunk",
    "lesions.batch_size",
    "compute.workers",
    "statistics.matrix",
    "connectome.path"
  ]),
  /** The largest value of the key that fits; 0 where it is no number. */
  fitting: Schema.Int,
  /** Whether a store with `precision: int16` would fit. */
  fitsAsIntegers: Schema.Boolean
}) {
  override get message(): string {
    return `${this.key}: ${this.#what} need ${inGiB(this.neededBytes)}, but the engine can address 4 GiB. ${this.#remedy}`
  }

  get #what(): string {
    const { key, lesions, subjectsPerChunk } = this
    if (key === "lesions.batch_size") return `${lesions} lesion(s) a pass`
    if (key === "compute.subjects_per_chunk")
      return `${subjectsPerChunk} subjects a chunk and ${lesions} lesion(s) a pass`
    if (key === "compute.workers")
      return `what each worker holds, one subject (${this.#subject}) and ${lesions} lesion(s)`
    if (key === "statistics.matrix") return `all lesions with one another, and one subject (${this.#subject})`
    return `one subject (${this.#subject}) and ${lesions} lesion(s)`
  }

  get #remedy(): string {
    if (this.key === "statistics.matrix") return "Set it to false, or map fewer lesions."
    if (this.key === "compute.workers") return `Set it to ${this.fitting} or fewer.`
    if (this.key !== "connectome.path") return `Set it to ${this.fitting} or fewer, or to auto.`
    return this.fitsAsIntegers
      ? "Make a store of it with `pipeline: prepare-connectome` and `precision: int16`, which takes half of that."
      : "Use fewer time points: parts of the scans, or each run as a subject of its own."
  }

  get #subject(): string {
    const { timePoints, voxels, subjectBytes } = this
    const values = timePoints * voxels
    const perValue = Math.round(subjectBytes / values)
    return `${numberOf(timePoints)} time points × ${numberOf(voxels)} voxels × ${perValue} B = ${inGiB(subjectBytes)}`
  }
}

const inGiB = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`

const numberOf = (count: number): string => count.toLocaleString("en-US")
