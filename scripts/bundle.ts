/**
 * `npm run bundle`: makes one archive with all that `lnm` needs on a Linux machine that has no Node, no npm and no network: the packed package, the
 * libraries of package-lock.json, and Node itself. It is unpacked anywhere, and `bin/lnm` in it is the command.
 *
 *     npm run bundle -- [--platform linux-x64 | linux-arm64] [--to DIR]
 *
 * With `--to` the folder is made, as the container recipes want it, and no archive. Compiles nothing for the other machine, so it also runs on macOS.
 */
import { execFileSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { parseArgs } from "node:util"

const repository = path.join(import.meta.dirname, "..")
const { name, version, devDependencies } = JSON.parse(readFileSync(path.join(repository, "package.json"), "utf8"))

/** Platforms that Node is published for, as npm packages of this name with `node-` before it. */
const platforms = ["linux-x64", "linux-arm64"]

/** Types, sources in TypeScript and source maps: Node runs no TypeScript below `node_modules`, so nothing reads them. */
const unused = /\.([cm]?tsx?|map)$/

/** Runs a program; what it prints goes to standard error, and its failure ends the script. */
const runIn = (cwd: string, program: string, ...args: ReadonlyArray<string>) =>
  execFileSync(program, args, { cwd, stdio: ["ignore", process.stderr, process.stderr] })

/** Packs a package, and unpacks some of it into a folder. `what` is a folder of sources, or a name with its version. */
const unpack = (what: string, folder: string, members: ReadonlyArray<string>) => {
  const scratch = mkdtempSync(path.join(tmpdir(), "lnm-pack-"))
  try {
    runIn(repository, "npm", "pack", what, "--pack-destination", scratch)
    const [packed] = readdirSync(scratch)
    mkdirSync(folder, { recursive: true })
    runIn(folder, "tar", "-xzf", path.join(scratch, packed!), "--strip-components=1", "--no-same-owner", ...members)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const removeUnused = (folder: string) => {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && unused.test(entry.name)) rmSync(path.join(entry.parentPath, entry.name))
}

/** The package with its libraries and Node. It is made where nothing is yet, so that no file of another version stays in it. */
const makeFolder = (folder: string, platform: string) => {
  if (existsSync(folder)) throw new Error(`${folder} is there already: remove it, or name another folder with --to`)
  unpack(".", folder, [])
  const lock = path.join(folder, "package-lock.json")
  copyFileSync(path.join(repository, "package-lock.json"), lock)
  const [os, cpu] = platform.split("-")
  const target = [`--os=${os}`, `--cpu=${cpu}`, "--libc=glibc"]
  runIn(folder, "npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", ...target)
  rmSync(lock)
  const node = ["package/bin/node", "package/LICENSE", "package/package.json"]
  unpack(`node-${platform}@${devDependencies.node}`, path.join(folder, "node_modules/node"), node)
  removeUnused(folder)
  copyFileSync(path.join(import.meta.dirname, "bundle/lnm"), path.join(folder, "bin/lnm"))
}

const makeArchive = (platform: string) => {
  const title = `${name}-${version}-${platform}`
  const scratch = mkdtempSync(path.join(tmpdir(), "lnm-bundle-"))
  try {
    makeFolder(path.join(scratch, title), platform)
    runIn(scratch, "tar", "-czf", path.join(repository, `${title}.tar.gz`), title)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return `${title}.tar.gz`
}

const { values } = parseArgs({
  options: { platform: { type: "string", default: "linux-x64" }, to: { type: "string" } }
})
if (!platforms.includes(values.platform))
  throw new Error(`--platform ${values.platform}: this is one of ${platforms.join(", ")}`)
if (values.to === undefined) {
  const archive = makeArchive(values.platform)
  console.log(`${archive}: ${Math.round(statSync(path.join(repository, archive)).size / 1e6)} MB`)
} else {
  makeFolder(path.resolve(values.to), values.platform)
}
