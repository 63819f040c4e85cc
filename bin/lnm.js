#!/usr/bin/env node
// The `lnm` command. From a checkout it runs the TypeScript sources as they are; from the npm package, their compiled twins.
import { existsSync } from "node:fs"
import module from "node:module"

const oldestNode = 24
if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  console.error(
    `error: lnm needs Node ${oldestNode} or newer; this is Node ${process.versions.node} (${process.execPath})`
  )
  process.exit(2)
}
module.enableCompileCache()
const source = new URL("../src/cli/main.ts", import.meta.url)
const compiled = new URL("../dist/src/cli/main.js", import.meta.url)
await import((existsSync(source) ? source : compiled).href)
