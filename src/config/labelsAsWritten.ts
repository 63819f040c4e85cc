/**
 * Labels of BIDS names as they stand in the config: YAML reads `001` as the number 1, and the participant is sub-001.
 *
 * The YAML parser keeps the source text of each scalar. Under keys whose values are labels, this text replaces numbers and truth
 * values.
 */
import { type Document, isScalar, isSeq } from "yaml"

/** Keys of the config whose values are labels, or lists of them. */
const labelKeys = [...["participant", "session", "label"].map((key) => ["lesions", key]), ["connectome", "subjects"]]

/**
 * Turns what was written without quotes into text, in place.
 *
 * @param above keys below which the document's content stands: `lesions.participant` for the value of a `--set`
 */
export const keepLabelsAsWritten = (document: Document, above: ReadonlyArray<string> = []): void => {
  for (const keys of labelKeys) {
    if (!above.every((key, depth) => keys[depth] === key)) continue
    const value = document.getIn(keys.slice(above.length), true)
    for (const scalar of isSeq(value) ? value.items : [value]) asWritten(scalar)
  }
}

const asWritten = (node: unknown): void => {
  if (!isScalar(node) || node.source === undefined) return
  if (typeof node.value === "number" || typeof node.value === "bigint" || typeof node.value === "boolean") {
    node.value = node.source
  }
}
