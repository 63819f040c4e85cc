/**
 * Plain data as a value that JSON has, such that other data is described otherwise: for parameters of the user's, which are hashed. Whatever
 * `structuredClone` copies is told apart by its kind and content: also NaN and -0, typed arrays, maps and sets, and objects within themselves.
 */
import { createHash } from "node:crypto"
import { types } from "node:util"

/** Numbers, strings, booleans, null, and objects with one key, the kind of what they describe. */
export const describeData = (value: unknown): unknown => describe(value, [])

/** @param within the objects that the value lies in, the outermost first */
const describe = (value: unknown, within: ReadonlyArray<object>): unknown => {
  if (value === undefined) return { undefined: null }
  if (typeof value === "bigint") return { bigint: String(value) }
  if (typeof value === "number") return describeNumber(value)
  if (typeof value !== "object" || value === null) return value
  const at = within.indexOf(value)
  if (at >= 0) return { within: at }
  const inner = [...within, value]
  const each = (values: Iterable<unknown>) => Array.from(values, (member) => describe(member, inner))
  if (ArrayBuffer.isView(value)) return { [kindOf(value)]: sha256(value) }
  if (types.isAnyArrayBuffer(value)) return { [kindOf(value)]: sha256(new Uint8Array(value)) }
  if (Array.isArray(value)) return { list: each(value) }
  if (types.isMap(value)) return { map: each([...value].flat(1)) }
  if (types.isSet(value)) return { set: each(value) }
  if (types.isDate(value)) return { date: describeNumber(value.getTime()) }
  if (types.isRegExp(value) || types.isNativeError(value)) return { [kindOf(value)]: String(value) }
  if (types.isBoxedPrimitive(value)) return { boxed: describe(value.valueOf(), inner) }
  return { object: Object.fromEntries(Object.entries(value).map(([key, member]) => [key, describe(member, inner)])) }
}

/** JSON has neither NaN nor infinities, and takes -0 for 0. */
const describeNumber = (value: number): unknown =>
  Number.isFinite(value) && !Object.is(value, -0) ? value : { number: Object.is(value, -0) ? "-0" : String(value) }

const kindOf = (value: object): string => Object.prototype.toString.call(value).slice("[object ".length, -1)

const sha256 = ({ buffer, byteOffset, byteLength }: ArrayBufferView): string =>
  createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex")
