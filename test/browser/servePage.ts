/** A server on loopback that gives one page to whoever asks, for tests. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"

export interface Served extends AsyncDisposable {
  readonly address: string
}

export const servePage = async (page: string | RequestListener): Promise<Served> => {
  const answer: RequestListener = (_, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8").end(page)
  }
  const server = createServer(typeof page === "string" ? answer : page)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}
