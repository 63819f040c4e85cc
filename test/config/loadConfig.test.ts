import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { memoryLimitOf } from "../../pipelines/functional-network-mapping/Config.ts"
import { loadAnyConfig, loadConfig } from "../../pipelines/registry.ts"
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
const complaint = (text: string, assignments: ReadonlyArray<string> = []) =>
  temporaryFile("study.yaml", text).pipe(
    Effect.flatMap((file) =>
      Effect.map(Effect.flip(loadConfig(file, assignments)), ({ message }) =>
        message.replaceAll(`${dirname(file)}/`, "")
      )
    )
  )

describe("loadConfig", () => {
  it.effect("fills in every default that the contract names", () =>
    Effect.gen(function* () {
      const { config } = yield* load(minimal)
      assert.strictEqual(config.method, "boes")
      assert.deepStrictEqual(config.statistics, {
        maps: ["r", "z", "t", "p", "pfdr"],
        fdr_alpha: 0.05,
        t_threshold: null,
        matrix: false
      })
      assert.strictEqual(config.invalid, "zero")
      assert.strictEqual(config.lesions.batch_size, "auto")
      assert.strictEqual(config.output.grid, "connectome")
      assert.strictEqual(config.compute.workers, "auto")
      assert.strictEqual(config.compute.memory, "auto")
      assert.strictEqual(config.compute.arithmetic, "fast")
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
        "study.yaml: lesions is missing; it has no default"
      )
      assert.strictEqual(
        yield* complaint(minimal.replace("  path: lesions", "  batch_size: 3")),
        "study.yaml:4: lesions.path is missing; it has no default"
      )
      assert.strictEqual(
        yield* complaint(minimal.replace("  path: lesions", "  pathh: lesions")),
        "study.yaml:5: lesions.pathh is no known key; did you mean path?"
      )
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
        ["compute.arithmetic", "slow"],
        ["method", "pinni"],
        ["pipeline", "structural"],
        ["connectome.path", "''"],
        ["connectome.path", "[a, b]"],
        ["lesions.path", "3"],
        ["lesions.path", "[]"],
        ["lesions.path.1", "[a, '']"],
        ["lesions.participant", "01"],
        ["lesions.session", "[]"],
        ["lesions.where", "patient"],
        ["lesions.where.group", "[]"]
      ]
      for (const [key, value] of wrong) {
        const setting = key.replace(/\.\d$/, "")
        const message = yield* complaint(minimal, [`${setting}=${value}`])
        assert.match(message, new RegExp(`^study\\.yaml(:\\d+)?: ${key.replaceAll(".", "\\.")}: .`), `${key}=${value}`)
      }
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
      assert.deepStrictEqual(config.statistics, { maps: ["t", "p"], fdr_alpha: 0.01, t_threshold: 4.5, matrix: false })
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
      assert.include(yield* complaint(minimal, ["statistics.maps=[r, z"]), "the value is no valid YAML")
      assert.include(yield* complaint(minimal, ["lesion.path=x"]), "lesion is no known key; did you mean lesions?")
      assert.include(yield* complaint(minimal, ["lesions.paht=x"]), "lesions.paht is no known key; did you mean path?")
      assert.include(yield* complaint(minimal, ["method.name=x"]), "--set method.name=x: method")
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
      assert.strictEqual(
        yield* complaintOfAny(prepare.replace("prepare-connectome", "prepare-conectome")),
        'prepare.yaml:1: pipeline: expected functional-network-mapping or prepare-connectome, got "prepare-conectome"; ' +
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
