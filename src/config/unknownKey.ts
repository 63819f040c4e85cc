/** A key that no config has, and the known one that is nearest to it: it may be that one misspelt. */
import { closest } from "fastest-levenshtein"
import type { AnyConfigDefinition } from "./ConfigDefinition.ts"
import { knownKeys } from "./configSchema.ts"

export const unknownKey = (keys: ReadonlyArray<PropertyKey>, definition: AnyConfigDefinition): string => {
  const nearest = nearestKey(keys, definition)
  return `${keys.join(".")} is no known key${nearest === undefined ? "" : `; did you mean ${nearest}?`}`
}

/** Characters of a key that could be a known one misspelt. */
export const longestKey = 64

export const nearestKey = (keys: ReadonlyArray<PropertyKey>, definition: AnyConfigDefinition): string | undefined => {
  const known = knownKeys(keys.slice(0, -1), definition) ?? []
  const key = String(keys.at(-1))
  return known.length === 0 || key.length > longestKey ? undefined : closest(key, [...known])
}
