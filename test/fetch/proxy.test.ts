/** Proxies of the environment are used: plain requests are handed to them whole, and secure ones through a tunnel. */
import { readFileSync } from "node:fs"
import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { firstId, md5Of, startDataverse } from "../support/dataverse.ts"
import { repository, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()
const content = Buffer.from("through the proxy")
const script = join(repository, "test/support/downloadAlone.ts")

describe.concurrent("a proxy", () => {
  it("of HTTP_PROXY is given the whole address", async () => {
    const dataverse = await startDataverse({ files: [{ name: "a.tar", content }] })
    const asked: Array<string> = []
    const proxy = createServer((incoming, outgoing) => {
      asked.push(incoming.url!)
      request(incoming.url!, { headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(outgoing)
      }).end()
    })
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
    const address = `http://127.0.0.1:${dataverse.storagePort}/bucket/${firstId}`
    const target = join(scratch, "a.tar")
    const env = { HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, NO_PROXY: "", no_proxy: "" }
    const args = [script, address, `${content.length}`, md5Of(content), target]
    const { code, stderr } = await startProgram(process.execPath, args, { env }).ended
    proxy.closeAllConnections()
    proxy.close()
    await dataverse.close()
    assert.strictEqual(code, 0, stderr)
    assert.isTrue(readFileSync(target).equals(content))
    assert.deepStrictEqual(asked, [address])
  })

  it("of HTTPS_PROXY is asked for a tunnel to the server", async () => {
    const proxy = createServer()
    const asked = new Promise<string>((resolve) => {
      proxy.on("connect", (incoming, socket) => {
        // The client is killed while it may be sending.
        socket.on("error", () => {})
        resolve(incoming.url!)
        socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n")
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
    const env = { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, NO_PROXY: "", no_proxy: "" }
    const args = [script, "https://dataverse.example.org/a.tar", "5", "00", join(scratch, "b.tar")]
    const { child, ended } = startProgram(process.execPath, args, { env })
    assert.strictEqual(await asked, "dataverse.example.org:443")
    child.kill("SIGKILL")
    await ended
    proxy.close()
  })
})
