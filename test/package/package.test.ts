/** The package as users get it: packed from a copy of the sources, installed into an empty folder, run from there. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { delimiter, dirname, join } from "node:path"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { whyNotWide } from "../../src/kernels/wideVectors.ts"
import type { Manifest } from "../../src/output/Manifest.ts"
import { contentOf, isMap } from "../support/folderContent.ts"
import { type Ended, lnmSucceeds, repository, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { lesionName, type TinyStudy, writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const app = join(scratch, "app")
const command = join(app, "node_modules/.bin/lnm")

/** Runs a program with this Node first on the path: npm and the command's first line look for it there. */
const succeeds = async (cwd: string, program: string, ...args: ReadonlyArray<string>): Promise<Ended> => {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter)
  const ended = await startProgram("env", [`PATH=${path}`, program, ...args], { cwd }).ended
  if (ended.code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${ended.code}:\n${ended.stderr}`)
  return ended
}

/** Everything that is no build product, as in a fresh clone; the tools are those of this checkout. */
const copySources = (): string => {
  const copy = join(scratch, "sources")
  mkdirSync(copy)
  const left = new Set(["node_modules", "dist", ".git", "demo-output"])
  for (const name of readdirSync(repository)) {
    if (left.has(name)) continue
    const filter = (path: string) => !path.endsWith("/node_modules")
    cpSync(join(repository, name), join(copy, name), { recursive: true, filter })
  }
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"))
  return copy
}

let packed: ReadonlyArray<string>
let study: TinyStudy

beforeAll(async () => {
  const sources = copySources()
  // What `npm pack` does by itself before packing, once: as `prepare` and `prepack` it would compile the kernels twice.
  await succeeds(sources, "npm", "run", "build")
  const { stdout } = await succeeds(sources, "npm", "pack", "--ignore-scripts", "--json", "--pack-destination", scratch)
  const [tarball] = JSON.parse(stdout) as [{ filename: string; files: Array<{ path: string }> }]
  packed = tarball.files.map(({ path }) => path)
  mkdirSync(app)
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }))
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund"]
  await succeeds(app, "npm", "install", ...quiet, join(scratch, tarball.filename))
  study = await writeTinyStudy(join(scratch, "study"), { subjects: 5, gzip: true })
})

const backendIn = (output: string): Manifest["backend"] =>
  JSON.parse(readFileSync(join(output, "manifest.json"), "utf8")).backend

const { version, devDependencies, scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"))

describe.concurrent("the packed package", () => {
  it("has the command, its code and types, the configs and the licence, and nothing of the workshop", () => {
    assert.includeMembers(
      [...packed],
      [
        "bin/lnm.js",
        "dist/src/cli/main.js",
        "dist/pipelines/functional-network-mapping.js",
        "dist/src/report/viewer/page/index.html",
        "dist/src/report/viewer/page/style.css",
        "dist/src/report/viewer/page/main.js",
        "configs/demo.yaml",
        "configs/lnm.schema.json",
        "configs/catalogue.yaml",
        "LICENSE"
      ]
    )
    const unneeded = packed.filter((path) => /(^|\/)(test|bench|examples|scripts|\.ci|node_modules)\//.test(path))
    assert.deepStrictEqual(unneeded, [])
    assert.deepStrictEqual(
      packed.filter((path) => /\.test\.|\.ts$/.test(path) && !path.endsWith(".d.ts")),
      []
    )
  })

  it("is built whenever it is packed", () => {
    assert.match(scripts.prepack, /npm run build/)
  })

  it("installs no tool that only the workshop needs", () => {
    const found = Object.keys(devDependencies).filter((name) => existsSync(join(app, "node_modules", name)))
    // Types that a dependency brings along by itself are its own affair.
    assert.deepStrictEqual(
      found.filter((name) => !name.startsWith("@types/")),
      []
    )
  })

  it("runs its command, with the version it was packed with", async () => {
    assert.include((await succeeds(app, command, "--help")).stdout, "SUBCOMMANDS")
    assert.include((await succeeds(app, command, "--version")).stdout, version)
  })

  it("writes a config that names the schema in it", async () => {
    const config = join(app, "data/lnm.yaml")
    const args = ["--connectome", join(study.folder, "connectome"), "--lesions", join(study.folder, "lesions")]
    await succeeds(app, command, "init", study.folder, "--config", config, ...args)
    const [, address] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(config, "utf8"))!
    assert.strictEqual(address, "../node_modules/lesion-network-mapping/configs/lnm.schema.json")
    assert.isTrue(existsSync(join(app, "data", address!)))
    await succeeds(app, command, "plan", config)
  })

  it("makes the same maps as the sources do", async () => {
    const output = join(scratch, "packed")
    await succeeds(app, command, "run", study.config, "--output", output, "--progress", "off")
    await succeeds(app, command, "verify", output)
    await lnmSucceeds(["run", study.config, "--progress", "off"])
    const maps = contentOf(output, isMap)
    assert.strictEqual(Object.keys(maps).length, 4 * 6 + 1 + 6)
    assert.deepStrictEqual(maps, contentOf(study.output, isMap))
  })

  it("has all that the viewer's page asks for, NiiVue too", async () => {
    const files = join(app, "node_modules/lesion-network-mapping/dist/src/report/viewer/pageFiles.js")
    writeFileSync(
      join(app, "page.js"),
      `import { Effect } from "effect"
       import { pageFiles } from ${JSON.stringify(files)}
       const { resources } = await Effect.runPromise(pageFiles())
       for (const [address, { read }] of resources) console.log(address, (await Effect.runPromise(read)).length)`
    )
    const { stdout, stderr } = await succeeds(app, process.execPath, "page.js")
    assert.strictEqual(stderr, "")
    assert.match(stdout, /^\/ [1-9]\d+$/m)
    assert.match(stdout, /^\/niivue\.js \d{7,}$/m)
    assert.match(stdout, /^\/page\/main\.js [1-9]\d+$/m)
    assert.notMatch(stdout, /\.ts /)
  })

  it("computes on workers with its own kernels, in the arithmetic that the config names, and says so", async () => {
    const maps = "fused: statistics, parcellate, writeMaps"
    const steps = ["ingest", "fused: seed, correlate, fisherZ, reduce", maps]
    for (const arithmetic of ["fast", "strict"] as const) {
      const output = join(scratch, arithmetic)
      const args = [study.config, "--workers", "2", "--set", `compute.arithmetic=${arithmetic}`, "--output", output]
      const vectors = whyNotWide() === undefined ? (256 as const) : (128 as const)
      const expected = { name: "WebAssembly", arithmetic, vectors, workers: 2, steps: steps.map((name) => ({ name })) }
      const { stdout } = await succeeds(app, command, "plan", ...args, "--json")
      assert.deepStrictEqual(JSON.parse(stdout).backend, expected)
      await succeeds(app, command, "run", ...args, "--progress", "off")
      assert.deepStrictEqual(backendIn(output), expected)
    }
  })

  it("computes a study of two subjects by the plain stages, and says why", async () => {
    const { config, output } = await writeTinyStudy(join(scratch, "two-subjects"), { subjects: 2 })
    await succeeds(app, command, "run", config, "--progress", "off")
    const { name, arithmetic, steps } = backendIn(output)
    assert.deepStrictEqual([name, arithmetic], ["plain", "float64"])
    assert.strictEqual(steps.length, 9)
    for (const { plain_because } of steps) {
      assert.strictEqual(plain_because, "with 2 subjects all digits of float64 are needed")
    }
  })

  it("finds the demo's config: the demo gets as far as refusing a folder that is in use", async () => {
    const folder = join(scratch, "in-use")
    mkdirSync(join(folder, "demo-data/connectome"), { recursive: true })
    writeFileSync(join(folder, "demo-data/connectome/mine.h5"), "")
    const { stderr } = await succeeds(app, "sh", "-c", `"${command}" demo "${folder}" || test $? = 2`)
    assert.match(stderr, /^error: .*mine\.h5.+Name another folder for the demo.*\n$/)
  })

  it.skipIf(!existsSync(join(repository, "src/index.ts")))("can be imported, with types", async () => {
    writeFileSync(
      join(app, "use.ts"),
      `import * as lnm from "lesion-network-mapping"
       const names: ReadonlyArray<string> = Object.keys(lnm)
       const pipeline: typeof lnm.functionalNetworkMapping = lnm.functionalNetworkMapping
       console.log(JSON.stringify(names), typeof pipeline)`
    )
    const { stdout } = await succeeds(app, process.execPath, "use.ts")
    assert.match(stdout, /"functionalNetworkMapping".* function\n$/)
    const tsc = join(repository, "node_modules/.bin/tsc")
    const types = join(repository, "node_modules/@types")
    const options = ["--strict", "--module", "nodenext", "--target", "es2024", "--types", "node", "--typeRoots", types]
    const checked = await succeeds(app, tsc, "--noEmit", "--skipLibCheck", ...options, "use.ts")
    assert.strictEqual(checked.stdout, "")
  })

  it("has its workers import a module of the user's, TypeScript or JavaScript", async () => {
    const program = readFileSync(join(repository, "examples/winsorisedZ.ts"), "utf8")
    const ofPackage = program.replace("../src/index.ts", "lesion-network-mapping")
    writeFileSync(join(app, "winsorise.ts"), readFileSync(join(repository, "examples/winsorise.ts")))
    writeFileSync(join(app, "winsorise.js"), stripTypeScriptTypes(readFileSync(join(app, "winsorise.ts"), "utf8")))
    writeFileSync(join(app, "withTypeScript.ts"), ofPackage)
    writeFileSync(join(app, "withJavaScript.ts"), ofPackage.replace("./winsorise.ts", "./winsorise.js"))
    const inputs = [join(study.folder, "connectome"), join(study.folder, "lesions", lesionName("001"))]
    const printed = await Promise.all(
      ["withTypeScript.ts", "withJavaScript.ts"].map((file) => succeeds(app, process.execPath, file, ...inputs))
    )
    for (const { stdout } of printed) assert.match(stdout, /\nWinsorised: largest \|z\| 0\.\d+, /)
    assert.strictEqual(printed[1]!.stdout, printed[0]!.stdout)
  })
})
