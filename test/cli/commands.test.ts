/** What the commands beside `run` say, what overrides do, and what goes to which stream. */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { whyNotWide } from "../../src/kernels/wideVectors.ts"
import type { Manifest } from "../../src/output/Manifest.ts"
import { predictionMargin } from "../../src/runtime/Plan.ts"
import { contentOf, filesIn } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { type Ended, lnmSucceeds } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { tinyBrain, tinySpace, writeNiftiScans } from "../support/tinyConnectome.ts"
import {
  lesionName,
  type TinyStudy,
  writeConfig,
  writeFile,
  writeLesions,
  writeTinyStudy
} from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const subjects = 7
const timePoints = 21
const voxels = tinyBrain.gridIndex.length

let study: TinyStudy
/** All lesions in one pass, and two a pass. */
let plan: Record<string, unknown> & { peak_memory_bytes: number; footprint: unknown; backend: Manifest["backend"] }
let planOfTwo: typeof plan
/** A run without progress. */
let quiet: Ended

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects, timePoints, files: 2, gzip: true })
  quiet = await lnmSucceeds(["run", study.config, "--progress", "off"])
  plan = await planOf()
  planOfTwo = await planOf("--set", "lesions.batch_size=2")
})

/** The plan of a run into an empty folder. */
const planOf = async (...args: ReadonlyArray<string>) => {
  const empty = args.includes("--output") ? [] : ["--output", join(scratch, "nothing there")]
  const { stdout } = await lnmHereSucceeds(["plan", study.config, "--json", ...empty, ...args])
  return JSON.parse(stdout)
}

const manifestIn = (output: string) => JSON.parse(readFileSync(join(output, "manifest.json"), "utf8"))

describe("lnm plan", () => {
  it("makes and changes no file", async () => {
    const before = contentOf(scratch)
    const output = join(scratch, "planned/maps")
    await planOf("--output", output)
    assert.isFalse(existsSync(join(scratch, "planned")))
    assert.deepStrictEqual(contentOf(scratch), before)
  })

  it("reads the whole connectome once a pass", () => {
    const { inputs } = manifestIn(study.output) as { inputs: ReadonlyArray<{ path: string; bytes: number }> }
    const bytes = inputs.filter(({ path }) => path.endsWith(".h5")).reduce((sum, file) => sum + file.bytes, 0)
    assert.strictEqual(plan.bytes_to_read, bytes)
    assert.strictEqual(planOfTwo.bytes_to_read, 2 * bytes)
  })

  it("adds up the memory of the stages", () => {
    for (const { footprint, peak_memory_bytes } of [plan, planOfTwo]) {
      const total = Object.values(footprint as Record<string, number>).reduce((sum, bytes) => sum + bytes, 0)
      assert.strictEqual(total, peak_memory_bytes)
    }
  })

  it("takes 16 B a voxel for each further lesion of a pass", async () => {
    const centres = Array.from({ length: 72 }, (_, n) => [4 + (n % 4), 5 + (n % 5), 4 + (n % 3)] as const)
    const lesions = writeLesions(join(scratch, "many"), centres)
    // Of so small a brain the report would take more than a pass does.
    const args = ["--set", `lesions.path=${lesions}`, "--set", "report=false", "--set"]
    const few = await planOf(...args, "lesions.batch_size=12")
    const many = await planOf(...args, "lesions.batch_size=72")
    const each = (many.peak_memory_bytes - few.peak_memory_bytes) / 60 / voxels
    // Seed time series and the lists of lesion voxels come on top; of this tiny brain they are a larger part than usual.
    assert.isAtLeast(each, 16)
    assert.isBelow(each, 24)
  })

  it("takes as many lesions a pass as the memory holds", async () => {
    const needed = Math.ceil(planOfTwo.peak_memory_bytes / (1 - predictionMargin))
    const less = await planOf("--memory", String(needed))
    assert.strictEqual(less.memory_limit_bytes, needed)
    assert.isAtMost(less.peak_memory_bytes, needed)
    assert.isAtLeast(less.lesions_per_pass, 2)
  })

  it("names the backend and what each of its steps computes, as the manifest does", async () => {
    const fused = "fused: seed, correlate, fisherZ, reduce"
    const steps = ["ingest", fused, "fused: statistics, parcellate, writeMaps"].map((name) => ({ name }))
    const { name, arithmetic, vectors, steps: planned, workers } = plan.backend
    assert.deepStrictEqual({ name, arithmetic, steps: planned }, { name: "WebAssembly", arithmetic: "fast", steps })
    assert.strictEqual(vectors, whyNotWide() === undefined ? 256 : 128)
    assert.isAtLeast(workers, 1)
    assert.deepStrictEqual(manifestIn(study.output).backend, plan.backend)
    const { backend } = await planOf("--set", "compute.arithmetic=strict", "--workers", "2")
    assert.deepStrictEqual(backend, { name: "WebAssembly", arithmetic: "strict", vectors, workers: 2, steps })
    const { stdout } = await lnmHereSucceeds(["plan", study.config, "--workers", "2"])
    assert.match(stdout, /^backend {5}WebAssembly, fast arithmetic, (128|256)-bit vectors, 2 worker\(s\)$/m)
    assert.notInclude(stdout, "runs plain")
  })

  for (const few of [2, 3]) {
    it(`says of ${few} subjects that every stage runs plain, and why; the manifest too`, async () => {
      const { config, output } = await writeTinyStudy(join(scratch, `${few}-subjects`), { subjects: few, timePoints })
      const because = `with ${few} subjects all digits of float64 are needed`
      const steps = [
        "ingest",
        "seed",
        "degree",
        "correlate",
        "fisherZ",
        "reduce",
        "statistics",
        "parcellate",
        "writeMaps"
      ].map((name) => ({ name, plain_because: because }))
      const backend = { name: "plain", arithmetic: "float64", workers: 0, steps }
      assert.deepStrictEqual(JSON.parse((await lnmHereSucceeds(["plan", config, "--json"])).stdout).backend, backend)
      const { stdout, stderr } = await lnmHereSucceeds(["plan", config])
      assert.match(stdout, /^backend {5}plain, float64 arithmetic, one thread$/m)
      for (const { name } of steps) assert.include(stdout, `            ${name} runs plain: ${because}\n`)
      assert.include(stderr, because)
      const ran = await lnmSucceeds(["run", config, "--progress", "off"])
      assert.include(ran.stderr, because)
      const manifest = manifestIn(output)
      assert.deepStrictEqual(manifest.backend, backend)
      assert.isTrue(manifest.warnings.some(({ found }: { readonly found: string }) => found === because))
    })
  }

  it("says the same in words", async () => {
    const { stdout } = await lnmSucceeds(["plan", study.config])
    assert.include(stdout, `${subjects} subjects, ${voxels} voxels, ${tinySpace}`)
    assert.match(stdout, /lesions +0 in 0 pass/)
    assert.match(stdout, /process {2,}\d/)
    assert.include(stdout, `${study.output}\n            4 lesion(s) have their maps already`)
    const empty = await lnmHereSucceeds(["plan", study.config, "--output", join(scratch, "nothing there")])
    assert.match(empty.stdout, /lesions +4 in 1 pass/)
  })
})

describe("lnm inspect", () => {
  const inspect = async (path: string) => JSON.parse((await lnmHereSucceeds(["inspect", path, "--json"])).stdout)

  it("says what an HDF5 file and a folder of them hold", async () => {
    const folder = join(study.folder, "connectome")
    const facts = { time_points: [timePoints], voxels, space: tinySpace, grid_shape: [...tinyBrain.grid.shape] }
    assert.deepInclude(await inspect(join(folder, "part-1.h5")), { ...facts, files: 1, subjects: 3 })
    const whole = await inspect(folder)
    assert.deepInclude(whole, { ...facts, files: 2, subjects })
    assert.match(whole.storage, /float32, gzip, chunks/)
    const { stdout } = await lnmHereSucceeds(["inspect", folder])
    assert.match(stdout, new RegExp(`^subjects +${subjects}$`, "m"))
  })

  it("says what a lesion holds", async () => {
    const lesion = await inspect(join(study.folder, "lesions", lesionName("001")))
    assert.deepInclude(lesion, { shape: [12, 14, 12], data_type: "uint8", non_zero_voxels: 7 })
    assert.closeTo(lesion.non_zero_volume_ml, 7 * 0.064, 1e-9)
  })

  it("says what a folder of scans and one of them hold", async () => {
    const { path, scans } = writeNiftiScans(join(scratch, "nifti"), { subjects: 2, timePoints: 5 })
    assert.deepInclude(await inspect(path), { files: 2, shapes: { "12 × 14 × 12 × 5": 2 } })
    assert.deepInclude(await inspect(scans[0]!), { shape: [12, 14, 12, 5], data_type: "float32" })
  })

  it("says what an output folder holds", async () => {
    const output = await inspect(study.output)
    assert.deepInclude(output, { kind: "output folder", subjects, lesions: 4, passes: 1 })
    assert.strictEqual(output.files, filesIn(study.output).length - 1)
  })

  it("refuses what is none of these, with one message", async () => {
    for (const [name, content] of [
      ["notes.txt", "text"],
      ["fake.nii.gz", "text"]
    ] as const) {
      const file = writeFile(join(scratch, name), content)
      const { code, stdout, stderr } = await lnmHere(["inspect", file])
      assert.deepStrictEqual({ code, stdout }, { code: 2, stdout: "" })
      assert.match(stderr, /^error: .+\n$/)
      assert.include(stderr, name)
    }
    const { code, stderr } = await lnmHere(["inspect", dirname(writeFile(join(scratch, "letters/one.txt"), "text"))])
    assert.strictEqual(code, 2)
    assert.match(stderr, /letters: the folder holds no HDF5 or NIfTI file\. Give an HDF5 or NIfTI file, .+\.\n$/)
  })
})

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly default?: unknown
  readonly required?: ReadonlyArray<string>
}

describe("lnm schema", () => {
  it("has a default for every key that is not required, and a run accepts them all", async () => {
    const { stdout } = await lnmHereSucceeds(["schema"])
    const defaults = ({ properties, default: value }: SchemaNode): unknown =>
      properties === undefined
        ? value
        : Object.fromEntries(
            Object.entries(properties)
              .map(([key, node]) => [key, defaults(node)] as const)
              .filter(([, node]) => node !== undefined)
          )
    const [schema] = (JSON.parse(stdout) as { readonly anyOf: readonly [SchemaNode, SchemaNode] }).anyOf
    assert.includeMembers([...(schema.required ?? [])], ["pipeline", "connectome", "output"])
    const all = defaults(schema) as Record<"method" | "invalid" | keyof TinyStudy["keys"], unknown> & {
      readonly statistics: { readonly maps: ReadonlyArray<string>; fdr_alpha: number; t_threshold: number | null }
      readonly compute: { readonly memory: string; readonly subjects_per_chunk: string }
    }
    assert.deepInclude(all, { method: "boes", invalid: "zero" })
    assert.deepInclude(all.statistics, { maps: ["r", "z", "t", "p", "pfdr"], fdr_alpha: 0.05, t_threshold: null })
    assert.deepInclude(all.compute, { memory: "auto", subjects_per_chunk: "auto" })
    const config = writeConfig(join(study.folder, "defaults.yaml"), {
      ...all,
      pipeline: "functional-network-mapping",
      connectome: { ...Object(all.connectome), ...study.keys.connectome },
      lesions: { ...Object(all.lesions), ...study.keys.lesions },
      output: { ...Object(all.output), ...study.keys.output }
    })
    const { stdout: planned } = await lnmHereSucceeds([
      "plan",
      config,
      "--json",
      "--output",
      join(scratch, "nothing there")
    ])
    // What is free changes.
    const lasting = (found: object) => ({ ...found, memory_limit_bytes: 0, disk: 0 })
    assert.deepStrictEqual(lasting(JSON.parse(planned)), lasting(plan))
  })
})

describe("overrides on the command line", () => {
  const output = join(scratch, "overridden")

  it("--set replaces nested keys, lists and whole sections, --output the folder", async () => {
    const sets = [
      "lesions.batch_size=3",
      "statistics.maps=[r, pfdr]",
      "statistics.fdr_alpha=0.1",
      "compute={subjects_per_chunk: 2}"
    ]
    const args = [...sets.flatMap((assignment) => ["--set", assignment]), "--output", "overridden"]
    await lnmSucceeds(["run", study.config, ...args], { cwd: scratch })
    const { config } = manifestIn(output)
    assert.deepInclude(config.statistics, { maps: ["r", "pfdr"], fdr_alpha: 0.1, t_threshold: null })
    assert.strictEqual(config.compute.subjects_per_chunk, 2)
    const statistics = filesIn(join(output, "sub-001")).map((file) => /stat-(\w+?)_.+gz$/.exec(file)?.[1])
    assert.deepStrictEqual(
      statistics.filter((statistic) => statistic !== undefined),
      ["pfdr", "pfdrthreshold", "r"]
    )
  })

  it("a run with them does what its plan has said", async () => {
    const planned = await planOf("--set", "lesions.batch_size=3")
    const shape = { subjects, time_points: timePoints, voxels, lesions: 4, lesions_per_pass: 2, passes: 2 }
    assert.deepInclude(planned, shape)
    assert.deepInclude(manifestIn(output).plan, { subjects, lesions: 4, passes: 2 })
  })

  it("a pattern that begins with * needs no quotes", async () => {
    assert.strictEqual((await planOf("--set", "lesions.pattern=**/sub-00[12]_*_mask.nii.gz")).lesions, 2)
  })

  it("paths of the config count from the config file, those of --output from the working folder", async () => {
    const { stdout } = await lnmSucceeds(["plan", "study/study.yaml", "--output", "here"], { cwd: scratch })
    assert.include(stdout, join(scratch, "here"))
  })
})

describe.concurrent("progress goes to standard error, results to standard output", () => {
  const runWith = (progress: string) =>
    lnmSucceeds(["run", study.config, "--progress", progress, "--output", join(scratch, `progress-${progress}`)])

  const assertResult = (stdout: string) =>
    assert.match(
      stdout,
      new RegExp(
        `^4 lesion\\(s\\) × ${subjects} subjects × ${voxels} voxels .+\\nmaps: .+\\n {6}\\d+ images of 4 lesion\\(s\\), 1 table.*\\n\\nnext:\\n( .+\\n)+$`
      )
    )

  it("as JSON lines from none to all subjects", async () => {
    const { stdout, stderr } = await runWith("json")
    assertResult(stdout)
    const states = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    assert.deepInclude(states[0], { subjects_done: 0, subjects, lesions_done: 0, lesions: 4 })
    assert.deepInclude(states.at(-1), {
      subjects_done: subjects,
      subjects,
      lesions_done: 4,
      lesions: 4,
      seconds_left: 0
    })
  })

  it("as plain lines where there is no terminal", async () => {
    const { stdout, stderr } = await runWith("auto")
    assertResult(stdout)
    assert.match(
      stderr,
      new RegExp(
        `^connectivity: 0/${subjects} subjects, memory .+\\n(.+\\n)*writing maps: .+\\n(.+\\n)*checking inputs, memory .+\\nmaking the report, memory .+\\ndone in .+: ${subjects}/${subjects} subjects, 4/4 lesions\\n$`
      )
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    assert.notMatch(stderr, /[\r\u001b]/)
  })

  it("or not at all", () => {
    assertResult(quiet.stdout)
    assert.strictEqual(quiet.stderr, "")
  })
})

describe.concurrent("help", () => {
  it("is there for the command and each subcommand, on standard output", async () => {
    const { stdout } = await lnmSucceeds(["--help"])
    const commands = [...stdout.split("SUBCOMMANDS")[1]!.matchAll(/^ {2}(\w+) /gm)].map((match) => match[1]!)
    assert.includeMembers(commands, ["run", "plan", "demo", "inspect", "schema", "verify"])
    const helps = await Promise.all(commands.map((command) => lnmHereSucceeds([command, "--help"])))
    for (const [n, help] of helps.entries()) {
      assert.include(help.stdout, `lnm ${commands[n]}`)
      assert.strictEqual(help.stderr, "")
    }
  })

  it("tells the version of the package", async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"))
    assert.include((await lnmSucceeds(["--version"])).stdout, version)
  })
})
