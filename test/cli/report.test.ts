/** The report in its place: made by a run and by `lnm report`, of all that is in the folder, and never in the way of the maps. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Checksums, loadConfig, OutputFolder, Progress, planStudy, run } from "../../src/index.ts"
import type { Manifest } from "../../src/output/Manifest.ts"
import { contentOf, isMap } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ballBytes, type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const options = ["--progress", "off", "--workers", "2"]

let study: TinyStudy

beforeAll(async () => {
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 5 })
  await lnmHereSucceeds(["run", study.config, ...options])
})

/** A copy of the study, and of what its run has made. */
const copyOf = (name: string): TinyStudy => {
  const folder = join(scratch, name)
  cpSync(study.folder, folder, { recursive: true })
  return { ...study, folder, config: join(folder, "study.yaml"), output: join(folder, "maps") }
}

const reportOf = ({ output }: TinyStudy): string => join(output, "report.html")

const pageOf = (of: TinyStudy): string => readFileSync(reportOf(of), "utf8")

const manifestOf = ({ output }: TinyStudy): Manifest =>
  JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")) as Manifest

const lesionsIn = (page: string): number => page.match(/<section class="lesion"/g)?.length ?? 0

/** A page without what depends on the time and the memory of a run. */
const timeless = (page: string): string =>
  page
    .replace(/<section aria-labelledby="time-title">.*?<\/section>/s, "")
    .replace(/<dt>(time|memory at the peak)<\/dt><dd>[^<]*/g, "")
    // How well a manifest or map is compressed does not depend on time, but sizes of files that hold times do.
    .replace(/manifest\.json/g, "")

describe("the report of a run", () => {
  it("lies beside the maps, has every lesion, and is known to the manifest and to lnm verify", async () => {
    assert.strictEqual(lesionsIn(pageOf(study)), 4)
    assert.isTrue(manifestOf(study).outputs.some(({ path }) => path === "report.html"))
    const { stdout } = await lnmHereSucceeds(["verify", study.output])
    assert.match(stdout, /files are as they were written/)
  })

  it("has memory and subjects over time, from a bounded trace in the manifest", () => {
    const { trace = [] } = manifestOf(study)
    assert.isAtLeast(trace.length, 2)
    assert.isAtMost(trace.length, 200)
    assert.strictEqual(trace.at(-1)!.subjects, 5)
    assert.includeMembers(
      trace.map(({ phase }) => phase),
      ["connectivity", "writing maps", "making the report"]
    )
    assert.isTrue(trace.every(({ resident_bytes }) => resident_bytes > 1e7))
    assert.include(pageOf(study), "Memory over time")
  })

  it("says what the config says, and the space, voxels and time points that the maps have", () => {
    const page = pageOf(study)
    assert.match(
      page,
      /connectome of resting-state fMRI \(&quot;connectome&quot;: 5 subjects, \d+ time points each, 816 voxels of/
    )
    assert.include(page, "4 degrees of freedom")
  })

  it("is the same for the same run, but for times and memory", async () => {
    const again = copyOf("again")
    await lnmHereSucceeds(["run", again.config, ...options, "--fresh"])
    assert.strictEqual(timeless(pageOf(again)), timeless(pageOf(study)))
  })

  it("covers all lesions that are there, whichever run has mapped them", async () => {
    const parts = copyOf("parts")
    rmSync(parts.output, { recursive: true })
    const only = (...labels: ReadonlyArray<string>) => ["--set", `lesions.participant=${JSON.stringify(labels)}`]
    await lnmHereSucceeds(["run", parts.config, ...options, ...only("001", "002")])
    assert.strictEqual(lesionsIn(pageOf(parts)), 2)
    await lnmHereSucceeds(["run", parts.config, ...options, ...only("003")])
    assert.strictEqual(lesionsIn(pageOf(parts)), 3)
    assert.include(pageOf(parts), "2 lesions of these were mapped by earlier runs")
  })

  it("is not made with report: false, and that of an earlier run goes, with what belongs to it", async () => {
    const none = copyOf("none")
    assert.isTrue(Object.keys(contentOf(none.output)).some((file) => file.includes("desc-overlap")))
    await lnmHereSucceeds(["run", none.config, ...options, "--set", "report=false"])
    const left = Object.keys(contentOf(none.output))
    assert.deepStrictEqual(
      left.filter((file) => file === "report.html" || file.includes("desc-overlap")),
      []
    )
    assert.isFalse(manifestOf(none).outputs.some(({ path }) => path === "report.html"))
    await lnmHereSucceeds(["verify", none.output])
  })

  it("is never written over a file of somebody else's", async () => {
    const foreign = copyOf("foreign")
    rmSync(foreign.output, { recursive: true })
    mkdirSync(foreign.output)
    writeFileSync(reportOf(foreign), "mine")
    const { code, stderr } = await lnmHere(["run", foreign.config, ...options])
    assert.strictEqual(code, 2)
    assert.include(stderr, "report.html")
    assert.strictEqual(readFileSync(reportOf(foreign), "utf8"), "mine")
    await lnmHereSucceeds(["run", foreign.config, ...options, "--set", "report=false"])
    assert.strictEqual(readFileSync(reportOf(foreign), "utf8"), "mine")
  })

  it("has slices over the image that report.background names", async () => {
    const over = copyOf("over")
    const background = join(over.folder, "T1w.nii.gz")
    writeFileSync(background, gzipSync(ballBytes([5, 6, 6], 5)))
    await lnmHereSucceeds(["run", over.config, ...options, "--set", "report={background: T1w.nii.gz}"])
    assert.include(pageOf(over), "T1w.nii.gz")
    assert.notStrictEqual(/data:image[^"]+/.exec(pageOf(over))![0], /data:image[^"]+/.exec(pageOf(study))![0])
  })

  it.live("that fails does not take the maps with it, and lnm report makes it when the trouble has gone", () =>
    Effect.gen(function* () {
      const failing = copyOf("failing")
      rmSync(failing.output, { recursive: true })
      const { file, config } = yield* loadConfig(failing.config)
      const planned = yield* planStudy(config)
      mkdirSync(reportOf(failing), { recursive: true })
      const error = yield* run(planned, { config, inputs: [file] }).pipe(
        Effect.provide([OutputFolder.layer(failing.output), Checksums.layer(), Progress.layerOff]),
        Effect.flip
      )
      assert.strictEqual(error._tag, "ReportNotMade")
      assert.include(error.message, `the maps are finished`)
      assert.include(error.message, `lnm report ${failing.output}`)
      const all = yield* Effect.promise(() => lnmHere(["report", failing.output]))
      assert.deepStrictEqual([all.code, existsSync(join(failing.output, "manifest.json"))], [2, true])
      rmSync(reportOf(failing), { recursive: true })
      yield* Effect.promise(() => lnmHereSucceeds(["verify", failing.output]))
      yield* Effect.promise(() => lnmHereSucceeds(["report", failing.output]))
      assert.strictEqual(lesionsIn(pageOf(failing)), 4)
    }).pipe(Effect.scoped)
  )
})

describe("report.background", () => {
  const refusal = async (background: string, name: string) => {
    const { code, stderr } = await lnmHere([
      "plan",
      study.config,
      "--set",
      `report={background: ${JSON.stringify(background)}}`,
      "--set",
      `output.path=${JSON.stringify(join(scratch, name))}`
    ])
    assert.strictEqual(code, 2)
    assert.include(stderr, "report.background")
    assert.isFalse(existsSync(join(scratch, name)))
    return stderr
  }

  it("that is missing, cut off, or no image, is told before anything is computed", async () => {
    assert.include(await refusal(join(scratch, "gone.nii.gz"), "a"), "gone.nii.gz")
    const whole = gzipSync(ballBytes([5, 6, 6], 4))
    const cut = join(scratch, "cut.nii.gz")
    writeFileSync(cut, whole)
    truncateSync(cut, whole.length - 12)
    assert.include(await refusal(cut, "b"), "cut.nii.gz")
    const text = join(scratch, "text.nii.gz")
    writeFileSync(text, "T1w")
    assert.include(await refusal(text, "c"), "text.nii.gz")
  })

  it("is taken relative to the config's file", async () => {
    const { code, stderr } = await lnmHere(["plan", study.config, "--set", "report={background: images/T1w.nii}"])
    assert.strictEqual(code, 2)
    assert.include(stderr, join(study.folder, "images/T1w.nii"))
  })
})

describe("a lock", () => {
  it("holds a run to its maps, whether it makes a report and pictures or not", async () => {
    const locked = copyOf("locked")
    const strict = [...options, "--fresh", "--set", "compute.arithmetic=strict"]
    await lnmHereSucceeds(["run", locked.config, ...strict])
    const lock = join(locked.folder, "lnm.lock.json")
    await lnmHereSucceeds(["lock", locked.output, "--to", lock])
    assert.notMatch(readFileSync(lock, "utf8"), /report|overlap|pictures|png/)
    await lnmHereSucceeds(["run", locked.config, ...strict, "--set", "report=false", "--locked", lock])
    await lnmHereSucceeds(["run", locked.config, ...strict, "--set", "output.pictures=true", "--locked", lock])
    assert.isTrue(Object.keys(contentOf(locked.output)).some((file) => file.endsWith(".png")))
    await lnmHereSucceeds(["verify", locked.output, "--rerun"])
  })
})

describe("lnm report", () => {
  it("makes the page of the run anew, and the manifest knows it", async () => {
    const made = copyOf("made")
    const [page, maps] = [pageOf(made), contentOf(made.output, isMap)]
    writeFileSync(reportOf(made), "gone")
    const { stdout } = await lnmHereSucceeds(["report", made.output])
    assert.include(stdout, reportOf(made))
    assert.strictEqual(timeless(pageOf(made)), timeless(page))
    assert.deepStrictEqual(contentOf(made.output, isMap), maps)
    await lnmHereSucceeds(["verify", made.output])
  })

  it("makes one where the run made none, and leaves what else the manifest says as it was", async () => {
    const later = copyOf("later")
    await lnmHereSucceeds(["run", later.config, ...options, "--fresh", "--set", "report=false"])
    const before = manifestOf(later)
    await lnmHereSucceeds(["report", later.output])
    const { outputs, ...rest } = manifestOf(later)
    assert.deepStrictEqual(rest, (({ outputs: _, ...others }) => others)(before))
    assert.includeMembers(
      outputs.map(({ path }) => path),
      [...before.outputs.map(({ path }) => path), "report.html"]
    )
    await lnmHereSucceeds(["verify", later.output])
  })

  it("shows what it can where lesion files are gone, and says what it cannot", async () => {
    const moved = copyOf("moved")
    await lnmHereSucceeds(["run", moved.config, ...options, "--fresh"])
    rmSync(join(moved.folder, "lesions"), { recursive: true })
    await lnmHereSucceeds(["report", moved.output])
    assert.strictEqual(lesionsIn(pageOf(moved)), 4)
    assert.include(pageOf(moved), "No outline is drawn of lesions whose files cannot be read any more")
    assert.notInclude(pageOf(study), "No outline is drawn")
  })

  it("has exit code 2 where there is no finished run, or no image at --background", async () => {
    const empty = join(scratch, "empty")
    mkdirSync(empty)
    const none = await lnmHere(["report", empty])
    assert.strictEqual(none.code, 2)
    assert.include(none.stderr, "no run has finished here")
    const wrong = await lnmHere(["report", study.output, "--background", join(scratch, "no.nii")])
    assert.strictEqual(wrong.code, 2)
    assert.include(wrong.stderr, "no.nii")
  })
})
