/** Help comes at once because only what it needs is loaded; judged by the modules, as time depends on the machine. */
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { lnmSucceeds } from "../support/runLnm.ts"

const recorder = pathToFileURL(join(import.meta.dirname, "../support/recordLoadedModules.ts")).href

const modulesOf = async (...args: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const { stderr } = await lnmSucceeds(args, { nodeOptions: ["--import", recorder] })
  return stderr.trim().split("\n")
}

/** What only a run needs. */
const heavy = ["h5wasm", "yaml", "nifti-reader-js", "ndarray", "fastest-levenshtein", "log-update", "@niivue/niivue"]

const isOf = (name: string) => (url: string) => url.includes(`/node_modules/${name}/`)

describe.concurrent("starting the command", () => {
  it("for help or the version loads none of the readers, and of the package only what names the commands", async () => {
    const started = await Promise.all([modulesOf("--help"), modulesOf("run", "--help"), modulesOf("--version")])
    for (const modules of started) {
      assert.isAbove(modules.filter(isOf("effect")).length, 10, "the recorder records")
      assert.deepStrictEqual(
        modules.filter((url) => heavy.some((name) => isOf(name)(url))),
        []
      )
      const own = modules.filter((url) => /\/(src|pipelines)\//.test(url) && !url.includes("/node_modules/"))
      assert.isBelow(own.length, 20, own.join("\n"))
    }
  })

  it("never loads the whole of @effect/platform-node, whose index costs most of a second", async () => {
    const modules = await modulesOf("--help")
    assert.deepStrictEqual(
      modules.filter((url) => url.includes("/@effect/platform-node/dist/index.js")),
      []
    )
  })
})
