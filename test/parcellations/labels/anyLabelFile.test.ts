/** Label files of every layout with names of every kind, and damaged ones: right names or a refusal, never a wrong name. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import fc from "fast-check"
import { parseParcelLabels } from "../../../src/parcellations/labels/parseParcelLabels.ts"
import { decodeLabelText } from "../../../src/parcellations/labels/readLabelText.ts"
import { InvalidParcelLabels, type ParcelLabel } from "../../../src/parcellations/parcelLabels.ts"

interface Case {
  readonly labels: ReadonlyArray<ParcelLabel>
  /** Each with the place of its row. */
  readonly order: ReadonlyArray<number>
  readonly lineEnd: string
}

const word = fc.string({
  unit: fc.constantFrom(..."abcXYZäß0123456789_-().'".split("")),
  minLength: 1,
  maxLength: 8
})

/** Words between blanks, some with commas, quotes or numbers. */
const name = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: word },
      fc.constantFrom("44", "1", "anterior,", 'the "other"', "L;", "n/a", "3rd")
    ),
    {
      minLength: 1,
      maxLength: 4
    }
  )
  .map((words) => words.join(" "))

const anyCase: fc.Arbitrary<Case> = fc
  .uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 })
  .chain((numbers) =>
    fc.record({
      labels: fc
        .tuple(fc.boolean(), fc.array(name, { minLength: numbers.length, maxLength: numbers.length }))
        .map(([counts, names]) =>
          numbers
            .sort((a, b) => a - b)
            .map((number, n): ParcelLabel => ({ index: counts ? n + 1 : number, name: names[n]! }))
        ),
      order: fc.shuffledSubarray([...numbers.keys()], { minLength: numbers.length }),
      lineEnd: fc.constantFrom("\n", "\r\n", "\r")
    })
  )

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

/** A line or more a label, and what comes first. Rows are in any order but for the list of names. */
const writers: Readonly<
  Record<
    string,
    { readonly file: string; readonly head?: string; readonly row: (label: ParcelLabel, n: number) => string }
  >
> = {
  list: { file: "a.txt", row: ({ name }) => name },
  numbers: { file: "a.txt", row: ({ index, name }) => `${index} ${name}` },
  freeSurfer: {
    file: "a.txt",
    head: "#No. Label Name: R G B A\n0 Unknown 0 0 0 0\n",
    row: ({ index, name }, n) => `${index}  ${name}  ${n} 20 ${3 * n} 0`
  },
  schaefer: { file: "a.txt", row: ({ index, name }, n) => `${index}\t${name}\t${n}\t18\t${9 * n}\t0` },
  fslEyes: { file: "a.lut", row: ({ index, name }, n) => `${index} 0.${n} 0.25 1 ${name}` },
  itkSnap: { file: "a.label", row: ({ index, name }, n) => `${index} 255 0 ${n} 1 1 1 "${name}"` },
  workbench: { file: "a.txt", row: ({ index, name }, n) => `${name}\n${index} ${n} 2 3 255` },
  bids: { file: "a.tsv", head: "index\tname\tcolor\n", row: ({ index, name }) => `${index}\t${name}\t#12ab3f` },
  labelId: { file: "a.csv", head: "label_id,region\n", row: ({ index, name }) => `${index},${quoted(name)}` },
  spreadsheet: { file: "a.csv", head: "Nr;Beschriftung;;\n", row: ({ index, name }) => `${index};${quoted(name)};;` },
  nameFirst: { file: "a.txt", row: ({ index, name }) => `${name.replaceAll(/[;,]/g, "-")} ${index}` },
  xml: {
    file: "a.xml",
    head: "<atlas><header><type>Label</type></header><data>",
    row: ({ index, name }) => `<label index="${index}">${escaped(name)}</label>`
  }
}

const written = (layout: string, { labels, order, lineEnd }: Case): string => {
  const { head = "", row } = writers[layout]!
  const rows = (layout === "list" ? labels : order.map((n) => labels[n]!)).map(row)
  const text = `${head}${rows.join("\n")}\n${layout === "xml" ? "</data></atlas>" : ""}`
  return text.replaceAll("\n", lineEnd)
}

const atlasOf = ({ labels }: Case) => ({
  file: "atlas.nii",
  kind: "labels" as const,
  indices: labels.map(({ index }) => index)
})

const told = (layout: string, labels: ReadonlyArray<ParcelLabel>) =>
  labels.map(({ index, name }) => [index, layout === "nameFirst" ? name.replaceAll(/[;,]/g, "-") : name])

const isRefusal = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) &&
  exit.cause.reasons.every((reason) => reason._tag === "Fail" && reason.error instanceof InvalidParcelLabels)

const seeded = { seed: 20_150_828, numRuns: 200 }

describe("a label file", () => {
  for (const layout of Object.keys(writers)) {
    it(`of the layout ${layout} gives the right names or is refused`, async () => {
      let read = 0
      await fc.assert(
        fc.asyncProperty(anyCase, async (one) => {
          const text = written(layout, one)
          const exit = await Effect.runPromiseExit(parseParcelLabels(text, writers[layout]!.file, atlasOf(one)))
          if (isRefusal(exit)) return
          assert.deepStrictEqual(
            told(layout, Exit.isSuccess(exit) ? exit.value : []),
            told(layout, one.labels),
            JSON.stringify(text)
          )
          read++
        }),
        seeded
      )
      console.info(`${layout}: ${read} of ${seeded.numRuns} read`)
      assert.isAbove(read, seeded.numRuns / 8)
    })
  }

  it("without one of its lines is refused", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyCase,
        fc.constantFrom(...Object.keys(writers).filter((layout) => layout !== "xml")),
        fc.nat(),
        async (one, layout, place) => {
          const rows = written(layout, { ...one, lineEnd: "\n" })
            .trimEnd()
            .split("\n")
          const heads = (writers[layout]!.head ?? "").split("\n").length - 1
          const text = rows.toSpliced(heads + (place % (rows.length - heads)), 1).join("\n")
          const exit = await Effect.runPromiseExit(parseParcelLabels(text, writers[layout]!.file, atlasOf(one)))
          assert.isTrue(isRefusal(exit), JSON.stringify([text, Exit.isSuccess(exit) ? exit.value : []]))
        }
      ),
      seeded
    )
  })

  it("of any bytes is read or refused, without a fault", async () => {
    const pieces = fc.constantFrom(
      "<atlas>",
      "<data>",
      "<label index='1'>",
      "</label>",
      "1 A\n",
      "2\tB\n",
      "index,name\n",
      '"',
      ";",
      "{",
      "\u0000",
      "&x;"
    )
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.oneof(pieces, fc.string({ maxLength: 6 })), { maxLength: 20 })
        .map((texts) => new TextEncoder().encode(texts.join("")))
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const atlas = { file: "atlas.nii", kind: "labels" as const, indices: [1, 2] }
        const parsed = Effect.flatMap(decodeLabelText(content, "a.txt"), (text) =>
          parseParcelLabels(text, "a.txt", atlas)
        )
        const exit = await Effect.runPromiseExit(parsed)
        assert.isTrue(Exit.isSuccess(exit) || isRefusal(exit))
      }),
      { ...seeded, numRuns: 1000 }
    )
  })
})
