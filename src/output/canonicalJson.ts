/** JSON that is the same text for the same data: keys sorted, no white space. What is hashed, and the headers of files of sums. */

/** Numbers, strings, booleans, null, arrays, and objects of these; `undefined` members are left out. Throws a TypeError for a number that JSON has not. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => {
    if (typeof member === "number" && !Number.isFinite(member)) throw new TypeError(`${member} has no JSON`)
    if (typeof member !== "object" || member === null || Array.isArray(member)) return member
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
