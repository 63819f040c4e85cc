/** What is known of files is not read again; a file that has changed is, and so is everything where what is kept is damaged. */
import { utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { encodeHeaders, KnownHeaders, knownHeader, makeHeaderMemory } from "../../src/connectome/KnownHeaders.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const file = join(scratchFolder(), "scan.nii")

it("reads a file once, however often it is asked for, until it is another", async () => {
  writeFileSync(file, "first")
  let reads = 0
  const read = knownHeader(
    file,
    Effect.sync(() => ({ dims: Int32Array.of(++reads), offset: 352n }))
  )
  const reading = (memory = makeHeaderMemory()) => Effect.runPromise(Effect.provideService(read, KnownHeaders, memory))
  const memory = makeHeaderMemory()
  assert.deepStrictEqual((await reading(memory)).dims, Int32Array.of(1))
  const kept = makeHeaderMemory(encodeHeaders(memory))
  assert.deepStrictEqual(await reading(kept), { dims: Int32Array.of(1), offset: 352n })
  utimesSync(file, 1, 1)
  assert.deepStrictEqual((await reading(kept)).dims, Int32Array.of(2))
  assert.deepStrictEqual((await reading(makeHeaderMemory(Uint8Array.of(1, 2, 3)))).dims, Int32Array.of(3))
  await Effect.runPromise(read)
  assert.strictEqual(reads, 4)
})
