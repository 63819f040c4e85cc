/** Downloads that are killed again and again end with the server's bytes, and so do stores that are made of them. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { firstId, md5Of, sendFrom, sha256Of, startDataverse } from "../support/dataverse.ts"
import { filesIn } from "../support/folderContent.ts"
import { launcher, lnmSucceeds, repository, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { makeTinyDataset, serveTinyDataset } from "../support/tinyDataset.ts"

const scratch = scratchFolder()
const isLong = process.env.LNM_FAULTS === "all"

describe.concurrent("a download", () => {
  // 20 in all, side by side.
  const kills = 10

  for (const seed of [1, 2]) {
    it(`that is killed ${kills} times at any moment resumes to the same bytes (${seed})`, async () => {
      const content = Buffer.from(
        Uint8Array.from({ length: 3_000_000 }, (_, n) => (Math.imul(n + seed, 2654435761) >>> 11) & 255)
      )
      let whenSent: (() => void) | undefined
      const dataverse = await startDataverse({
        files: [{ name: "scan.tar", content }],
        misbehave: (count, exchange) => {
          if (count > kills) return false
          // Some bytes, another number each time, and then the client is gone.
          const end = exchange.from + 1 + ((count * 7919 * (30 + seed)) % 250_000)
          const sent = sendFrom(exchange)
          sent.write(content.subarray(exchange.from, end), () => setTimeout(() => whenSent?.(), 15))
          return true
        }
      })
      const folder = join(scratch, `killed-${seed}`)
      const target = join(folder, "scan.tar")
      const address = `http://127.0.0.1:${dataverse.storagePort}/bucket/${firstId}`
      const script = join(repository, "test/support/downloadAlone.ts")
      const start = () => startProgram(process.execPath, [script, address, `${content.length}`, md5Of(content), target])
      const lengths: Array<number> = []
      for (let kill = 0; kill < kills; kill++) {
        const { child, ended } = start()
        whenSent = () => child.kill("SIGKILL")
        const { code, stderr } = await ended
        assert.isNull(code, stderr)
        assert.isFalse(existsSync(target))
        lengths.push(existsSync(`${target}.part`) ? statSync(`${target}.part`).size : 0)
      }
      const { code, stderr } = await start().ended
      await dataverse.close()
      assert.strictEqual(code, 0, stderr)
      assert.isTrue(readFileSync(target).equals(content))
      assert.deepStrictEqual(readdirSync(folder), ["scan.tar"])
      assert.deepStrictEqual(
        lengths,
        lengths.toSorted((a, b) => a - b),
        "what has come stays"
      )
      const asked = dataverse.seen.map(({ range }) => Number(/\d+/.exec(range ?? "0")![0]))
      assert.deepStrictEqual(asked.slice(1), lengths, "each goes on where the last one was killed")
      assert.isAbove(new Set(asked).size, kills / 2)
    })
  }
})

describe("a store of tars as they come", () => {
  it("that is killed before changes to the disk is in the end to the byte that of an undisturbed run", {
    timeout: 3_600_000
  }, async () => {
    const dataset = await makeTinyDataset(scratch)
    const server = await serveTinyDataset(scratch, dataset)
    const argsFor = (name: string) => [
      ...["fetch", "tiny", "--catalogue", server.catalogue, "--accept-terms", "--progress", "off"],
      ...["--to", join(scratch, name, "tars"), "--store", join(scratch, name, "s.zarr"), "--workers", "1"]
    ]
    const agent = join(repository, "test/faults/faultAgent.ts")
    const run = async (name: string, at?: number) => {
      const log = join(scratch, `${name}-log-${at}`)
      const fault = { kind: at === undefined ? "none" : "kill", at, folder: join(scratch, name), log }
      const args = ["--import", agent, launcher, ...argsFor(name)]
      const ended = await startProgram(process.execPath, args, { env: { LNM_FAULT: JSON.stringify(fault) } }).ended
      return { ...ended, changes: readFileSync(log, "utf8").split("\n").filter(Boolean).length }
    }
    const contentOf = (name: string) => {
      const store = join(scratch, name, "s.zarr")
      return filesIn(store).map((file) => [file, sha256Of(readFileSync(join(store, file)))])
    }
    const undisturbed = await run("undisturbed")
    assert.strictEqual(undisturbed.code, 0, undisturbed.stderr)
    assert.isAbove(undisturbed.changes, 60)
    const apart = isLong ? 3 : Math.ceil(undisturbed.changes / 5)
    let killed = 0
    for (let at = isLong ? 1 : apart; at < undisturbed.changes; at += apart) {
      const ended = await run("killed-store", at)
      if (ended.code === 0) break
      assert.isNull(ended.code, ended.stderr)
      killed++
    }
    assert.isAtLeast(killed, 2)
    if (!existsSync(join(scratch, "killed-store/s.zarr"))) await lnmSucceeds(argsFor("killed-store"))
    await server.close()
    assert.deepStrictEqual(contentOf("killed-store"), contentOf("undisturbed"))
    // The lock of a process that was killed is removed by the next that asks for it.
    const namesIn = (folder: string) => readdirSync(join(scratch, folder)).filter((name) => !name.includes(".lock."))
    const left = namesIn("killed-store")
    assert.deepStrictEqual(left.sort(), ["s.zarr", "tars"])
    assert.sameMembers(namesIn("killed-store/tars"), ["README.txt", "fetch.json", "masks"])
  })
})
