/**
 * Compares what both sides of the WebAssembly boundary take for granted: the shapes, bytes and numbers that a build of the kernels was
 * compiled with, which it exports, and those that TypeScript counts on.
 *
 * A build of other sources would not fail by itself: it would read and write other places, and give sums without a meaning.
 */

/** Value of each constant that a build exports as a global. */
export type BuildConstants = Readonly<Record<string, number>>

/** What is expected of a build. */
export interface ExpectedConstants {
  readonly equal: BuildConstants
  /** Bytes at the start of the memory that are left to the build, for its constants. */
  readonly reservedBytes: number
}

/** What a differing build is, in words: "it was built from other sources: PANEL is 4, not 8"; undefined where nothing differs. */
export const differingConstants = (
  exports: Readonly<Record<string, unknown>>,
  { equal, reservedBytes }: ExpectedConstants
): string | undefined => {
  const differing = Object.entries(equal).flatMap(([name, expected]) => {
    const value = (exports[name] as { readonly value?: unknown } | undefined)?.value
    return value === expected ? [] : [`${name} is ${value ?? "missing"}, not ${expected}`]
  })
  const dataBytes = typeof exports.dataBytes === "function" ? (exports.dataBytes() as unknown) : undefined
  if (!(typeof dataBytes === "number" && dataBytes <= reservedBytes)) {
    differing.push(`dataBytes is ${dataBytes ?? "missing"}, not ${reservedBytes} or less`)
  }
  return differing.length === 0 ? undefined : `they were built from other sources: ${differing.join("; ")}`
}
