import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseParcelLabels } from "../../../src/parcellations/labels/parseParcelLabels.ts"
import type { AtlasImage } from "../../../src/parcellations/parcelLabels.ts"

const image = (...indices: ReadonlyArray<number>): AtlasImage => ({ file: "atlas.nii.gz", kind: "labels", indices })

const volumes = (count: number): AtlasImage => ({
  file: "maps.nii.gz",
  kind: "probabilistic",
  indices: Array.from({ length: count }, (_, n) => n + 1)
})

const named = (text: string, atlas: AtlasImage, file = "labels.txt") =>
  Effect.map(parseParcelLabels(text, file, atlas), (labels) => labels.map(({ index, name }) => [index, name]))

const problem = (text: string, atlas: AtlasImage, file = "labels.txt") =>
  Effect.map(Effect.flip(parseParcelLabels(text, file, atlas)), ({ message }) => message)

const lines = (...texts: ReadonlyArray<string>): string => texts.map((text) => `${text}\n`).join("")

/** Layouts that name 1 to 3 alike. */
const abc = [
  [1, "Frontal Pole"],
  [2, "Insular Cortex"],
  [3, "Area 44"]
]

const xml = (type: string, ...labels: ReadonlyArray<string>): string =>
  `<?xml version="1.0" encoding="ISO-8859-1"?>\n<atlas version="1.0"><header><name>M</name><type>${type}</type></header>\n<data>\n${labels.join("\n")}\n</data></atlas>\n`

const layouts: ReadonlyArray<readonly [layout: string, file: string, text: string]> = [
  ["one name a line", "names.txt", "Frontal Pole\nInsular Cortex\nArea 44"],
  ["one name a line after Background", "names.txt", "Background\r\nFrontal Pole\r\nInsular Cortex\r\nArea 44  \r\n"],
  ["one name a line after ???, with line ends of old", "names.txt", "???\rFrontal Pole\rInsular Cortex\rArea 44\r"],
  ["one name a line under a header", "names.csv", lines("Region", '"Frontal Pole"', '"Insular Cortex"', '"Area 44"')],
  ["a number and the rest of the line", "a.txt", lines("1 Frontal Pole", "2   Insular Cortex", "3 Area 44")],
  [
    "a number and a name under a header",
    "a.txt",
    lines("index name", "1 Frontal Pole", "2 Insular Cortex", "3 Area 44")
  ],
  [
    "FreeSurfer",
    "LUT.txt",
    lines(
      "#No. Label Name: R G B A",
      "",
      "0 Unknown 0 0 0 0",
      "1 Frontal Pole  70 130 180 0",
      "2 Insular Cortex 1 2 3 0",
      "3 Area 44 205 62 78 0",
      "1000 ctx-lh-unknown 25 5 25 0"
    )
  ],
  [
    "names and colours without opacity",
    "a.txt",
    lines("1 Frontal Pole 70 130 180", "2 Insular Cortex 1 2 3", "3 Area 44 205 62 78")
  ],
  ["FSLeyes", "a.lut", lines("1 0.47 0.07 0.52 Frontal Pole", "2 0.1 0.2 0.3 Insular Cortex", "3 0 0 1 Area 44")],
  [
    "ITK-SNAP",
    "a.label",
    lines(
      "# ITK-SnAP Label Description File",
      '0 0 0 0 0 0 0 "Clear Label"',
      '1 255 0 0 1 1 1 "Frontal Pole"',
      '2 0 255 0 1 1 1 "Insular Cortex"',
      '3 0 0 255 0.5 1 1 "Area 44"'
    )
  ],
  [
    "3D Slicer",
    "a.ctbl",
    lines(
      "# Color table file",
      "0 background 0 0 0 0",
      "1 Frontal Pole 128 174 128 255",
      "2 Insular Cortex 1 1 1 255",
      "3 Area 44 9 9 9 255"
    )
  ],
  [
    "Workbench",
    "labels.txt",
    lines("Frontal Pole", "1 120 18 131 255", "Insular Cortex", "2 1 2 3 255", "Area 44", "3 3 2 1 255")
  ],
  [
    "Schaefer",
    "order.txt",
    lines("1\tFrontal Pole\t120\t18\t131\t0", "2\tInsular Cortex\t120\t18\t132\t0", "3\tArea 44\t1\t2\t3\t0")
  ],
  [
    "columns lined up with several tabs",
    "a.txt",
    lines("1\tFrontal Pole\t\t1 2 3 0", "2\tInsular Cortex\t1 2 3 0", "3\tArea 44\t\t\t1 2 3 0")
  ],
  ["AAL", "AAL.txt", lines("FAD\tInsular Cortex\t2", "FAG\tFrontal Pole\t1", "F1G\tArea 44\t3")],
  ["a name and its number", "a.txt", lines("Insular Cortex 2", "Frontal Pole 1", "Area 44 3")],
  [
    "a name and its number under a header",
    "a.txt",
    lines("Name Label", "Insular Cortex 2", "Frontal Pole 1", "Area 44 3")
  ],
  [
    "BIDS",
    "dseg.tsv",
    lines(
      "name\tabbreviation\tcolor\tindex",
      "Area 44\tA\t#fff000\t3",
      "Frontal Pole\tFP\t#000000\t1",
      "Insular Cortex\tIC\t#00ff00\t2"
    )
  ],
  ["a table of other titles", "a.tsv", lines("roi_id\tregion", "1\tFrontal Pole", "2\tInsular Cortex", "3\tArea 44")],
  [
    "a table of other titles, with colours",
    "a.csv",
    lines(
      "LabelValue,Region,Color_R,Color_G,Color_B",
      "1,Frontal Pole,1,2,3",
      "2,Insular Cortex,2,3,1",
      "3,Area 44,3,1,2"
    )
  ],
  [
    "a table of names beside other words",
    "a.csv",
    lines("id,hemisphere,ROI_Name", "1,L,Frontal Pole", "2,L,Insular Cortex", "3,R,Area 44")
  ],
  [
    "places beside the names",
    "c.csv",
    lines("ROI Label,ROI Name,R,A,S", '1,"Frontal Pole",1,2,3', "2,Insular Cortex,3,2,1", "3,Area 44,2,1,3")
  ],
  ["a row number of no title", "a.csv", lines(",label,name", "0,1,Frontal Pole", "1,2,Insular Cortex", "2,3,Area 44")],
  [
    "semicolons, and numbers as spreadsheets write them",
    "a.csv",
    lines("index;name;;", "1.0;Frontal Pole;;", ";;;", "2.0;Insular Cortex;;", "3.0;Area 44;;")
  ],
  ["commas in a .txt without header", "a.txt", lines("1,Frontal Pole", "2, Insular Cortex", "3,Area 44")],
  [
    "FSL, probabilistic",
    "a.xml",
    xml(
      "Probabilistic",
      '<label index="0" x="1" y="1" z="1">Frontal Pole</label>',
      '<label index="1">Insular\n  Cortex</label>',
      '<label index="2">Area 44</label>'
    )
  ],
  [
    "FSL, labels",
    "a.xml",
    xml(
      "Label",
      '<label index="0">Unclassified</label>',
      '<label index="1">Frontal Pole</label>',
      '<label index="2">Insular Cortex</label>',
      '<label index="3">Area 44</label>'
    )
  ],
  [
    "SPM",
    "a.xml",
    xml(
      "Label",
      "<label><index>1</index><name>Frontal Pole</name></label>",
      "<label><index>3</index><name>Area 44</name></label>",
      "<label><index>2</index><name>Insular Cortex</name></label>"
    )
  ]
]

describe("parseParcelLabels", () => {
  for (const [layout, file, text] of layouts) {
    it.effect(`reads ${layout}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* named(text, image(1, 2, 3), file), abc)
      })
    )
  }

  it.effect("names the labels that the image has, whatever else a table lists", () =>
    Effect.gen(function* () {
      const table = lines(
        "index\tname",
        "49\tRight Thalamus",
        "7\tOther",
        "10\tLeft Thalamus",
        "7\tOther",
        "0\tBackground"
      )
      assert.deepStrictEqual(yield* named(table, image(10, 49)), [
        [10, "Left Thalamus"],
        [49, "Right Thalamus"]
      ])
      const lookup = lines("2 Left-White 1 2 3 0", "10 Left-Thalamus 1 2 4 0", "49 Right-Thalamus 1 2 4 0")
      assert.deepStrictEqual(yield* named(lookup, image(10, 49)), [
        [10, "Left-Thalamus"],
        [49, "Right-Thalamus"]
      ])
    })
  )

  it.effect("passes over what is wrong with labels that the image does not have", () =>
    Effect.gen(function* () {
      const lookup = lines(
        "1 A 1 2 3 0",
        "2 B 2 2 3 0",
        "7 Other 1 2 3",
        "8 Twice 1 2 3 0",
        "8 Again 1 2 3 0",
        "9 10 11"
      )
      assert.deepStrictEqual(yield* named(lookup, image(1, 2)), [
        [1, "A"],
        [2, "B"]
      ])
      assert.include(yield* problem(lookup, image(1, 7)), "line 3 has 3 numbers after its name")
      assert.include(yield* problem(lookup, image(1, 8)), "line 5 names parcel 8 a second time")
      assert.include(yield* problem(lookup, image(1, 9)), "line 6 has numbers and no name")
    })
  )

  it.effect("takes MRIcron's and AAL's codes for what the image holds of them", () =>
    Effect.gen(function* () {
      const blanks = lines("1 Precentral_L 2001", "2 Precentral_R 2002")
      const expected = [
        [1, "Precentral_L"],
        [2, "Precentral_R"]
      ]
      assert.deepStrictEqual(yield* named(blanks, image(1, 2)), expected)
      const tabs = blanks.replaceAll(" ", "\t")
      assert.deepStrictEqual(yield* named(tabs, image(1, 2)), expected)
      assert.deepStrictEqual(yield* named(tabs, image(2001, 2002)), [
        [2001, "Precentral_L"],
        [2002, "Precentral_R"]
      ])
    })
  )

  it.effect("keeps commas, quotes and numbers that belong to names", () =>
    Effect.gen(function* () {
      const quoted = lines("index,name", '1,"Temporal gyrus, anterior"', '2,"The ""other"" gyrus"')
      assert.deepStrictEqual(yield* named(quoted, image(1, 2), "a.csv"), [
        [1, "Temporal gyrus, anterior"],
        [2, 'The "other" gyrus']
      ])
      const listed = lines("Temporal gyrus, anterior", "Temporal gyrus, posterior", "Insula")
      assert.deepStrictEqual(
        (yield* named(listed, image(1, 2, 3))).map(([, name]) => name),
        ["Temporal gyrus, anterior", "Temporal gyrus, posterior", "Insula"]
      )
      const numbered = lines("1 Temporal gyrus, anterior", "2 Temporal gyrus, posterior")
      assert.deepStrictEqual(
        (yield* named(numbered, image(1, 2))).map(([, name]) => name),
        ["Temporal gyrus, anterior", "Temporal gyrus, posterior"]
      )
      const areas = lines("7Networks 1", "7Networks 2")
      assert.deepStrictEqual(yield* named(areas, image(1, 2)), [
        [1, "7Networks 1"],
        [2, "7Networks 2"]
      ])
      const entities = xml("Label", '<label index="1">Gray &amp; white &#252;&lt;</label>')
      assert.deepStrictEqual(yield* named(entities, image(1)), [[1, "Gray & white ü<"]])
    })
  )

  it.effect("lets two parcels have one name, also in a lookup table", () =>
    Effect.gen(function* () {
      const expected = [
        [1, "Insula"],
        [2, "Insula"]
      ]
      for (const text of [
        lines("Insula", "Insula"),
        lines("1 Insula", "2 Insula"),
        lines("1 Insula 7 8 9 0", "2 Insula 7 8 9 0"),
        lines("1 Insula 7 8 9", "2 Insula 7 8 9"),
        lines("index\tname", "1\tInsula", "2\tInsula")
      ]) {
        assert.deepStrictEqual(yield* named(text, image(1, 2)), expected)
      }
    })
  )

  it.effect("names volumes in the order of the numbers, whether they count from 0 or from 1", () =>
    Effect.gen(function* () {
      const names = ["A", "B", "C"]
      for (const text of [
        "A\nB\nC\n",
        "Background\nA\nB\nC\n",
        "2 B\n1 A\n3 C\n",
        "0 A\n1 B\n2 C\n",
        "0 Background\n1 A\n2 B\n3 C\n",
        "number,name\n0,A\n1,B\n2,C\n",
        xml("Probabilistic", '<label index="0">A</label>', '<label index="2">C</label>', '<label index="1">B</label>')
      ]) {
        assert.deepStrictEqual(
          (yield* named(text, volumes(3))).map(([, name]) => name),
          names,
          text
        )
      }
      assert.include(yield* problem("1 A\n2 B\n4 C\n", volumes(3)), "do not count from 0 or 1 on (line 3 has 4)")
      assert.include(yield* problem("10 A\n20 B\n", volumes(2)), "do not count from 0 or 1 on (line 2 has 20)")
      assert.include(yield* problem("A\nB\n", volumes(3)), "it is a list of 2 names, and maps.nii.gz has 3 volumes")
      assert.include(yield* problem("0 Background\n1 a\n2 b\n", volumes(3)), "it names 2 parcels")
    })
  )
})

describe("parseParcelLabels refuses", () => {
  const three = image(1, 2, 3)
  const refused: ReadonlyArray<readonly [what: string, text: string, atlas: AtlasImage, words: string, file?: string]> =
    [
      [
        "a name whose quotes do not end",
        lines('1 255 0 0 1 1 1 "Frontal Pole"', '2 0 255 0 1 1 1 "Insular', '3 0 0 255 1 1 1 "Area 44"'),
        image(1, 2, 3),
        "line 2 has a name in quotes that do not end",
        "a.label"
      ],
      [
        "two lines that have become one",
        lines("1 Frontal-Pole 70 130 180 0", "2 Insular-Cortex 1 2 33 Area-44 205 62 78 0", "4 Cuneus 1 2 3 0"),
        image(1, 2, 4),
        "line 2 has numbers within its name"
      ],
      [
        "a tab within a number, shown as what it is",
        "index;name\n1;A\n1\t0;B\n3;C",
        three,
        'line 3 has no whole number in "index", but "1\\t0"',
        "labels.csv"
      ],
      [
        "a number that is a long text, which is not shown as a whole",
        `index;name\n1;A\n${"x".repeat(9000)};B\n3;C`,
        three,
        `but "${"x".repeat(300)}…". Give a table`,
        "labels.csv"
      ],
      ["a file without names", "# nothing\n\n", three, "labels.txt: it names no parcels. Give a table"],
      ["two names too many", "A\nB\nC\nD\nE", three, "a list of 5 names, and atlas.nii.gz has 3 labels (1 to 3)"],
      ["a name too few", "A\nB", three, "a list of 2 names, and atlas.nii.gz has 3 labels (1 to 3)"],
      ["a name too few after Background", "Unknown\nA\nB", three, 'a list of 2 names after "Unknown"'],
      ["one name more without Background", "A\nB\nC\nD", three, "a list of 4 names"],
      [
        "a list for labels that are not 1 to n",
        "A\nB\nC",
        image(1, 2, 5),
        "the 3 labels in atlas.nii.gz are not 1 to 3"
      ],
      ["a label without a name", "1 A\n3 C", three, "no name for 1 of the 3 labels in atlas.nii.gz, among them 2"],
      ["a name that is n/a", "index\tname\n1\tA\n2\tn/a\n3\tC", three, "among them 2"],
      [
        "one number with two names",
        "1 A\n2 B\n3 C\n1 D",
        three,
        'line 4 names parcel 1 a second time: "A" in line 1, "D" here'
      ],
      ["a tab in a name", "A\nB\tb\nC", three, "line 2 has a tab"],
      ["a tab in a quoted name", '1,A\n2,"B\tb"\n3,C', three, "line 2 has a tab or another control character", "a.csv"],
      ["a control character in a name", "A\nB\u0007\nC", three, "line 2 has a tab or another control character"],
      ["rows that are not all numbered", "1 A\nB\n3 C", three, "line 2 has no whole number and name"],
      ["numbers alone", "1\n2\n3", three, "line 1 has no whole number and name"],
      ["numbers with a colon", "1: A\n2: B\n3: C", three, "line 1 has no whole number and name"],
      [
        "a number that is none",
        "index\tname\n1\tA\n1.5\tB",
        image(1),
        'line 3 has no whole number in "index", but "1.5"'
      ],
      [
        "a colour without its last number",
        "1 A 1 2 3 0\n2 B 1 2 3\n3 C 1 2 3 0",
        three,
        "line 2 has 3 numbers after its name, and most others have 4"
      ],
      [
        "a number that may be of the name",
        "1 Area 44\n2 Area 45\n3 Insula 1",
        three,
        "1 number after the name, which may be part of it"
      ],
      [
        "codes that are all one name has",
        "1 Area 2001\n2 Area 2002\n3 Area 2003",
        three,
        "again, if the number after it is no part of it"
      ],
      [
        "commas that are not quoted",
        "1,Temporal gyrus, anterior\n2,Insula\n3,Pole",
        three,
        "line 2 has 2 cells between commas, and line 1 has 3"
      ],
      [
        "numbers under a title that may mean something else",
        "value\tname\n1\tA\n2\tB\n3\tC",
        three,
        'no column of it is known to have the numbers of the 3 labels of atlas.nii.gz; its columns are "value", "name". Call'
      ],
      [
        "a name and columns without numbers",
        "name,side\nA,L\nB,R\nC,L",
        three,
        'no column of it is known to have the numbers of the 3 labels of atlas.nii.gz; its columns are "name", "side"'
      ],
      [
        "a row of cells too few",
        "index\tname\tx\n1\tA\t1\n2\tB\n3\tC\t1",
        three,
        "line 3 has 2 cells between tabs, and line 1 has 3"
      ],
      ["a quote that does not end", 'index,name\n1,"A\n2,B\n3,C', three, "line 2 has a quote that does not end"],
      [
        "two columns that may be the labels",
        "roi_id,label,name\n1,3,A\n2,2,B\n3,1,C",
        three,
        'the labels may be in "roi_id", "label"; its columns are "roi_id", "label", "name". Call the column'
      ],
      [
        "two columns that may be the names",
        "index,region,network\n1,A,V\n2,B,V\n3,C,M",
        three,
        'the names may be in "region", "network"'
      ],
      ["a table without names", "index\tx\n1\t3\n2\t2\n3\t9", three, "no column of it has names"],
      [
        "names and numbers that may be either",
        "Area 2\nArea 1\nArea 3",
        three,
        "or names and the numbers of their labels"
      ],
      [
        "a line that may be a header",
        "Region Grey-level\nPrecentral 2\nInsula 1",
        three,
        "or names and the numbers of their labels"
      ],
      [
        "a header that does not fit the rows",
        "name value\nA\nB",
        image(1, 2),
        "or names and the numbers of their labels"
      ],
      ["JSON", '{"1": "A"}', image(1), "it is JSON"],
      ["XML of something else", "<svg><path/></svg>", image(1), "its <svg> has no <data>"],
      ["XML that is broken off", "<atlas><header>", image(1), "no well-formed XML"],
      ["an XML of a type unknown", xml("Surface", '<label index="1">A</label>'), image(1), 'the type "surface"'],
      [
        "an XML with entities of its own",
        `<!DOCTYPE a [<!ENTITY x "A">]>${xml("Label", '<label index="1">&x;</label>').replace(/^.*\n/, "")}`,
        image(1),
        "no well-formed XML"
      ],
      [
        "an XML label without a name",
        xml("Label", '<label index="1"></label>'),
        image(1),
        "the label in line 4 has no whole number or no name"
      ]
    ]

  for (const [what, text, atlas, words, file] of refused) {
    it.effect(what, () =>
      Effect.gen(function* () {
        assert.include(yield* problem(text, atlas, file), words)
      })
    )
  }
})
