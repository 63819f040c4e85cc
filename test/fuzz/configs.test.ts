/** Configs that are spoilt in their text or in their values: refused in plain words, or read as what they say. */
import { resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parse, stringify } from "yaml"
import { loadAnyConfig } from "../../pipelines/registry.ts"
import { lnmHere } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"
import { endsWell, fuzz, messageFault, patience, type Random } from "./fuzz.ts"
import { jsonSpoilers, type Spoilt, spoilSome, textSpoilers } from "./spoil.ts"

const folder = scratchFolder()
const file = resolve(folder, "study.yaml")

const right: ReadonlyArray<Readonly<Record<string, unknown>>> = [
  {
    pipeline: "functional-network-mapping",
    connectome: { path: "connectome", space: "MNI152NLin6Asym", pattern: "**/*_bold.nii.gz", mask: "mask.nii.gz" },
    lesions: {
      path: ["lesions", "more"],
      pattern: "**/*_mask.nii*",
      participant: ["01", "1*"],
      where: { group: "stroke", age: 60 },
      weights: "binary",
      batch_size: 4
    },
    method: "pini",
    pini_percentile: 20,
    statistics: { maps: ["r", "t"], fdr_alpha: 0.05, t_threshold: null, matrix: true },
    parcellations: [{ name: "A", path: "a.nii.gz", labels: "a.tsv" }],
    invalid: "zero",
    output: { path: "maps", grid: "lesion" },
    compute: { workers: 2, memory: "4GB", arithmetic: "strict", subjects_per_chunk: "auto" }
  },
  {
    pipeline: "prepare-connectome",
    source: { path: "scans", pattern: "*.nii", mask: "mask.nii.gz" },
    space: "X",
    runs: "concatenate",
    precision: "int16",
    on_bad_subject: "skip",
    output: { path: "c.zarr" },
    compute: { workers: "auto", memory: 1000000000 }
  }
]

const spoiltValues = (random: Random): Spoilt<string> => {
  const { value, how } = spoilSome<unknown>(random, random.pick(right), jsonSpoilers)
  return { value: random.chance(0.5) ? stringify(value) : JSON.stringify(value), how }
}

const spoiltText = (random: Random): Spoilt<string> => spoilSome(random, stringify(random.pick(right)), textSpoilers, 4)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The first place where a config does not have what was given. A path may have been made absolute. */
const lost = (given: unknown, read: unknown, place: string): string | undefined => {
  if (isObject(given)) {
    if (!isObject(read)) return place
    for (const [key, value] of Object.entries(given)) {
      const found = lost(value, read[key], `${place}.${key}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (Array.isArray(given)) {
    if (!Array.isArray(read) || read.length !== given.length) return place
    return given.map((value, n) => lost(value, read[n], `${place}.${n}`)).find((found) => found !== undefined)
  }
  const isPath = typeof given === "string" && read === resolve(folder, given)
  // A label is taken as it is written: 01 without quotes is no number. How it was written, the value does not tell.
  const isLabel = /^\.lesions\.(participant|session|label)\b/.test(place) && typeof given !== "string"
  const isAsWritten = isLabel && typeof read === "string" && Object.is(parse(read), given)
  return Object.is(given, read) || isPath || isAsWritten ? undefined : place
}

const judge = async ({ value }: Spoilt<string>): Promise<string | undefined> => {
  writeFile(file, value)
  return await endsWell(
    Effect.map(loadAnyConfig(file), ({ config }) => config),
    (config) => {
      const place = lost(parse(value, { logLevel: "silent" }), config, "")
      return place === undefined ? undefined : `it was read, and ${place} is not what the text says`
    }
  )
}

const describeText = ({ how, value }: Spoilt<string>) => `${how.join(", ")}: ${JSON.stringify(value.slice(0, 200))}`

describe("spoilt configs", () => {
  it(
    "are read as what they say, or refused, where values are spoilt",
    () => fuzz({ quick: 150, make: spoiltValues, judge, describe: describeText }),
    patience
  )

  it(
    "are read as what they say, or refused, where the text is spoilt",
    () => fuzz({ quick: 150, make: spoiltText, judge, describe: describeText }),
    patience
  )

  it(
    "end the command with exit code 2 and one message, as there is nothing of what they name",
    () =>
      fuzz({
        quick: 25,
        make: (random) => (random.chance(0.5) ? spoiltValues(random) : spoiltText(random)),
        judge: async ({ value }) => {
          writeFile(file, value)
          const { code, stdout, stderr } = await lnmHere(["plan", file])
          if (code !== 2 || stdout !== "") return `exit ${code}: ${(stderr || stdout).slice(0, 300)}`
          assert.match(stderr, /^error: /)
          return messageFault(stderr.trimEnd())
        },
        describe: describeText
      }),
    patience
  )
})
