/** A process that downloads one file, for tests that kill it: `node downloadAlone.ts ADDRESS BYTES MD5 TARGET`. */
import { Effect } from "effect"
import { downloadFile } from "../../src/fetch/downloadFile.ts"

const [, , address, bytes, md5, target] = process.argv as [string, string, string, string, string, string]

await Effect.runPromise(
  downloadFile(
    {
      name: "scan.tar",
      key: address,
      bytes: Number(bytes),
      md5,
      request: Effect.succeed({ url: new URL(address) }),
      whenRefused: () => Effect.succeed("")
    },
    target,
    { acceptMismatch: false }
  )
)
