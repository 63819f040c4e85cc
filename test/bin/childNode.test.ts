/** What the launcher says where the Node that it would start is missing or does not run: with stand-ins for that Node. */
import { chmodSync, cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { type Ended, repository, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()

let copies = 0

/** A copy of the launcher's files, in a package of its own, beside which `files` lie. */
const copyOfLauncher = (files: Readonly<Record<string, string>>): string => {
  const folder = join(scratch, `copy-${copies++}`)
  for (const name of readdirSync(join(repository, "bin")))
    cpSync(join(repository, "bin", name), join(folder, "bin", name))
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }')
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
    chmodSync(join(folder, name), 0o755)
  }
  return folder
}

/** Starts the command as under an older Node. */
const startIn = (folder: string): Promise<Ended> => {
  const script = `const { runInChild } = await import(${JSON.stringify(join(folder, "bin/childNode.js"))})
    await runInChild({ node: undefined, options: [], oldestNode: 24 })`
  return startProgram(process.execPath, ["--input-type=module", "-e", script]).ended
}

const ownNode = "node_modules/node/bin/node"

describe.skipIf(process.platform !== "linux")("a Node of the launcher's own", () => {
  it("that was never fetched: the install script is named, and how to run it", async () => {
    const { code, stderr } = await startIn(copyOfLauncher({ "node_modules/node/package.json": "{}" }))
    assert.strictEqual(code, 2)
    assert.match(
      stderr,
      /^error: lnm needs Node 24 or newer.+install script.+npm rebuild node --ignore-scripts=false.+\n$/
    )
  })

  it("that no one has installed: a newer Node is asked for", async () => {
    const { code, stderr } = await startIn(copyOfLauncher({}))
    assert.strictEqual(code, 2)
    assert.match(stderr, /^error: lnm needs Node 24 or newer, and this is Node \d+.+npm ci.+\n$/)
  })

  it("that was fetched but not linked into its place is found", async () => {
    const fetched = `node_modules/node/node_modules/node-linux-${process.arch}/bin/node`
    const { code, stdout } = await startIn(copyOfLauncher({ [fetched]: "#!/bin/sh\necho it runs\n" }))
    assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: "it runs\n" })
  })

  it("that may not be run is named in one line", async () => {
    const folder = copyOfLauncher({ [ownNode]: "#!/bin/sh\n" })
    chmodSync(join(folder, ownNode), 0o644)
    const { code, stderr } = await startIn(folder)
    assert.strictEqual(code, 2)
    assert.match(stderr, /^error: \S+\/node_modules\/node\/bin\/node may not be run \(EACCES.+noexec\).+\n$/)
  })

  it("whose loader the system does not have, or that is made for another machine", async () => {
    const noLoader = await startIn(copyOfLauncher({ [ownNode]: "#!/lib64/no-such-loader\n" }))
    assert.strictEqual(noLoader.code, 2)
    assert.match(noLoader.stderr, /^error: \S+ cannot be run: the system has no loader for it.+\n$/)
    const elf = "\u007fELF\u0002\u0001\u0001".padEnd(64, "\0")
    const words = "node: error while loading shared libraries: libatomic.so.1: cannot open shared object file"
    const lacking = await startIn(copyOfLauncher({ [ownNode]: `#!/bin/sh\necho "${words}" >&2\nexit 127\n` }))
    assert.strictEqual(lacking.code, 2)
    assert.match(lacking.stderr, /\nerror: \S+ does not run: this system lacks the library libatomic\.so\.1\. .+\n$/)
    const foreign = await startIn(copyOfLauncher({ [ownNode]: elf }))
    assert.strictEqual(foreign.code, 2)
    assert.match(foreign.stderr, /error: \S+ does not run: it is made for another kind of machine, or damaged.+\n$/)
  })

  it("that the system's library is too old for: what that means stands below the loader's own words", async () => {
    const words = "node: /lib64/libm.so.6: version 'GLIBC_2.27' not found (required by node)"
    const { code, stderr } = await startIn(copyOfLauncher({ [ownNode]: `#!/bin/sh\necho "${words}" >&2\nexit 1\n` }))
    assert.strictEqual(code, 2)
    assert.match(
      stderr,
      /^node: .+GLIBC_2\.27.+\nerror: \S+ does not run on this system: Node 24 needs glibc 2\.28 or newer.+\n$/
    )
  })

  it("that fails for another reason has said it itself", async () => {
    const script = `#!/bin/sh\n[ "$1" = --version ] || { echo broken >&2; exit 3; }\n`
    assert.deepStrictEqual(await startIn(copyOfLauncher({ [ownNode]: script })), {
      code: 3,
      stdout: "",
      stderr: "broken\n"
    })
  })
})
