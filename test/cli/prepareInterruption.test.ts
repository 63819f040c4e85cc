/** A preparation goes on after whatever has stopped it, and its store is to the byte that of an undisturbed one. */
import { once } from "node:events"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { truncate } from "../support/damage.ts"
import { contentOf } from "../support/folderContent.ts"
import { lnmHere } from "../support/lnmHere.ts"
import { makeStoreIn, writePrepareConfig } from "../support/preparedStores.ts"
import { launcher, lnm, lnmSucceeds, startLnm, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { ellipsoidIn, noise, writeNiftiScans } from "../support/tinyConnectome.ts"
import { writeConfig, writeLesions } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
/** Small, and many subjects: so most of a run is changes to the disk. */
const brain = ellipsoidIn([16, 17, 16])
const subjects = 30
let source: Readonly<Record<string, unknown>>
let reference: Readonly<Record<string, string>>

beforeAll(async () => {
  const { path, mask } = writeNiftiScans(scratch, { subjects, timePoints: 30, brain })
  source = { path, mask }
  reference = contentOf(await makeStoreIn(scratch, "reference", { source }))
})

/** Subjects that a preparation has kept, as its journal has them. */
const keptBy = (store: string): number => {
  const journal = `${store}.unfinished/progress/journal`
  return existsSync(journal) ? readdirSync(journal).filter((name) => name.endsWith(".json")).length : 0
}

/** Most subjects that a run may store until it is killed, and most milliseconds after that: more than one subject takes. */
const mostStored = 12
const mostMilliseconds = 20

/** Starts a run and kills it a random number of subjects and milliseconds after it has begun to work; its exit code. */
const runAndKill = async (store: string, config: string, random: () => number): Promise<number | null> => {
  const share = () => (1 + random()) / 2
  const start = keptBy(store)
  const least = start + Math.floor(share() * Math.min(mostStored, subjects + 1 - start))
  const milliseconds = mostMilliseconds * share()
  const { child, ended } = startLnm(["run", config, "--progress", "json", ...(existsSync(store) ? ["--fresh"] : [])])
  let working = true
  child.stderr!.once("data", async () => {
    while (working && keptBy(store) < least) await sleep(1)
    await sleep(milliseconds)
    child.kill("SIGKILL")
  })
  const { code } = await ended
  working = false
  return code
}

/** Kills the preparation of one store so many times at random moments, then lets it end. */
const killTimes = async (name: string, times: number, workers: number): Promise<void> => {
  const config = writePrepareConfig(scratch, name, { source, compute: { workers } })
  const store = join(scratch, `${name}.zarr`)
  const random = noise(times + workers)
  let [kills, between] = [0, 0]
  for (let attempt = 0; kills < times; attempt++) {
    assert.isBelow(attempt, 3 * times, "a run ends too soon to be killed")
    const code = await runAndKill(store, config, random)
    if (code === null) kills++
    else assert.strictEqual(code, 0, `attempt ${attempt}`)
    if (keptBy(store) > 0) between++
    if (existsSync(store)) assert.deepStrictEqual(contentOf(store), reference)
  }
  assert.isAbove(between, 2, "no run was killed between its first subject and its last")
  if (!existsSync(store)) await lnmSucceeds(["run", config, "--progress", "off"])
  assert.deepStrictEqual(contentOf(store), reference)
  assert.deepStrictEqual(
    readdirSync(scratch).filter((file) => file.startsWith(`${name}.zarr`)),
    [`${name}.zarr`]
  )
}

describe("a preparation", () => {
  it("that is killed at twenty random moments resumes each time, never with a wrong byte", async () => {
    await Promise.all([killTimes("killed-alone", 10, 1), killTimes("killed", 10, 2)])
  }, 180_000)

  it("keeps a second one of the same store out, with exit code 2, and is not disturbed by it", async () => {
    const config = writePrepareConfig(scratch, "twice", { source })
    const first = startLnm(["run", config, "--progress", "json"])
    await once(first.child.stderr!, "data")
    // Stopped, so that it is at work however long the second takes to start.
    first.child.kill("SIGSTOP")
    for (const args of [[], ["--fresh"]]) {
      const second = await lnmHere(["run", config, "--progress", "off", ...args])
      assert.strictEqual(second.code, 2, second.stderr)
      assert.match(
        second.stderr,
        new RegExp(`twice\\.zarr: process ${first.child.pid} on \\S+ is preparing this store`)
      )
    }
    first.child.kill("SIGCONT")
    assert.strictEqual((await first.ended).code, 0)
    assert.deepStrictEqual(contentOf(join(scratch, "twice.zarr")), reference)
  })

  it("that is interrupted by Ctrl-C ends with 130, says how to go on, and is refused by a run until it has", async () => {
    const config = writePrepareConfig(scratch, "interrupted", { source })
    const { child, ended } = startLnm(["run", config, "--progress", "json"])
    child.stderr!.once("data", () => child.kill("SIGINT"))
    const { code, stderr } = await ended
    assert.strictEqual(code, 130, stderr)
    assert.include(stderr, "run again, and it goes on from there")
    const store = join(scratch, "interrupted.zarr")
    assert.isTrue(existsSync(`${store}.unfinished`))

    const study = writeConfig(join(scratch, "study.yaml"), {
      pipeline: "functional-network-mapping",
      connectome: { path: store },
      lesions: { path: writeLesions(join(scratch, "lesions"), [[8, 8, 8]], brain) },
      output: { path: "maps" }
    })
    const refused = await lnmHere(["run", study])
    assert.strictEqual(refused.code, 2)
    assert.include(refused.stderr, "the store is not finished")

    const other = await lnmHere(["run", config, "--set", "precision=float32"])
    assert.strictEqual(other.code, 2)
    assert.match(other.stderr, /begun with another precision \(int16, now float32\).*--fresh/)
    await lnmSucceeds(["run", config, "--progress", "off"])
    assert.deepStrictEqual(contentOf(store), reference)

    const again = await lnmHere(["run", config])
    assert.strictEqual(again.code, 2)
    assert.match(again.stderr, /the store is finished.*--fresh/)
    await lnmSucceeds(["run", config, "--progress", "off", "--fresh", "--set", "precision=float32"])
    assert.notDeepEqual(contentOf(store), reference)
  }, 120_000)

  it("that finds the disk full says so, keeps what is finished, and goes on when there is room", async () => {
    const config = writePrepareConfig(scratch, "full", { source })
    // Files of at most so many blocks of 512 bytes: writing more fails, as on a full disk.
    const limited = ["-c", 'ulimit -f 100; exec "$@"', "sh", process.execPath, launcher, "run", config]
    const { code, stderr } = await startProgram("sh", [...limited, "--progress", "off"]).ended
    assert.strictEqual(code, 1, stderr)
    assert.match(stderr, /full\.zarr\.unfinished\/\S+ could not be written: .+ goes on after them/)
    await lnmSucceeds(["run", config, "--progress", "off"])
    assert.deepStrictEqual(contentOf(join(scratch, "full.zarr")), reference)
  })

  it("reads a scan again that has changed since it was stored", async () => {
    const folder = join(scratch, "changed")
    const { path, mask, scans } = writeNiftiScans(folder, { subjects: 4 })
    const config = writePrepareConfig(folder, "store", { source: { path, mask } })
    const last = readFileSync(scans[3]!)
    truncate(scans[3]!, 0.5)
    assert.strictEqual((await lnm(["run", config, "--progress", "off"])).code, 1)
    // The first is another person's now, and the last is whole again.
    const other = writeNiftiScans(join(folder, "other"), { subjects: 1, firstSubject: 9 })
    writeFileSync(scans[0]!, readFileSync(other.scans[0]!))
    writeFileSync(scans[3]!, last)
    const { stderr } = await lnmSucceeds(["run", config, "--progress", "off"])
    assert.include(stderr, "going on: 2 of 4 subjects are there already")
    const undisturbed = await makeStoreIn(folder, "undisturbed", { source: { path, mask } })
    assert.deepStrictEqual(contentOf(join(folder, "store.zarr")), contentOf(undisturbed))
  })
})
