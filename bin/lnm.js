#!/usr/bin/env node
// The `lnm` command. It runs in this Node where that is new enough and its address space is not limited, else in a Node of its own.
import { existsSync } from "node:fs"

const oldestNode = 24

// A checkout runs its TypeScript sources as they are; the npm package holds the compiled ones.
const sources = new URL(
  existsSync(new URL("../src/cli/main.ts", import.meta.url)) ? "../src/" : "../dist/src/",
  import.meta.url
)
const { addressSpaceLimit } = await import(new URL("runtime/addressSpaceLimit.js", sources).href)

const isNewEnough = Number.parseInt(process.versions.node, 10) >= oldestNode

// V8 guards each WebAssembly memory with 8 GiB of addresses. Where these are limited, it checks bounds in its code instead.
const withoutGuards = "--disable-wasm-trap-handler"
const isLimited = Number.isFinite(addressSpaceLimit())
const hasNoGuards = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].some((option) =>
  option.includes(withoutGuards)
)

// With less, not even `lnm plan` comes to its end (measured: 1.8 GiB).
const leastAddressSpace = 2 * 2 ** 30

if (addressSpaceLimit() < leastAddressSpace) {
  console.error(
    `error: the address space is limited to ${(addressSpaceLimit() / 2 ** 30).toFixed(2)} GiB (ulimit -v; h_vmem or pvmem of a batch job), and ` +
      "lnm needs at least 2 GiB of it to start and 5 GiB to compute, most of which is only reserved. Raise that limit."
  )
  process.exitCode = 2
} else if (isNewEnough && (!isLimited || hasNoGuards)) {
  const { start } = await import("./start.js")
  await start(sources)
} else {
  const { runInChild } = await import("./childNode.js")
  await runInChild({
    node: isNewEnough ? process.execPath : undefined,
    // The C library reserves 128 MiB of addresses for each thread that allocates, where it is not told to share.
    env: isLimited ? { MALLOC_ARENA_MAX: "1" } : {},
    options: [...(isNewEnough ? process.execArgv : []), ...(isLimited ? [withoutGuards] : [])],
    oldestNode
  })
}
