import { assert, describe, it } from "@effect/vitest"
import { countDownloads } from "../../src/fetch/DownloadProgress.ts"

const file = (name: string, bytes: number | undefined) =>
  ({ name, bytes }) as unknown as Parameters<typeof countDownloads>[0][number]

describe("countDownloads", () => {
  it("says the speed of what has come since it began again, and counts no file of unknown size as done", () => {
    const files = [file("a", 8e9), file("b", 8e9), file("c", undefined)]
    const count = countDownloads(files)
    count.onBytes(files[0]!, 0)
    count.onBytes(files[0]!, 8e9)
    count.begin()
    count.onBytes(files[1]!, 0)
    count.onBytes(files[1]!, 20e6)
    assert.match(count.text(2), /1 of 3 files, 10\.0 MB\/s/)
  })
})
