/** Ways to spoil text, bytes and JSON, each with a word that says what was done. */
import type { Random } from "./fuzz.ts"

export interface Spoilt<A> {
  readonly value: A
  /** What was done, one after the other. */
  readonly how: ReadonlyArray<string>
}

export type Spoiler<A> = (random: Random, value: A) => Spoilt<A>

/** One to `most` of the ways, one after the other. */
export const spoilSome = <A>(random: Random, value: A, ways: ReadonlyArray<Spoiler<A>>, most = 3): Spoilt<A> => {
  let spoilt: Spoilt<A> = { value, how: [] }
  for (let times = 1 + random.below(most); times > 0; times--) {
    const next = random.pick(ways)(random, spoilt.value)
    spoilt = { value: next.value, how: [...spoilt.how, ...next.how] }
  }
  return spoilt
}

const bits = [0x01, 0x02, 0x08, 0x10, 0x40, 0x80, 0xff]

/** @param from first byte that may be changed, `to` the one behind the last */
export const flipByteOf = (random: Random, bytes: Uint8Array, from = 0, to = bytes.length): Spoilt<Uint8Array> => {
  const at = from + random.below(to - from)
  const mask = random.pick(bits)
  const value = Uint8Array.from(bytes)
  value[at]! ^= mask
  return { value, how: [`byte ${at} ^ ${mask}`] }
}

export const cutBytes: Spoiler<Uint8Array> = (random, bytes) => {
  const length = random.below(bytes.length)
  return { value: bytes.slice(0, length), how: [`cut to ${length}`] }
}

export const appendBytes: Spoiler<Uint8Array> = (random, bytes) => {
  const more = 1 + random.below(64)
  return {
    value: Uint8Array.from([...bytes, ...new Uint8Array(more).fill(random.below(256))]),
    how: [`${more} more bytes`]
  }
}

export const byteSpoilers: ReadonlyArray<Spoiler<Uint8Array>> = [
  (random, bytes) => (bytes.length === 0 ? appendBytes(random, bytes) : flipByteOf(random, bytes)),
  (random, bytes) => (bytes.length === 0 ? appendBytes(random, bytes) : cutBytes(random, bytes)),
  appendBytes
]

/** Values that JSON and YAML may have in any place. */
export const oddValues: ReadonlyArray<unknown> = [
  null,
  true,
  false,
  0,
  -1,
  1,
  0.5,
  1e300,
  2 ** 31,
  2 ** 53,
  -(2 ** 40),
  "",
  "x",
  "auto",
  "__proto__",
  "../../outside",
  "a\u0000b",
  "\u001b[31mred",
  "x".repeat(2000),
  [],
  [[]],
  [null],
  [1, "x"],
  {},
  { a: 1 },
  { x: { y: { z: [] } } }
]

type Json = unknown

/** Every place in a JSON value, as the keys that lead to it. */
const placesIn = (
  value: Json,
  above: ReadonlyArray<string | number> = []
): ReadonlyArray<ReadonlyArray<string | number>> => {
  if (Array.isArray(value)) return [above, ...value.flatMap((item, n) => placesIn(item, [...above, n]))]
  if (typeof value !== "object" || value === null) return [above]
  return [above, ...Object.entries(value).flatMap(([key, item]) => placesIn(item, [...above, key]))]
}

/** The value with one place in it changed. */
const changeAt = (value: Json, place: ReadonlyArray<string | number>, change: (old: Json) => Json): Json => {
  const [key, ...below] = place
  if (key === undefined) return change(value)
  if (Array.isArray(value)) return value.map((item, n) => (n === key ? changeAt(item, below, change) : item))
  return Object.fromEntries(
    Object.entries(value as object).map(([name, item]) => [name, name === key ? changeAt(item, below, change) : item])
  )
}

const without = (value: Json, key: string | number): Json =>
  Array.isArray(value)
    ? value.filter((_, n) => n !== key)
    : Object.fromEntries(Object.entries(value as object).filter(([name]) => name !== key))

export const jsonSpoilers: ReadonlyArray<Spoiler<Json>> = [
  (random, value) => {
    const place = random.pick(placesIn(value))
    const odd = random.pick(oddValues)
    return {
      value: changeAt(value, place, () => odd),
      how: [`${place.join(".")} = ${JSON.stringify(odd).slice(0, 40)}`]
    }
  },
  (random, value) => {
    const places = placesIn(value).filter((place) => place.length > 0)
    if (places.length === 0) return { value, how: [] }
    const place = random.pick(places)
    return {
      value: changeAt(value, place.slice(0, -1), (holder) => without(holder, place.at(-1)!)),
      how: [`without ${place.join(".")}`]
    }
  },
  (random, value) => {
    const numbers = placesIn(value)
    const place = random.pick(numbers)
    return {
      value: changeAt(value, place, (old) =>
        typeof old === "number" ? random.pick([old + 1, old - 1, -old, old * 2, old + 0.5]) : old
      ),
      how: [`${place.join(".")} another number`]
    }
  },
  (random, value) => {
    const places = placesIn(value)
    const place = random.pick(places)
    return {
      value: changeAt(value, place, (old) =>
        typeof old === "object" && old !== null && !Array.isArray(old)
          ? { ...old, [random.pick(["extra", "pathh", "__proto__x", "constructor"])]: random.pick(oddValues) }
          : old
      ),
      how: [`${place.join(".")} with a further key`]
    }
  }
]

/** Pieces that mean something to YAML, or to tables. */
const oddPieces = [
  "\t",
  "  ",
  "\n",
  "\r\n",
  "\r",
  ":",
  ": ",
  "- ",
  "[",
  "]",
  "{",
  "}",
  ",",
  ";",
  '"',
  "'",
  "#",
  "&a ",
  "*a",
  "!!int ",
  "---\n",
  "|",
  ">",
  "? ",
  "<<: ",
  "%",
  "@",
  "`",
  "\u0000",
  "\ufeff",
  "é",
  "患",
  "\u2028",
  "=",
  "0x",
  "1e9",
  "~"
]

export const textSpoilers: ReadonlyArray<Spoiler<string>> = [
  (random, text) => {
    const at = random.below(text.length + 1)
    const piece = random.pick(oddPieces)
    return { value: text.slice(0, at) + piece + text.slice(at), how: [`${JSON.stringify(piece)} at ${at}`] }
  },
  (random, text) => {
    const at = random.below(text.length + 1)
    const count = 1 + random.below(6)
    return { value: text.slice(0, at) + text.slice(at + count), how: [`${count} characters gone at ${at}`] }
  },
  (random, text) => {
    const lines = text.split("\n")
    const at = random.below(lines.length)
    return { value: lines.toSpliced(at, 1).join("\n"), how: [`line ${at + 1} gone`] }
  },
  (random, text) => {
    const lines = text.split("\n")
    const at = random.below(lines.length)
    return {
      value: lines.toSpliced(at, 0, lines[random.below(lines.length)]!).join("\n"),
      how: [`a line again at ${at + 1}`]
    }
  },
  (random, text) => {
    const at = random.below(text.length + 1)
    return { value: text.slice(0, at), how: [`cut to ${at} characters`] }
  }
]
