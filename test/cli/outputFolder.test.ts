/** One output folder and several runs: at once only one, one after another one dataset, and nothing mixed or lost. */
import type { ChildProcess } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { contentOf, filesIn, isMap } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { type Ended, startLnm } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { tinyBrain, tinySpace, writeHdf5 } from "../support/tinyConnectome.ts"
import { ballBytes, lesionName, type TinyStudy, writeConfig, writeFile, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const options = ["--progress", "off", "--workers", "2"]

let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 3, files: 2 })
  writeFile(join(study.folder, "atlas.nii.gz"), gzipSync(ballBytes([5, 6, 6], 4)))
})

/** A copy of the study with an output folder of its own. */
const copyOf = (name: string): TinyStudy => {
  const folder = join(scratch, name)
  cpSync(study.folder, folder, { recursive: true })
  return { ...study, folder, config: join(folder, "study.yaml"), output: join(folder, "maps") }
}

const participants = (...labels: ReadonlyArray<string>) => [
  "--set",
  `lesions.participant=[${labels.map((label) => `"${label}"`).join(",")}]`
]

const degreeMap = `space-${tinySpace}_desc-degree_stat-r_statmap.nii.gz`

const isFinal = (file: string): boolean => isMap(file) || file.endsWith(".tsv")

/** When and as which file each map of a lesion was written. What is made of all maps together is made by every run. */
const identities = (folder: string) =>
  Object.fromEntries(
    filesIn(folder)
      .filter((file) => isMap(file) && !file.includes("desc-overlap"))
      .map((file) => {
        const { ino, mtimeMs } = statSync(join(folder, file))
        return [file, `${ino} ${mtimeMs}`]
      })
  )

const of = (all: Readonly<Record<string, string>>, subject: string) =>
  Object.fromEntries(Object.entries(all).filter(([file]) => file.startsWith(`sub-${subject}/`)))

const runs = (of: TinyStudy, ...more: ReadonlyArray<string>) => lnmHereSucceeds(["run", of.config, ...options, ...more])

/** Run and plan both refuse, say why, and change nothing. */
const assertRefused = async (
  of: TinyStudy,
  settings: ReadonlyArray<string>,
  ...says: ReadonlyArray<string | RegExp>
) => {
  const before = contentOf(of.output)
  for (const args of [
    ["run", of.config, ...options],
    ["plan", of.config]
  ]) {
    const { code, stderr } = await lnmHere([...args, ...settings])
    assert.strictEqual(code, 2, stderr)
    for (const expected of says)
      assert.match(
        stderr,
        typeof expected === "string" ? new RegExp(expected.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")) : expected
      )
  }
  assert.deepStrictEqual(contentOf(of.output), before)
}

describe("runs one after another into one folder", () => {
  it("make the very dataset of one run over all, whatever their order, and do not touch what is there", async () => {
    const whole = copyOf("whole")
    const atlas = ["--set", `parcellations=[{name: Ball, path: ${JSON.stringify(join(study.folder, "atlas.nii.gz"))}}]`]
    await runs(whole, ...atlas)
    const parts = copyOf("parts")
    await runs(parts, ...atlas, ...participants("003"))
    const before = identities(parts.output)
    const { stdout } = await runs(parts, ...atlas, ...participants("001", "004"))
    assert.match(stdout, /^2 lesion\(s\) × .*\n1 other lesion\(s\) of this study have maps there, which stay\nmaps: /)
    await runs(parts, ...atlas)
    const after = identities(parts.output)
    assert.deepStrictEqual({ ...of(after, "003"), [degreeMap]: after[degreeMap]! }, before)
    assert.deepStrictEqual(contentOf(parts.output, isFinal), contentOf(whole.output, isFinal))
    assert.deepStrictEqual(filesIn(parts.output), filesIn(whole.output))
    await lnmHereSucceeds(["verify", parts.output])
    const [one, other] = [parts, whole].map(({ output }) =>
      JSON.parse(readFileSync(join(output, "manifest.json"), "utf8"))
    )
    const relative = (of: TinyStudy, paths: ReadonlyArray<{ readonly path: string }>) =>
      paths.map(({ path }) => path.replace(of.folder, ""))
    assert.deepStrictEqual(relative(parts, one.inputs), relative(whole, other.inputs))
    assert.deepStrictEqual(one.study, other.study)
    assert.lengthOf(one.lesions, 4)
  })

  it("compute nothing where all maps are there, say so, and make the tables whole", async () => {
    const again = copyOf("again")
    await runs(again)
    const [before, content] = [identities(again.output), contentOf(again.output, isFinal)]
    rmSync(join(again.output, "summary.tsv"))
    const { stdout } = await runs(again)
    assert.match(
      stdout,
      /^4 lesion\(s\) have their maps already: nothing is left to compute \(--fresh begins anew\)\nmaps: /
    )
    assert.deepStrictEqual(identities(again.output), before)
    assert.deepStrictEqual(contentOf(again.output, isFinal), content)
    await lnmHereSucceeds(["verify", again.output])
    const planned = await lnmHereSucceeds(["plan", again.config])
    assert.match(planned.stdout, /lesions {5}0 in 0 pass\(es\)/)
  })

  it("make again what is gone or cut off of a lesion, and take the rest over", async () => {
    const mended = copyOf("mended")
    await runs(mended)
    const [before, content] = [identities(mended.output), contentOf(mended.output, isFinal)]
    const [map] = Object.keys(of(before, "002"))
    writeFile(join(mended.output, map!), "cut off")
    await runs(mended)
    assert.deepStrictEqual(contentOf(mended.output, isFinal), content)
    const after = identities(mended.output)
    for (const subject of ["001", "003", "004"]) assert.deepStrictEqual(of(after, subject), of(before, subject))
  })

  it("make statistics and parcellations that are added, of all lesions", async () => {
    const added = copyOf("added")
    await runs(added, "--set", "statistics.maps=[r]", ...participants("001", "002"))
    await assertRefused(added, participants("001"), "sub-002", "made without statistic z")
    await runs(added, ...participants("001", "002"))
    const whole = copyOf("added at once")
    await runs(whole, ...participants("001", "002"))
    assert.deepStrictEqual(contentOf(added.output, isFinal), contentOf(whole.output, isFinal))
    await lnmHereSucceeds(["verify", added.output])
  })

  it("make the seed matrix of all lesions, and refuse to make it of some", async () => {
    const matrix = copyOf("matrix")
    const set = ["--set", "statistics.matrix=true"]
    await runs(matrix, ...set, ...participants("001", "002"))
    await assertRefused(matrix, [...set, ...participants("003")], "sub-001", "the seed matrix would not have it")
    await assertRefused(matrix, participants("001", "002"), "made with seed matrix and not in this run")
    const before = identities(matrix.output)
    await runs(matrix, ...set, ...participants("001", "002"))
    assert.deepStrictEqual(identities(matrix.output), before)
    await lnmHereSucceeds(["verify", matrix.output])
    await runs(matrix, ...set)
    const whole = copyOf("matrix at once")
    await runs(whole, ...set)
    assert.deepStrictEqual(contentOf(matrix.output, isFinal), contentOf(whole.output, isFinal))
  })
})

describe("maps that do not agree with a run", () => {
  it("of another study are named with what differs", async () => {
    const other = copyOf("other")
    await runs(other, ...participants("001", "002"))
    await assertRefused(
      other,
      ["--set", "method=pini"],
      "maps of another study: sub-001/",
      "method is pini, was boes",
      "--fresh"
    )
    await assertRefused(other, ["--set", "statistics.fdr_alpha=0.01"], "statistics.fdr_alpha is 0.01, was 0.05")
    const file = join(other.folder, "connectome/part-2.h5")
    rmSync(file)
    await writeHdf5(file, { firstSubject: 7, subjects: 2 })
    await assertRefused(other, participants("003"), "connectome file part-2.h5 has changed")
  })

  it("of a lesion whose file has changed or is gone, or that lack a statistic, are named", async () => {
    const stale = copyOf("stale")
    // Of two labels, both of which are lesion unless the config says otherwise.
    const ball = ballBytes([3, 4, 4], 1)
    const labels = encodeNifti({
      grid: tinyBrain.grid,
      values: Uint8Array.from(ball.subarray(352), (value, element) => value * (1 + (element % 2)))
    })
    writeFile(join(stale.folder, "lesions", lesionName("001")), gzipSync(labels))
    await runs(stale)
    await assertRefused(
      stale,
      ["--set", "statistics.maps=[r, z, t]"],
      "sub-001",
      "made with statistic p, statistic pfdr and not in this run"
    )
    await assertRefused(
      stale,
      ["--set", "lesions.values=1", "--set", "lesions.weights=values"],
      /lesions\.(values|weights)/
    )
    const lesion = join(stale.folder, "lesions", lesionName("002"))
    writeFile(lesion, gzipSync(ballBytes([8, 5, 4], 2)))
    await assertRefused(stale, [], "sub-002", `the lesion file ${lesion} has changed`)
    await assertRefused(stale, participants("001"), "sub-002", `the lesion file ${lesion} has changed`)
    const changed = await lnmHereSucceeds(["verify", stale.output])
    assert.match(changed.stderr, /^warning: 1 lesion\(s\) with maps in this folder .+\n {2}sub-002\/.+ has changed\n/)
    rmSync(lesion)
    await assertRefused(stale, [], "sub-002", `the lesion file ${lesion} is gone`)
    // They are named where something else is wrong, too.
    writeFile(join(stale.output, "sub-001/.sub-001_left.nii.gz.partial-123"), "part of a file")
    const gone = await lnmHere(["verify", stale.output])
    assert.strictEqual(gone.code, 1)
    assert.match(gone.stderr, new RegExp(`^ {2}sub-002/.+…: the lesion file ${lesion} is gone$`, "m"))
    assert.include(gone.stderr, ".sub-001_left.nii.gz.partial-123")
    rmSync(join(stale.output, "sub-001/.sub-001_left.nii.gz.partial-123"))
    // Whoever removes its maps wants them no longer.
    for (const file of filesIn(stale.output).filter((name) => name.startsWith("sub-002/")))
      rmSync(join(stale.output, file))
    await runs(stale)
    assert.notInclude(readFileSync(join(stale.output, "summary.tsv"), "utf8"), "sub-002")
    assert.strictEqual((await lnmHereSucceeds(["verify", stale.output])).stderr, "")
  })

  it("of an earlier version are written over where the run writes all of them, and else refused", async () => {
    const old = copyOf("old")
    await runs(old, ...participants("001", "002"))
    const file = join(old.output, "manifest.json")
    const { study: _, lesions: __, ...manifest } = JSON.parse(readFileSync(file, "utf8"))
    const version2 = JSON.stringify({ ...manifest, format_version: 2, inputs: [] })
    writeFile(file, version2)
    await assertRefused(old, participants("001"), /has not left of which study they are: sub-002\/.+--fresh/)
    const before = identities(old.output)
    await runs(old, ...participants("001", "002"))
    for (const [map, identity] of Object.entries(identities(old.output))) assert.notStrictEqual(identity, before[map])
    // With nothing that says what the maps are, but the dataset's own description.
    rmSync(file)
    await assertRefused(old, participants("001"), /sub-002\/.+Move them away/)
  })
})

describe("--fresh", () => {
  it("removes what the manifest lists, and nothing else", async () => {
    const fresh = copyOf("fresh")
    await runs(fresh)
    writeFile(join(fresh.output, "notes.txt"), "mine")
    writeFile(join(fresh.output, "sub-002/sub-002_T1w.json"), "mine")
    await runs(fresh, "--fresh", "--set", "method=pini", ...participants("001"))
    const left = filesIn(fresh.output)
    assert.deepStrictEqual(
      left.filter((file) => !file.startsWith("sub-001/") && file.includes("/")),
      ["sub-002/sub-002_T1w.json"]
    )
    assert.isFalse(left.some((file) => file.includes("desc-boes")))
    assert.include(left, "notes.txt")
    assert.deepStrictEqual(
      readdirSync(fresh.output).filter((name) => name.startsWith("sub-")),
      ["sub-001", "sub-002"]
    )
    const { stdout } = await lnmHereSucceeds(["verify", fresh.output])
    assert.match(stdout, /2 other file\(s\)/)
  })
})

const journalOf = ({ output }: TinyStudy): string => join(output, ".lnm/finished.jsonl")

/** Lines of a journal before the first lesion: what the run makes, and the map of the degree. */
const linesBefore = 2

const linesOf = (file: string): number => (existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0)

/** A study of as many lesions, of which one statistic is made. */
const manyLesions = async (name: string, lesions: number): Promise<TinyStudy> => {
  const centres = Array.from({ length: lesions }, (_, n) => [3 + (n % 6), 4 + (n % 5), 4 + (n % 4)] as const)
  const study = await writeTinyStudy(join(scratch, name), { subjects: 4, centres })
  writeConfig(study.config, { pipeline: "functional-network-mapping", ...study.keys, statistics: { maps: ["r"] } })
  return study
}

/** Starts a run, and calls `meanwhile` while it stands still, when its journal says that so many lesions are finished. */
const stopAfter = async (
  study: TinyStudy,
  finished: number,
  meanwhile: (child: ChildProcess) => Promise<void> | void
): Promise<Ended> => {
  const { child, ended } = startLnm(["run", study.config, ...options])
  const lines = finished === 0 ? 1 : linesBefore + finished
  while (linesOf(journalOf(study)) < lines && child.exitCode === null) {
    await new Promise((done) => setTimeout(done, 1))
  }
  child.kill("SIGSTOP")
  await meanwhile(child)
  child.kill("SIGCONT")
  return await ended
}

const killAfter = async (study: TinyStudy, finished: number): Promise<void> => {
  const ended = await stopAfter(study, finished, (child) => void child.kill("SIGKILL"))
  assert.isNull(ended.code, "it was killed before its end")
}

describe("a run that was killed", () => {
  it("leaves to the next what it has finished, whole, and nothing aside", async () => {
    const killed = await manyLesions("killed", 16)
    await killAfter(killed, 3)
    const before = identities(killed.output)
    const lines = readFileSync(journalOf(killed), "utf8").trimEnd().split("\n").slice(linesBefore)
    const finished = lines.map((line) => JSON.parse(line).says)
    assert.isFalse(existsSync(join(killed.output, "manifest.json")))
    writeFile(join(killed.output, "sub-001/.sub-001_left.nii.gz.partial-123"), "part of a file")
    const { stdout } = await runs(killed)
    assert.include(stdout, `${finished.length} lesion(s) have their maps already`)
    const after = identities(killed.output)
    for (const { files } of finished) {
      for (const { path } of files.filter(({ path }: { path: string }) => isMap(path))) {
        assert.strictEqual(after[path], before[path])
      }
    }
    const whole = await manyLesions("not killed", 16)
    await runs(whole)
    assert.deepStrictEqual(contentOf(killed.output, isFinal), contentOf(whole.output, isFinal))
    assert.deepStrictEqual(filesIn(killed.output), filesIn(whole.output))
    await lnmHereSucceeds(["verify", killed.output])
  })

  it("has its unfinished lesions removed by a run over others, and a torn line is as if it were not there", async () => {
    const torn = await manyLesions("torn", 12)
    await killAfter(torn, 3)
    const journal = journalOf(torn)
    const text = readFileSync(journal, "utf8")
    const finished = text.trimEnd().split("\n").slice(linesBefore)
    writeFile(journal, text.slice(0, text.lastIndexOf("\n", text.length - 2) + 100))
    const { stdout } = await runs(torn, ...participants("012"))
    assert.include(stdout, `${finished.length - 1} other lesion(s)`)
    await lnmHereSucceeds(["verify", torn.output])
    const subjects = readdirSync(torn.output).filter((name) => name.startsWith("sub-"))
    assert.lengthOf(subjects, finished.length)
  })
})

describe("runs into one folder at once", () => {
  it("while one runs, others refuse at once and name it", async () => {
    const busy = await manyLesions("busy", 8)
    const { code } = await stopAfter(busy, 1, async ({ pid }) => {
      const before = contentOf(busy.output)
      const { code, stderr } = await lnmHere(["run", busy.config, ...options])
      assert.strictEqual(code, 2, stderr)
      assert.match(stderr, new RegExp(`^error: output\\.path: .+process ${pid} on .+ is writing maps there`))
      assert.deepStrictEqual(contentOf(busy.output), before)
    })
    assert.strictEqual(code, 0)
    await lnmHereSucceeds(["verify", busy.output])
    assert.isFalse(existsSync(join(busy.output, ".lnm")))
  })

  it("of five that start together one maps, and the others refuse, or find all maps made", async () => {
    const busy = await manyLesions("five", 8)
    const started = Array.from({ length: 5 }, () => startLnm(["run", busy.config, ...options]))
    const ended = await Promise.all(started.map(({ ended }) => ended))
    assert.lengthOf(
      ended.filter(({ stdout }) => stdout.startsWith("8 lesion(s) ×")),
      1
    )
    for (const { code, stdout, stderr } of ended) {
      if (code === 0) assert.match(stdout, /^8 lesion\(s\) (×|have their maps already: nothing is left)/)
      else {
        assert.strictEqual(code, 2, stderr)
        assert.match(
          stderr,
          /^error: output\.path: .+(process \d+ on .+ is writing maps|another run has written) there/m,
          stderr
        )
      }
    }
    await lnmHereSucceeds(["verify", busy.output])
  })
})

describe("a lesion whose maps cannot be written", () => {
  it("does not take the others with it, and is all that the next run maps", async () => {
    const blocked = await manyLesions("blocked", 6)
    const map = `sub-006/sub-006_space-${tinySpace}_label-lesion_desc-boes_stat-r_statmap.nii.gz`
    const inTheWay = join(blocked.output, map)
    const { code, stderr } = await stopAfter(blocked, 0, () => void mkdirSync(inTheWay, { recursive: true }))
    assert.strictEqual(code, 1, stderr)
    assert.match(
      stderr,
      /^error: the maps of 1 lesion\(s\) could not be written:\n {2}sub-006.+: .+a folder of that name is in its place/
    )
    assert.isFalse(existsSync(join(blocked.output, "manifest.json")))
    rmSync(inTheWay, { recursive: true })
    const before = identities(blocked.output)
    assert.lengthOf(Object.keys(of(before, "006")), 0)
    assert.lengthOf(Object.keys(before), 6)
    const { stdout } = await runs(blocked)
    assert.match(stdout, /^1 lesion\(s\) ×.*\n5 lesion\(s\) have their maps already/)
    const { [map]: added, ...others } = identities(blocked.output)
    assert.isDefined(added)
    assert.deepStrictEqual(others, before)
    await lnmHereSucceeds(["verify", blocked.output])
  })
})
