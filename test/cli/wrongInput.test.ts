/**
 * Wrong input ends with exit code 2 and one message that says what is wrong, where, and what to do, and leaves the
 * output folder as it was, down to the manifest of an earlier run.
 */
import { copyFileSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { stringify } from "yaml"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { contentOf } from "../support/folderContent.ts"
import { lnmHere } from "../support/lnmHere.ts"
import { niftiBytes } from "../support/niftiBytes.ts"
import { type Ended, lnm } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ellipsoidIn, tinyBrain, writeHdf5, writeNiftiScans } from "../support/tinyConnectome.ts"
import { ballBytes, lesionName, type TinyStudy, writeFile, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 3, gzip: true })
})

type Keys = Readonly<Record<string, unknown>>

/** What is wrong about an otherwise right study. Paths are relative to the case's own folder. */
interface WrongInput {
  /** Makes the case's files; gives the keys of the config that differ, or the config's text. */
  readonly arrange: (folder: string) => Keys | string | Promise<Keys | string>
  readonly args?: ReadonlyArray<string>
  /** The message has each of these. */
  readonly says: ReadonlyArray<string | RegExp>
}

const rightKeys = (): Keys => ({
  pipeline: "functional-network-mapping",
  connectome: { path: join(study.folder, "connectome") },
  lesions: { path: join(study.folder, "lesions") },
  output: { path: "maps" }
})

const rightLesion = (): Uint8Array => gzipSync(ballBytes([6, 7, 6], 2))

/** A right lesion that sorts before, so that one wrong file among right ones is found too. */
const withLesion = (name: string, bytes: Uint8Array | string) => (folder: string) => {
  writeFile(join(folder, "lesions", lesionName("000")), rightLesion())
  writeFile(join(folder, "lesions", name), bytes)
  return { lesions: { path: "lesions" } }
}

const firstPart = (bytes: Uint8Array, share: number): Uint8Array => bytes.subarray(0, Math.floor(bytes.length * share))

const wrongLesion = lesionName("bad")

/** An offset, without which a file that is right elsewhere is warned of. */
const sform = [2, 0, 0, -3, 0, 2, 0, -4, 0, 0, 2, -2]

const connectomeFile = (): string => join(study.folder, "connectome/part-1.h5")

const cases: Readonly<Record<string, WrongInput>> = {
  "an unknown key names the nearest known one and the line": {
    arrange: () => stringify({ ...rightKeys(), statistics: { fdr_alfa: 0.01 } }),
    says: ["wrong.yaml:9", "statistics.fdr_alfa", "did you mean fdr_alpha?"]
  },
  "bad YAML names the line": {
    arrange: () => "pipeline: functional-network-mapping\nlesions: {path: [x}\n",
    says: [/wrong\.yaml:\d+/, "YAML"]
  },
  "a pattern without quotes, which is an alias to YAML": {
    arrange: () => "pipeline: functional-network-mapping\nlesions:\n  path: x\n  pattern: **/*_mask.nii.gz\n",
    says: ["wrong.yaml:4", "**/*_mask.nii.gz", "quotes"]
  },
  "an empty config": { arrange: () => "", says: ["wrong.yaml", "mapping"] },
  "a missing config": { arrange: () => ({}), args: ["run", "no-such.yaml"], says: ["no-such.yaml", "no such config"] },
  "a --set of an unknown key": {
    arrange: () => ({}),
    args: ["run", "wrong.yaml", "--set", "lesions.batchsize=3"],
    says: ["lesions.batchsize", "did you mean batch_size?"]
  },
  "a missing connectome": {
    arrange: () => ({ connectome: { path: "nowhere" } }),
    says: ["nowhere: there is no such file or folder", "connectome.path"]
  },
  "missing lesions": {
    arrange: () => ({ lesions: { path: "nowhere" } }),
    says: ["nowhere: no such file or folder", "lesions.path"]
  },
  "an HDF5 file without time series": {
    arrange: async (folder) => {
      await writeHdf5(join(folder, "other.h5"), { subjects: 3, name: "series" })
      return { connectome: { path: "other.h5" } }
    },
    says: ["other.h5", "no dataset `timeseries`", "`series`"]
  },
  "files that disagree on voxels": {
    arrange: async (folder) => {
      copyFileSync(connectomeFile(), writeFile(join(folder, "parts/part-1.h5"), ""))
      await writeHdf5(join(folder, "parts/part-2.h5"), { subjects: 3, brain: ellipsoidIn([11, 14, 12]) })
      return { connectome: { path: "parts" } }
    },
    says: ["part-2.h5", "voxels", "part-1.h5"]
  },
  "a truncated HDF5 file": {
    arrange: (folder) => {
      writeFile(join(folder, "short.h5"), firstPart(readFileSync(connectomeFile()), 0.6))
      return { connectome: { path: "short.h5" } }
    },
    says: ["short.h5", "truncated", "copied whole"]
  },
  "one subject only": {
    arrange: async (folder) => {
      await writeHdf5(join(folder, "one.h5"), { subjects: 1 })
      return { connectome: { path: "one.h5" } }
    },
    says: ["one.h5", "1 subject", "at least 2"]
  },
  "no space anywhere": {
    arrange: async (folder) => {
      await writeHdf5(join(folder, "spaceless.h5"), { subjects: 3, space: null })
      return { connectome: { path: "spaceless.h5" } }
    },
    says: ["connectome.space", "spaceless.h5", "MNI152NLin6Asym"]
  },
  "NIfTI scans without a mask": {
    arrange: (folder) => {
      writeNiftiScans(folder, { subjects: 2, timePoints: 5 })
      return { connectome: { path: "scans" } }
    },
    says: ["scans: ", "connectome.mask"]
  },
  "a text file named .nii.gz": {
    arrange: withLesion(wrongLesion, "this is no image\n"),
    says: [wrongLesion, "not a NIfTI file"]
  },
  "an empty file": { arrange: withLesion(wrongLesion, ""), says: [wrongLesion, "empty"] },
  "a truncated .nii.gz": {
    arrange: withLesion(wrongLesion, firstPart(rightLesion(), 0.7)),
    says: [wrongLesion, "truncated", "again"]
  },
  "a lesion of five volumes": {
    arrange: withLesion(
      wrongLesion,
      gzipSync(
        encodeNifti({ grid: tinyBrain.grid, timePoints: 5, values: new Uint8Array(5 * voxelsOf(tinyBrain.grid)) })
      )
    ),
    says: [wrongLesion, "several volumes", "12 × 14 × 12 × 5"]
  },
  "a lesion that is zero everywhere": {
    arrange: withLesion(wrongLesion, gzipSync(ballBytes([50, 50, 50], 1))),
    says: [wrongLesion, "every voxel is 0"]
  },
  "a lesion outside of the brain": {
    arrange: withLesion(wrongLesion, gzipSync(ballBytes([0, 0, 0], 1))),
    says: [wrongLesion, "brain mask", "space"]
  },
  "two lesions with the same output name": {
    arrange: (folder) => {
      writeFile(join(folder, "lesions/first", lesionName("01")), rightLesion())
      writeFile(join(folder, "lesions/second", lesionName("01")), rightLesion())
      return { lesions: { path: "lesions" } }
    },
    says: ["first/sub-01", "second/sub-01", "both write", "lesions.pattern"]
  },
  "lesions whose maps would have names that are too long": {
    arrange: withLesion(lesionName("x".repeat(190)), rightLesion()),
    says: ["sub-xxx", "its name is too long", "may have 255"]
  },
  "lesions of other formats only": {
    arrange: (folder) => {
      for (const name of ["a.hdr", "a.img", "b.voi"]) writeFile(join(folder, "lesions", name), "x")
      return { lesions: { path: "lesions" } }
    },
    says: ["a.img, b.voi", "Convert"]
  },
  "an output folder that is the folder of the lesions": {
    arrange: (folder) => {
      writeFile(join(folder, "maps", lesionName("01")), rightLesion())
      return { lesions: { path: "maps" } }
    },
    says: ["maps: lesions.path and output.path are the same folder"]
  },
  "a lesion in another space": {
    arrange: withLesion(lesionName("01", "MNI152NLin2009cAsym"), rightLesion()),
    says: [lesionName("01", "MNI152NLin2009cAsym"), "space-MNI152NLin2009cAsym", "MNI152NLin6Asym"]
  },
  "a lesion file that does not say where it lies": {
    arrange: withLesion(
      wrongLesion,
      niftiBytes({ dims: [12, 14, 12], datatype: "uint8", qformCode: 0, stored: new Array(2016).fill(1) })
    ),
    says: [wrongLesion, "sform", "qform"]
  },
  "a lesion with negative values": {
    arrange: withLesion(wrongLesion, niftiBytes({ dims: [2, 1, 1], datatype: "int8", stored: [-1, 1], sform })),
    says: [wrongLesion, "negative value", "lesions.threshold"]
  },
  "a lesion file that takes more memory than the run may use": {
    arrange: (folder) => ({
      ...withLesion(
        wrongLesion,
        Buffer.concat([
          gzipSync(niftiBytes({ dims: [1000, 1000, 1000], datatype: "uint8", stored: [], sform })),
          Buffer.alloc(1e6)
        ])
      )(folder),
      compute: { memory: "400MB" }
    }),
    says: [wrongLesion, "1000 × 1000 × 1000 voxels", /1\.86 GiB/, /may use 381\.47 MiB/, "compute.memory"]
  },
  "an output path under a file": {
    arrange: (folder) => {
      writeFile(join(folder, "notes.txt"), "mine")
      return { output: { path: "notes.txt/maps" } }
    },
    says: ["output.path", "notes.txt is a file, not a folder"]
  },
  "too little memory": {
    arrange: () => ({ compute: { memory: "20MB" } }),
    says: ["memory", /1 lesion/, "compute.memory"]
  },
  "a way of recording inputs that there is not": {
    arrange: () => ({}),
    args: ["run", "wrong.yaml", "--check-inputs", "none"],
    says: ["check-inputs", "samples", "full"]
  },
  "hashes of the inputs of a pipeline that records none": {
    arrange: () =>
      stringify({ pipeline: "prepare-connectome", source: { path: "scans" }, output: { path: "store.zarr" } }),
    args: ["run", "wrong.yaml", "--check-inputs", "full"],
    says: ["--check-inputs", "prepare-connectome records no hashes", "Leave it out"]
  },
  "measuring for a pipeline whose time is not estimated": {
    arrange: () =>
      stringify({ pipeline: "prepare-connectome", source: { path: "scans" }, output: { path: "store.zarr" } }),
    args: ["plan", "wrong.yaml", "--calibrate"],
    says: ["--calibrate", "the time of prepare-connectome is not estimated", "Leave it out"]
  },
  "an unknown command": { arrange: () => ({}), args: ["rum", "wrong.yaml"], says: ['"rum"', /\brun\b/, "lnm --help"] },
  "an unknown flag": {
    arrange: () => ({}),
    args: ["run", "wrong.yaml", "--outptu", "x"],
    says: ["--outptu", "--output", "lnm run --help"]
  }
}

/** Cases that also run as a process: usage, the config, and files that native code reads and may print about. */
const alsoAsProcess = [
  "an unknown key names the nearest known one and the line",
  "an HDF5 file without time series",
  "a truncated HDF5 file",
  "a truncated .nii.gz",
  "an unknown flag"
]

const runCase = async (name: string, { arrange, args = ["run", "wrong.yaml"] }: WrongInput, run = lnmHere) => {
  const folder = join(scratch, run === lnm ? "process" : "here", name.replace(/\W+/g, "-"))
  const arranged = await arrange(folder)
  const config = typeof arranged === "string" ? arranged : stringify({ ...rightKeys(), ...arranged })
  writeFile(join(folder, "wrong.yaml"), config)
  writeFile(join(folder, "maps/notes.txt"), "not ours")
  writeFile(join(folder, "maps/manifest.json"), "{}")
  const before = contentOf(folder)
  const ended = await run(args, { cwd: folder })
  return { folder, ended, before, after: contentOf(folder) }
}

const assertOneMessage = (ended: Ended, says: WrongInput["says"]): void => {
  assert.strictEqual(ended.code, 2, ended.stderr)
  assert.strictEqual(ended.stdout, "")
  assert.match(ended.stderr, /^error: .+\n$/, "one line, and nothing but it")
  for (const expected of says) {
    if (typeof expected === "string") assert.include(ended.stderr, expected)
    else assert.match(ended.stderr, expected)
  }
}

describe.concurrent("wrong input ends with exit code 2, one message and an untouched output folder", () => {
  for (const [name, wrong] of Object.entries(cases)) {
    it(name, async () => {
      const { ended, before, after } = await runCase(name, wrong)
      assertOneMessage(ended, wrong.says)
      assert.deepStrictEqual(after, before)
    })
  }

  for (const name of alsoAsProcess) {
    it(`${name}, as a process`, async () => {
      const wrong = cases[name]!
      const { ended, before, after } = await runCase(name, wrong, lnm)
      assertOneMessage(ended, wrong.says)
      assert.deepStrictEqual(after, before)
    })
  }

  it("several wrong keys are told at once, a line each", async () => {
    const wrong = {
      arrange: () => ({ methode: "boes", statistics: { fdr_alpha: 7, maps: ["r", "q"] }, compute: { memory: true } })
    }
    const { ended } = await runCase("several wrong keys", { ...wrong, says: [] })
    assert.strictEqual(ended.code, 2)
    const lines = ended.stderr.trimEnd().split("\n")
    assert.match(lines[0]!, /^error: 4 problems in the config/)
    for (const key of ["methode", "statistics.fdr_alpha", "statistics.maps", "compute.memory"]) {
      const mentions = lines.filter((line) => line.includes(key))
      assert.strictEqual(mentions.length, 1, `${key}:\n${ended.stderr}`)
      assert.match(mentions[0]!, /wrong\.yaml:\d+: /)
    }
  })

  it("several bad lesions are told at once, a line each", async () => {
    const arrange = (folder: string) => {
      withLesion(lesionName("empty"), gzipSync(ballBytes([50, 50, 50], 1)))(folder)
      withLesion(lesionName("elsewhere", "NMT"), rightLesion())(folder)
      return withLesion(lesionName("text"), "no image\n")(folder)
    }
    const { ended, before, after } = await runCase("several bad lesions", { arrange, says: [] })
    assert.strictEqual(ended.code, 2)
    assert.deepStrictEqual(after, before)
    const [title, ...lines] = ended.stderr.trimEnd().split("\n")
    assert.strictEqual(title, "error: 3 of 4 lesions cannot be used:")
    for (const [n, name] of [lesionName("elsewhere", "NMT"), lesionName("empty"), lesionName("text")].entries()) {
      assert.include(lines[n]!, name)
    }
    assert.include(lines[3]!, "the other 1 would be mapped")
  })

  it("no output folder is made where there was none", async () => {
    const folder = join(scratch, "no output yet")
    withLesion(wrongLesion, "no image")(folder)
    writeFile(join(folder, "wrong.yaml"), stringify({ ...rightKeys(), lesions: { path: "lesions" } }))
    const ended = await lnmHere(["run", "wrong.yaml"], { cwd: folder })
    assert.strictEqual(ended.code, 2)
    assert.isFalse(existsSync(join(folder, "maps")))
  })

  it.skipIf(!existsSync("/sys/kernel"))("an output folder that cannot be made, not even by root", async () => {
    const ended = await lnmHere(["run", study.config, "--output", "/sys/lnm/maps"])
    const stderr = ended.stderr.replace(/^warning: .+ 3 subjects .+\n/, "")
    assertOneMessage({ ...ended, stderr }, ["output.path", "/sys/lnm/maps", "you may not write there"])
  })

  it("the details come with --log-level debug only", async () => {
    const ended = await lnmHere(["run", "nowhere.yaml", "--log-level", "debug"], { cwd: scratch })
    assert.strictEqual(ended.code, 2)
    assert.match(ended.stderr, /^error: nowhere\.yaml: there is no such config file\n(.*\n)*\s+at .+loadConfig/)
  })
})
