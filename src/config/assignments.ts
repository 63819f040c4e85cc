/** What the command line sets in a config: put into the document that the file was read as, and known again where it is wrong. */
import { type Document, isMap, isNode, isScalar } from "yaml"
import { printableExcerpt } from "../runtime/printable.ts"
import type { AnyConfigDefinition } from "./ConfigDefinition.ts"
import { isProblem, parseYaml, plainValue } from "./configDocument.ts"
import { hasFreeKeys, hasSeveralForms, knownKeys } from "./configSchema.ts"
import { keepLabelsAsWritten } from "./labelsAsWritten.ts"
import { unknownKey } from "./unknownKey.ts"

/** What is set in a config besides its file: `lesions.batch_size=3`, the value in YAML; or the same, and the option that said it. */
export type Assignment = string | { readonly assignment: string; readonly saidAs: string }

/** What an assignment sets, and how messages call it. */
export const saidOf = (assignment: Assignment): Exclude<Assignment, string> =>
  typeof assignment === "string" ? { assignment, saidAs: `--set ${assignment}` } : assignment

/** The keys of `key.path=value`. */
const keysOf = (assignment: string): ReadonlyArray<string> => assignment.slice(0, assignment.indexOf("=")).split(".")

/** How the assignment is called that was the last to set a key, or one above it; undefined where the file has it. */
export const setBy = (assignments: ReadonlyArray<Assignment>, keys: ReadonlyArray<PropertyKey>): string | undefined => {
  const last = assignments
    .map(saidOf)
    .findLast(({ assignment }) => keysOf(assignment).every((key, depth) => key === String(keys[depth])))
  return last === undefined ? undefined : printableExcerpt(last.saidAs)
}

/** Sets `key.path=value` in the document; returns what is wrong where that cannot be done. */
export const assign = (document: Document, assignment: string, definition: AnyConfigDefinition): string | undefined => {
  const [, key, value] = /^([\w.]+)=(.*)$/s.exec(assignment) ?? []
  if (key === undefined || value === undefined) return "write it as key.path=value"
  // A leading `*` is a glob pattern here: there is no anchor that an alias could refer to.
  const parsed = parseYaml(value.startsWith("*") ? JSON.stringify(value) : value)
  if (isProblem(parsed)) return `the value: ${parsed.problem}`
  const keys = key.split(".")
  keepLabelsAsWritten(parsed, keys)
  const plain = plainValue(parsed)
  if (isProblem(plain)) return `the value: ${plain.problem}`
  for (let depth = 0; depth < keys.length; depth++) {
    const above = keys.slice(0, depth)
    if (depth > 0 && knownKeys(above, definition) === undefined && !hasFreeKeys(above, definition)) {
      return unknownKey(above, definition)
    }
    const holder = depth === 0 ? document.contents : document.getIn(above, true)
    if (isMap(holder)) continue
    if (!isEmpty(holder) && !(isScalar(holder) && hasSeveralForms(above, definition)))
      return `${depth === 0 ? "the file" : `${above.join(".")} in the file`} is no mapping of keys`
    if (depth === 0) document.contents = null
    else if (isNode(holder)) document.deleteIn(above)
  }
  document.setIn(keys, plain.value)
  return undefined
}

/** Whether a key is not there, or is there without a value. */
const isEmpty = (node: unknown): boolean =>
  node === undefined || node === null || (isScalar(node) && node.value === null)
