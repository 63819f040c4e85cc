import { execFileSync } from "node:child_process"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { memoryLimitOf } from "../../pipelines/functional-network-mapping/Config.ts"
import { loadAnyConfig, loadConfig } from "../../pipelines/registry.ts"
import type { Assignment } from "../../src/config/assignments.ts"
import { temporaryFile, temporaryFolder } from "../support/niftiBytes.ts"

const minimal = `pipeline: functional-network-mapping
connectome:
  path: ../data/connectome
lesions:
  path: lesions
output:
  path: /derivatives
`

const load = (text: string, assignments: ReadonlyArray<string> = []) =>
  temporaryFile("study.yaml", text).pipe(Effect.flatMap((file) => loadConfig(file, assignments)))

/** The message, with the file's folder taken out. */
const complaint = (text: string, assignments: ReadonlyArray<Assignment> = []) =>
  temporaryFile("study.yaml", text).pipe(
    Effect.flatMap((file) =>
      Effect.map(Effect.flip(loadConfig(file, assignments)), ({ message }) =>
        message.replaceAll(`${dirname(file)}/`, "")
      )
    )
  )

describe("loadConfig", () => {
  it.effect("refuses paths that only a shell expands, and takes them with ./ as they are", () =>
    Effect.gen(function* () {
      const tilde = minimal.replace("path: /derivatives", "path: ~/derivatives")
      assert.strictEqual(
        yield* complaint(tilde),
        "study.yaml:7: output.path: Expected a path without ~, which only a shell expands: write it out (a folder of that name is ./~)"
      )
      const variable = "Expected a path without variables, which only a shell expands"
      for (const home of ["$HOME/lesions", "$" + "{HOME}/lesions", '["a", "$DATA"]']) {
        assert.include(yield* complaint(minimal.replace("path: lesions", `path: ${home}`)), variable)
      }
      const { config } = yield* load(minimal.replace("path: lesions", 'path: ["./~/a", "$1 b", "b~/c"]'))
      assert.deepStrictEqual(
        [config.lesions.path ?? []].flat().map((path) => path.slice(-3)),
        ["~/a", "1 b", "~/c"]
      )
    })
  )

  it.effect("names the keys that belong below one that has nothing but a comment below it", () =>
    Effect.gen(function* () {
      const message = yield* complaint(minimal.replace(/ {2}path: (lesions|\/derivatives)/g, "  # path: $1"))
      assert.match(message, /^ {2}study\.yaml:4: lesions: expected keys below it: path, pattern, /m)
      assert.match(message, /^ {2}study\.yaml:6: output: expected keys below it: path, grid/m)
    })
  )

  it.effect("fills in every default that the contract names", () =>
    Effect.gen(function* () {
      const { config } = yield* load(minimal)
      assert.strictEqual(config.method, "boes")
      assert.deepStrictEqual(config.statistics, {
        maps: ["r", "z", "t", "p", "pfdr"],
        fdr_alpha: 0.05,
        t_threshold: null,
        matrix: false,
        degree: true
      })
      assert.strictEqual(config.connectome.runs, "concatenate")
      assert.strictEqual(config.invalid, "zero")
      assert.strictEqual(config.lesions.batch_size, "auto")
      assert.deepStrictEqual(
        [config.lesions.threshold, config.lesions.values, config.lesions.on_bad],
        [null, null, "error"]
      )
      assert.strictEqual(config.output.grid, "connectome")
      assert.strictEqual(config.compute.workers, "auto")
      assert.strictEqual(config.compute.memory, "auto")
      assert.strictEqual(config.compute.arithmetic, "fast")
    })
  )

  it.effect("takes one rule for what is lesion, and refuses two and those that make background lesion", () =>
    Effect.gen(function* () {
      const { lesions } = (yield* load(minimal, ["lesions.values=[1, 4]", "lesions.on_bad=skip"])).config
      assert.deepStrictEqual([lesions.values, lesions.threshold, lesions.on_bad], [[1, 4], null, "skip"])
      assert.strictEqual(
        (yield* load(minimal, ["lesions.threshold=0.5", "lesions.values=null"])).config.lesions.threshold,
        0.5
      )
      assert.strictEqual((yield* load(minimal, ["lesions.values=3"])).config.lesions.values, 3)
      const both = yield* complaint(minimal, ["lesions.values=[1]", "lesions.threshold=0.5"])
      assert.include(both, "study.yaml:4: lesions: Expected threshold or values, not both")
      assert.include(
        yield* complaint(minimal, ["lesions.threshold=0"]),
        "lesions.threshold: Expected a value greater than 0"
      )
      assert.include(yield* complaint(minimal, ["lesions.values=[1, 0]"]), "labels other than 0, which is background")
      assert.include(yield* complaint(minimal, ["lesions.values=[]"]), "lesions.values: ")
    })
  )

  it.effect("takes paths relative to the file, whatever the working folder", () =>
    Effect.gen(function* () {
      const { file, config } = yield* load(
        `${minimal}`.replace("  path: ../data/connectome", "  path: ../data/connectome\n  mask: ./mask.nii.gz")
      )
      const folder = dirname(file)
      assert.strictEqual(config.connectome.path, join(folder, "../data/connectome"))
      assert.strictEqual(config.connectome.mask, join(folder, "mask.nii.gz"))
      assert.strictEqual(config.lesions.path, join(folder, "lesions"))
      assert.strictEqual(config.output.path, "/derivatives")
    })
  )

  it.effect("names the line and the nearest known key for one that it does not know", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* complaint(`${minimal}statistic:\n  maps: [r]\n`),
        "study.yaml:8: statistic is no known key; did you mean statistics?"
      )
      assert.strictEqual(
        yield* complaint(minimal.replace("  path: lesions", "  path: lesions\n  # how many\n  batchsize: 3")),
        "study.yaml:7: lesions.batchsize is no known key; did you mean batch_size?"
      )
    })
  )

  it.effect("says of a required key that it is missing, unless a misspelt one explains it", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* complaint(minimal.replace("lesions:\n  path: lesions\n", "")),
        "study.yaml: lesions.path: Expected lesion masks, or seeds of spheres, points or an atlas, which need none"
      )
      assert.strictEqual(
        yield* complaint(minimal.replace("  path: lesions", "  batch_size: 3")),
        "study.yaml:4: lesions.path: Expected lesion masks, or seeds of spheres, points or an atlas, which need none"
      )
      assert.strictEqual(
        yield* complaint(minimal.replace("  path: lesions", "  pathh: lesions")),
        "study.yaml:5: lesions.pathh is no known key; did you mean path?"
      )
    })
  )

  it.effect("takes seeds instead of lesion masks, and nothing that chooses among files that are not there", () =>
    Effect.gen(function* () {
      const seeds = (keys: string, lesions = "") =>
        minimal.replace("lesions:\n  path: lesions\n", `${lesions}seeds: ${keys}\n`)
      const { config } = yield* load(seeds('{ spheres: a.tsv, points: /b.tsv, atlas: c.nii, labels: [3, "V*"] }'))
      assert.deepInclude(config.seeds, { points: "/b.tsv", labels: [3, "V*"] })
      assert.match(config.seeds!.spheres!, /^\/.*a\.tsv$/)
      assert.strictEqual(config.lesions.batch_size, "auto")
      for (const [text, words] of [
        [seeds("{ space: MNI152NLin6Asym }"), "lesions.path: Expected lesion masks, or seeds"],
        [seeds("{ spheres: a.tsv, labels: [3] }"), "seeds: Expected atlas beside labels"],
        [seeds("{ atlas: c.nii, labels: [0] }"), "other than 0"],
        [seeds("{ spheres: a.tsv }", "lesions: { pattern: x, label: y }\n"), "Expected path beside pattern, label"],
        [seeds("{ sphere: a.tsv }"), "did you mean spheres?"]
      ] as const) {
        assert.include(yield* complaint(text), words)
      }
    })
  )

  it.effect("lists all problems at once, each with its line", () =>
    Effect.gen(function* () {
      const message = yield* complaint(
        `${minimal}invalid: maybe\nstatistics:\n  fdr_alpha: 1.5\n  t_threshold: high\n  map: [r]\n`
      )
      const [head, ...problems] = message.split("\n")
      assert.strictEqual(head, "4 problems in the config")
      for (const start of [
        "  study.yaml:8: invalid: ",
        "  study.yaml:10: statistics.fdr_alpha: ",
        "  study.yaml:11: statistics.t_threshold: ",
        "  study.yaml:12: statistics.map is no known key; did you mean maps?"
      ]) {
        assert.strictEqual(problems.filter((problem) => problem.startsWith(start)).length, 1, start)
      }
    })
  )

  it.effect("refuses values of the wrong type or outside of their range, by key", () =>
    Effect.gen(function* () {
      const wrong: ReadonlyArray<readonly [key: string, value: string]> = [
        ["lesions.batch_size", "0"],
        ["lesions.batch_size", "2.5"],
        ["lesions.batch_size", "many"],
        ["statistics.maps", "[]"],
        ["statistics.maps", "[r, r]"],
        ["statistics.maps.1", "[r, q]"],
        ["statistics.fdr_alpha", "0"],
        ["statistics.fdr_alpha", "'0.05'"],
        ["statistics.t_threshold", "-3"],
        ["invalid", "true"],
        ["output.grid", "moon"],
        ["compute.memory", "much"],
        ["compute.memory", "-5"],
        ["compute.workers", "0"],
        ["compute.workers", "1025"],
        ["compute.workers", "4294967296"],
        ["compute.arithmetic", "slow"],
        ["method", "pinni"],
        ["pipeline", "structural"],
        ["connectome.path", "''"],
        ["connectome.path", "[a, b]"],
        ["lesions.path", "3"],
        ["lesions.path", "[]"],
        ["lesions.path.1", "[a, '']"],
        ["lesions.participant", "{01, 02}"],
        ["lesions.participant.1", "[01, null]"],
        ["lesions.session", "[]"],
        ["lesions.where", "patient"],
        ["lesions.where.group", "[]"]
      ]
      for (const [key, value] of wrong) {
        const setting = key.replace(/\.\d$/, "")
        const message = yield* complaint(minimal, [`${setting}=${value}`])
        assert.match(
          message,
          new RegExp(`^study\\.yaml: --set \\S.*: ${key.replaceAll(".", "\\.")}: .`),
          `${key}=${value}`
        )
      }
    })
  )

  it.effect("takes a template space of letters and digits only: it becomes part of every map's name", () =>
    Effect.gen(function* () {
      const withSpace = (space: string) => minimal.replace("/connectome\n", `/connectome\n  space: ${space}\n`)
      assert.strictEqual((yield* load(withSpace("MNI152NLin6Asym"))).config.connectome.space, "MNI152NLin6Asym")
      for (const space of ['""', '"MNI 152"', "../evil", "a_b", '"x\\ty"']) {
        assert.match(yield* complaint(withSpace(space)), /study\.yaml:4: connectome\.space/)
      }
      assert.match(
        yield* complaint(minimal.replace("/connectome\n", "/connectome\n  runs: mean\n")),
        /connectome\.runs.*concatenate/
      )
    })
  )

  it.effect("sets keys from the command line over those of the file, in YAML's types", () =>
    Effect.gen(function* () {
      const { file, config } = yield* load(`${minimal}statistics:\n  maps: [r]\n  fdr_alpha: 0.01\n`, [
        "statistics.maps=[t, p]",
        "lesions.batch_size=7",
        "statistics.t_threshold=4.5",
        "compute.memory=2GB",
        "output.path=elsewhere",
        "lesions.pattern=**/*_mask.nii.gz"
      ])
      assert.deepStrictEqual(config.statistics, {
        maps: ["t", "p"],
        fdr_alpha: 0.01,
        t_threshold: 4.5,
        matrix: false,
        degree: true
      })
      assert.strictEqual(config.lesions.batch_size, 7)
      assert.strictEqual(config.lesions.pattern, "**/*_mask.nii.gz")
      assert.strictEqual(memoryLimitOf(config.compute.memory), 2e9)
      assert.strictEqual(config.output.path, join(dirname(file), "elsewhere"))
    })
  )

  it.effect("says what else may stand where auto may", () =>
    Effect.gen(function* () {
      for (const key of ["lesions.batch_size", "compute.workers", "compute.subjects_per_chunk"]) {
        assert.include(yield* complaint(minimal, [`${key}=many`]), `${key}: Expected "auto" or a whole number`)
        assert.include(yield* complaint(minimal, [`${key}=0`]), `${key}: Expected a value greater than 0`)
      }
      assert.include(yield* complaint(minimal, ["compute.memory=4XB"]), 'Expected "auto", or a size such as 4GB')
    })
  )

  it.effect("takes the last of two settings of the same key", () =>
    Effect.gen(function* () {
      const { config } = yield* load(minimal, ["lesions.batch_size=2", "lesions.batch_size=5"])
      assert.strictEqual(config.lesions.batch_size, 5)
    })
  )

  it.effect("refuses a setting without value, with bad YAML, or of a key that is not known", () =>
    Effect.gen(function* () {
      assert.include(yield* complaint(minimal, ["lesions.batch_size"]), "write it as key.path=value")
      assert.include(yield* complaint(minimal, ["statistics.maps=[r, z"]), "the value: this is no valid YAML")
      assert.include(yield* complaint(minimal, ["lesion.path=x"]), "lesion is no known key; did you mean lesions?")
      assert.include(yield* complaint(minimal, ["lesions.paht=x"]), "lesions.paht is no known key; did you mean path?")
      assert.include(yield* complaint(minimal, ["method.name=x"]), "--set method.name=x: method")
    })
  )

  it.effect("says of a wrong value that it was set on the command line, and of others in which line they are", () =>
    Effect.gen(function* () {
      const set = "lesions.batch_size=many"
      assert.match(yield* complaint(minimal, [set]), new RegExp(`^study.yaml: --set ${set}: lesions.batch_size: Exp`))
      const withSize = minimal.replace("path: lesions", "path: lesions\n  batch_size: few")
      assert.match(yield* complaint(withSize), /^study\.yaml:\d+: lesions\.batch_size: Exp/)
      assert.match(yield* complaint(withSize, [set]), /^study\.yaml: --set lesions\.batch_size=many: /)
      const both = yield* complaint(withSize, ["compute={workers: none}"])
      assert.match(both, /study\.yaml:\d+: lesions\.batch_size: /)
      assert.match(both, /study\.yaml: --set compute=\{workers: none\}: compute\.workers: /)
      assert.match(yield* complaint(minimal, ["pipeline=none"]), /^study\.yaml: --set pipeline=none: pipeline: /)
      const option = { assignment: "compute.workers=none", saidAs: "--workers none" }
      assert.match(yield* complaint(minimal, [option]), /^study\.yaml: --workers none: compute\.workers: Exp/)
    })
  )

  it.effect("sets a key below one that the file leaves empty or fills with something else", () =>
    Effect.gen(function* () {
      const empty = yield* load(`${minimal}compute:\n`, ["compute.memory=2GB"])
      assert.strictEqual(empty.config.compute.memory, "2GB")
      const scalar = yield* complaint(minimal.replace("lesions:\n  path: lesions", "lesions: here"), ["lesions.path=x"])
      assert.strictEqual(scalar, "study.yaml: --set lesions.path=x: lesions in the file is no mapping of keys")
      assert.include(yield* complaint("just text", ["lesions.path=x"]), "the file is no mapping of keys")
      const nothing = yield* complaint("", ["lesions.path=x"])
      assert.include(nothing, "connectome is missing")
      assert.notInclude(nothing, "lesions")
    })
  )

  it.effect("takes labels without quotes as they are written, in the file and on the command line", () =>
    Effect.gen(function* () {
      const labels = "\n  participant: [001, 1e3, 0x1F, sub-2]\n  session: 02\n  label: true"
      const { config } = yield* load(minimal.replace("path: lesions", `path: lesions${labels}`))
      assert.deepStrictEqual(config.lesions.participant, ["001", "1e3", "0x1F", "sub-2"])
      assert.strictEqual(config.lesions.session, "02")
      assert.strictEqual(config.lesions.label, "true")
      for (const setting of ["lesions.participant=007", "lesions={path: x, participant: 007}"]) {
        assert.strictEqual((yield* load(minimal, [setting])).config.lesions.participant, "007", setting)
      }
      // A number where a number is meant.
      assert.strictEqual((yield* load(minimal, ["lesions.batch_size=007"])).config.lesions.batch_size, 7)
    })
  )

  it.effect("says of a star without quotes which key has it, and to put it in quotes", () =>
    Effect.gen(function* () {
      for (const [value, name] of [
        ["*", "*"],
        ["[01, *]", "*"],
        ["*1", "*1"]
      ] as const) {
        const message = yield* complaint(minimal.replace("path: lesions", `path: lesions\n  participant: ${value}`))
        const problem = `lesions.participant: ${name} is an alias to YAML; put the pattern in quotes, "${name}"`
        assert.strictEqual(message, `study.yaml:6: ${problem}`)
      }
      assert.include(yield* complaint(minimal, ["lesions.participant=[*1, 02]"]), "*1 is an alias to YAML")
    })
  )

  it.effect("says where YAML itself is broken", () =>
    Effect.gen(function* () {
      assert.match(
        yield* complaint(minimal.replace("path: lesions", "path: [lesions")),
        /^study\.yaml:\d+: this is no valid YAML: /
      )
      assert.match(yield* complaint(`${minimal}method: boes\nmethod: boes\n`), /^study\.yaml:9: .*unique/)
    })
  )

  it.effect("refuses a file that is no mapping, a folder, and a file that is not there", () =>
    Effect.gen(function* () {
      for (const text of ["", "- a\n- b\n", "just text"]) {
        assert.include(yield* complaint(text), "study.yaml: the config must be a mapping of keys", JSON.stringify(text))
      }
      const folder = yield* temporaryFolder
      assert.strictEqual(
        (yield* Effect.flip(loadConfig(folder))).message,
        `${folder}: this is a folder, not a config file`
      )
      const missing = join(folder, "none.yaml")
      assert.strictEqual((yield* Effect.flip(loadConfig(missing))).message, `${missing}: there is no such config file`)
    })
  )
})

/** What lnm must refuse in a line, and soon, whoever wrote it. */
const hostile: Readonly<Record<string, { readonly text: string; readonly says: string | RegExp }>> = {
  "an alias to what it stands in": {
    text: `${minimal}method: &a [*a]\n`,
    says: "study.yaml:8: the alias *a stands within"
  },
  "an alias far inside of what it stands for": { text: `&a\nmethod: [{b: *a}]\n`, says: "the alias *a stands within" },
  "an alias that comes before its anchor": {
    text: "method: *a\nother: &a x\n",
    says: "study.yaml:1: method: *a is an alias"
  },
  "thousands of aliases": { text: `a: &a x\nb: [${"*a,".repeat(50_000)}]\n`, says: "more than 100 aliases" },
  "aliases of aliases of aliases": {
    text: `a0: &a0 [x,x]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n},*a${n}]\n`).join("")}`,
    says: "its aliases stand for too much"
  },
  "thousands of unknown keys": {
    text: Array.from({ length: 20_000 }, (_, n) => `key${n}: 1\n`).join(""),
    says: /^2000\d problems in the config\n(.*\n){20} {2}and 1998\d more$/
  },
  "unknown keys in a mapping": {
    text: `${minimal}statistics: {${Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`)}}`,
    says: /^20000 problems in the config\n/
  },
  "a list of half a million": { text: `a: [${"1,".repeat(520_000)}]`, says: "more than 200000 words and marks" },
  "brackets without end": { text: `a: ${"[".repeat(900_000)}`, says: "nested too deeply" },
  "lists in lists": { text: `a: ${"[".repeat(500)}${"]".repeat(500)}`, says: "study.yaml:1: it is nested too deeply" },
  "mappings in mappings": {
    text: Array.from({ length: 1000 }, (_, n) => `${" ".repeat(n)}a:\n`).join(""),
    says: /study\.yaml:\d+: .*nested too deeply/
  },
  "a mistake in every line": { text: "a: ]\n".repeat(200_000), says: "study.yaml:1: this is no valid YAML" },
  "a huge value": { text: `${minimal}method: ${"x".repeat(900_000)}\n`, says: /method: .{1,400}$/ },
  "a huge value of the pipeline": { text: `pipeline: ${"x".repeat(900_000)}\n`, says: /pipeline: .{1,400}$/ },
  "a huge key": { text: `${minimal}"${"x".repeat(1000)}": 1\n`, says: /^study\.yaml:8: x{300}….{0,60}$/ },
  "a file larger than any config": { text: `# ${"x".repeat(2 ** 20)}`, says: "larger than 1 MiB, which no config is" },
  "several documents": { text: `${minimal}---\n${minimal}`, says: "the file holds several documents; a config is one" },
  "a tab for spaces": {
    text: `${minimal}statistics:\n\tmatrix: true\n`,
    says: /study\.yaml:9: this is no valid YAML: .*Tabs/
  },
  "a key twice": {
    text: `${minimal}method: boes\n"method": pini\n`,
    says: "study.yaml:9: this is no valid YAML: keys must be unique"
  },
  "a key with escapes": { text: `${minimal}"\\e[31mx": 1\n`, says: "study.yaml:8: \\x1b[31mx is no known key" },
  "names of JavaScript": {
    text: `${minimal}__proto__: {x: 1}\nconstructor: {prototype: 1}\ntoString: 1\nhasOwnProperty: 1\n`,
    says: /^4 problems in the config\n.*__proto__ is no known key.*\n.*constructor is no known key/
  },
  "a mapping for a key": { text: `${minimal}? [a, b]\n: c\n`, says: "is no known key" },
  "a value of another type": { text: `${minimal}method: !!binary aGk=\n`, says: "study.yaml:8: method: " },
  "a tag that nobody knows": { text: `${minimal}method: !js/function x\n`, says: "method: " }
}

describe("a config that is no config", () => {
  for (const [name, { text, says }] of Object.entries(hostile)) {
    it.effect(`is refused in a line and at once: ${name}`, () =>
      Effect.gen(function* () {
        const before = performance.now()
        const message = yield* complaint(text)
        // Some tenths of a second here; what it was without the bounds is minutes.
        assert.isBelow(performance.now() - before, 8000)
        if (typeof says === "string") assert.include(message, says)
        else assert.match(message, says)
        assert.isBelow(message.length, 10_000)
      })
    )
  }

  it.effect("is refused where the value of a setting is", () =>
    Effect.gen(function* () {
      const settings: ReadonlyArray<readonly [setting: string, says: string]> = [
        ["lesions.path=&a [*a]", "--set lesions.path=&a [*a]: the value: the alias *a stands within"],
        ["lesions.path=[*a]", "*a is an alias"],
        [`lesions.path=${"[".repeat(50)}${"]".repeat(50)}`, "nested too deeply"],
        ["lesions.path={a: 1, a: 2}", "keys must be unique"],
        ["__proto__.x=1", "__proto__ is no known key"],
        ["constructor.prototype.x=1", "constructor is no known key"],
        ["lesions.__proto__=1", "lesions.__proto__ is no known key"]
      ]
      for (const [setting, says] of settings) assert.include(yield* complaint(minimal, [setting]), says)
    })
  )

  it.effect("is read where it is UTF-8, with a byte order mark or not, and refused in another encoding", () =>
    Effect.gen(function* () {
      const text = minimal.replace("lesions\noutput", "läsionen\noutput")
      const complaintOf = (bytes: Uint8Array) =>
        temporaryFile("study.yaml", bytes).pipe(
          Effect.flatMap((file) => loadConfig(file)),
          Effect.flip,
          Effect.map(({ message }) => message)
        )
      const marked = yield* load(`\ufeff${text}`)
      assert.include(marked.config.lesions.path, "läsionen")
      assert.include(
        yield* complaintOf(Buffer.from(`\ufeff${text}`, "utf16le")),
        "the file is UTF-16; save it as UTF-8"
      )
      assert.include(yield* complaintOf(Buffer.from(text, "latin1")), "the file is not UTF-8; save it as UTF-8")
      assert.match(yield* complaintOf(Buffer.from(text, "utf16le")), /study\.yaml/)
      assert.match(yield* complaintOf(Uint8Array.from({ length: 5000 }, (_, n) => (n * 7919) % 251)), /study\.yaml/)
    })
  )

  it.effect("is not waited for where it is a pipe or a device", () =>
    Effect.gen(function* () {
      const pipe = join(yield* temporaryFolder, "pipe")
      execFileSync("mkfifo", [pipe])
      assert.include(
        (yield* Effect.flip(loadConfig(pipe))).message,
        "it is a pipe, not a file; write the config to a file"
      )
      assert.include((yield* Effect.flip(loadConfig("/dev/zero"))).message, "it is a device or socket, not a file")
    })
  )
})

const prepare = `pipeline: prepare-connectome
source:
  path: scans
  mask: mask.nii.gz
output:
  path: ../out/gsp.zarr
`

/** The message about a config of any pipeline, with the file's folder taken out. */
const complaintOfAny = (text: string, assignments: ReadonlyArray<string> = []) =>
  temporaryFile("prepare.yaml", text).pipe(
    Effect.flatMap((file) =>
      Effect.map(Effect.flip(loadAnyConfig(file, assignments)), ({ message }) =>
        message.replaceAll(`${dirname(file)}/`, "")
      )
    )
  )

describe("loadAnyConfig", () => {
  it.effect("decodes by the key `pipeline`, with defaults and absolute paths", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile("prepare.yaml", prepare)
      const { config } = yield* loadAnyConfig(file, ["compute.workers=3"])
      const folder = dirname(file)
      assert.deepStrictEqual(config, {
        pipeline: "prepare-connectome",
        source: { path: join(folder, "scans"), mask: join(folder, "mask.nii.gz") },
        runs: "concatenate",
        precision: "int16",
        on_bad_subject: "error",
        output: { path: join(folder, "../out/gsp.zarr") },
        compute: { workers: 3, memory: "auto" }
      })
    })
  )

  it.effect("names the nearest key of that pipeline, its line, and a wrong value", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* complaintOfAny(`${prepare}precison: int16\n`),
        "prepare.yaml:7: precison is no known key; did you mean precision?"
      )
      assert.include(yield* complaintOfAny(prepare, ["lesions.path=x"]), "lesions is no known key")
      assert.include(yield* complaintOfAny(`${prepare}runs: both\n`), "prepare.yaml:7: runs: ")
      assert.include(
        yield* complaintOfAny(prepare, ["compute.workers=2000"]),
        "compute.workers: Expected a value less than"
      )
      assert.strictEqual(
        yield* complaintOfAny(prepare.replace("prepare-connectome", "prepare-conectome")),
        'prepare.yaml:1: pipeline: expected functional-network-mapping or prepare-connectome or group-network-mapping, got "prepare-conectome"; ' +
          "did you mean prepare-connectome?"
      )
    })
  )

  it.effect("is refused where a study is wanted", () =>
    Effect.gen(function* () {
      assert.include(
        yield* complaint(prepare),
        'pipeline: expected functional-network-mapping, got "prepare-connectome"'
      )
    })
  )
})

describe("memoryLimitOf", () => {
  it("reads decimal and binary units, plain bytes and auto", () => {
    assert.strictEqual(memoryLimitOf("4GB"), 4e9)
    assert.strictEqual(memoryLimitOf("800MiB"), 800 * 2 ** 20)
    assert.strictEqual(memoryLimitOf(123456), 123456)
    assert.isUndefined(memoryLimitOf("auto"))
  })
})
