/**
 * The template space that a file's name says, held against the connectome's.
 *
 * Nothing in a NIfTI file says which template it lies in; only its name does. A file that says another space is refused; one that
 * says none is taken to lie in the connectome's, with a warning where lesions are concerned, since raw scans and the masks drawn
 * on them carry no `space-` and lie in the patient's own.
 *
 * Source: BIDS 1.10, "space-" and "tpl-", https://bids-specification.readthedocs.io
 */
import { basename } from "node:path"
import { Schema } from "effect"
import type { Warning } from "../runtime/Warnings.ts"
import { entityOf, parseBidsName } from "./BidsName.ts"

/** The name of a lesion or an atlas says another space than the connectome's. */
export class SpaceMismatch extends Schema.TaggedError<SpaceMismatch>()("SpaceMismatch", {
  file: Schema.String,
  space: Schema.String,
  expected: Schema.String
}) {
  override get message(): string {
    const found = `its name says space-${this.space}, the connectome is in ${this.expected}`
    return `${this.file}: ${found}. Transform it to ${this.expected}, or correct its name or connectome.space`
  }
}

/** The space that a file's name says; undefined where it says none. */
export const spaceInName = (file: string): string | undefined => {
  const name = parseBidsName(basename(file))
  return entityOf(name, "space") ?? entityOf(name, "tpl")
}

/** What BIDS and others call scans, which lie in the patient's own space unless they say another. */
const modality = /(?:^|_)(T1w?|T2w?|T2starw|FLAIR|DWI|ADC|SWI|PDw?|CT|bold)(?=[_.])/i

/** Warnings about a lesion whose name says no space. */
export const spaceWarnings = (file: string, expected: string | undefined): ReadonlyArray<Warning> => {
  if (spaceInName(file) !== undefined) return []
  // The names of templates hold a scan's kind too: MNI152_T1_2mm.
  const scan = /mni|icbm/i.test(basename(file)) ? undefined : modality.exec(basename(file))?.[1]
  const space = expected === undefined ? "" : `, ${expected}`
  const remedy = expected === undefined ? "put the space" : `put space-${expected}`
  return [
    {
      file,
      found: `its name has no space-${scan === undefined ? "" : `, but ${scan}, which is said of scans in the patient's own space`}`,
      taken: `It is taken to lie in the connectome's space${space}. If it does, ${remedy} into its name; if not, transform it first`
    }
  ]
}
