/** `lnm view` as a process: says where to look, answers there, and ends with Ctrl-C. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { openerOf } from "../../src/cli/openAddress.ts"
import { lnmHere } from "../support/lnmHere.ts"
import { lnm, startLnm } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeViewedOutput } from "../support/viewedOutput.ts"

const scratch = scratchFolder()
const output = writeViewedOutput(scratch)

describe("lnm view", () => {
  it("prints the address, serves the page there, and ends by Ctrl-C with 130 and its port free", async () => {
    const { child, ended } = startLnm(["view", output.folder, "--no-open"])
    const address = await new Promise<string>((resolve, reject) => {
      let printed = ""
      child.stdout!.on("data", (piece: Buffer) => {
        printed += piece
        const [found] = /http:\S+/.exec(printed) ?? []
        if (found !== undefined && printed.includes("Ctrl-C")) resolve(found)
      })
      ended.then(({ stderr }) => reject(new Error(stderr)), reject)
    })
    const entered = await fetch(address)
    assert.strictEqual(entered.status, 200)
    const cookie = entered.headers.get("set-cookie")!.split(";")[0]!
    const { origin } = new URL(address)
    const study = await fetch(`${origin}/study.json`, { headers: { cookie, connection: "close" } })
    assert.strictEqual(((await study.json()) as { entries: ReadonlyArray<unknown> }).entries.length, 2)
    child.kill("SIGINT")
    const { code, stderr } = await ended
    assert.strictEqual(code, 130, stderr)
    assert.strictEqual(stderr, "interrupted: no file is left half-written\n")
    const after = await fetch(origin).then(
      () => "answered",
      () => "refused"
    )
    assert.strictEqual(after, "refused")
  })

  it("refuses a folder without a manifest, or without a map, before it serves anything", async () => {
    const none = await lnmHere(["view", join(scratch, "lesions"), "--no-open"])
    assert.deepStrictEqual([none.code, none.stdout], [2, ""])
    assert.match(none.stderr, /there is no manifest\.json: no run has finished here/)
    const folder = join(scratch, "lesions")
    const outputs = [{ path: "README", bytes: 1, sha256: "0" }]
    writeFileSync(join(folder, "manifest.json"), JSON.stringify({ ...output.manifest, outputs, lesions: [] }))
    const empty = await lnm(["view", folder, "--no-open"])
    assert.deepStrictEqual([empty.code, empty.stdout], [2, ""])
    assert.match(empty.stderr, /its manifest lists no map/)
  })

  it("opens a browser only where there are windows", () => {
    assert.strictEqual(openerOf("darwin", {}), "open")
    assert.strictEqual(openerOf("linux", { DISPLAY: ":0" }), "xdg-open")
    assert.strictEqual(openerOf("linux", { WAYLAND_DISPLAY: "wayland-0" }), "xdg-open")
    assert.isUndefined(openerOf("linux", { SSH_CONNECTION: "1" }))
  })
})
