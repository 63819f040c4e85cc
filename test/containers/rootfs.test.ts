/**
 * The bundle and the root filesystem of a container, really made and run. Takes minutes, root, Linux, mmdebstrap and a mirror of Debian, so it is
 * for `npm run test:container` alone.
 */
import { chownSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { contentOf, isMap } from "../support/folderContent.ts"
import { type Ended, lnmSucceeds, repository, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

const scratch = scratchFolder()
const minutes = 60_000

/** The user without a name that everything runs as. */
const user = 12345

/** What the files of a container may come to. */
const mostMegabytes = 350

const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"))

const succeeds = async (program: string, args: ReadonlyArray<string>, cwd = repository): Promise<Ended> => {
  const ended = await startProgram(program, args, { cwd }).ended
  if (ended.code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${ended.code}:\n${ended.stderr}`)
  return ended
}

/** An empty folder that the user may write to. */
const foldersOfUser = (name: string): string => {
  const folder = join(scratch, name)
  mkdirSync(folder)
  chownSync(folder, user, user)
  return folder
}

/** The maps of the demo as the sources make them. */
let expected: Readonly<Record<string, string>>

describe.skipIf(process.env.LNM_CONTAINER !== "all")("what is carried to other machines", () => {
  beforeAll(async () => {
    await lnmSucceeds(["demo", join(scratch, "demo"), "--progress", "off"])
    expected = contentOf(join(scratch, "demo/maps"), isMap)
    assert.strictEqual(Object.keys(expected).length, 43)
  })

  describe("the bundle", () => {
    let command: string

    beforeAll(async () => {
      // Only the files that the containers' builds see, so that the bundle is known to need no others.
      const sources = join(scratch, "sources")
      for (const [, name] of readFileSync(join(repository, ".dockerignore"), "utf8").matchAll(/^!(.+)$/gm))
        cpSync(join(repository, name!), join(sources, name!), { recursive: true })
      symlinkSync(join(repository, "node_modules"), join(sources, "node_modules"))
      await succeeds(process.execPath, ["scripts/bundle.ts"], sources)
      const [archive] = readdirSync(sources).filter((name) => name.endsWith(".tar.gz"))
      assert.strictEqual(archive, `lesion-network-mapping-${version}-linux-x64.tar.gz`)
      await succeeds("tar", ["-xzf", join(sources, archive!)], scratch)
      const moved = join(scratch, "a folder of another name")
      renameSync(join(scratch, archive!.replace(".tar.gz", "")), moved)
      command = join(moved, "bin/lnm")
    }, 10 * minutes)

    /** Without network, environment, or anything on the path. */
    const aloneIn = (cwd: string, ...args: ReadonlyArray<string>) => {
      const asUser = ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", "env", "-i", "PATH=/none"]
      return succeeds("unshare", ["--net", ...asUser, ...args], cwd)
    }

    it("maps the demo to the same bytes, from any folder and through a link", async () => {
      chownSync(scratch, user, user)
      const folder = foldersOfUser("cluster")
      symlinkSync(command, join(folder, "lnm"))
      await aloneIn(folder, join(folder, "lnm"), "demo", "demo", "--progress", "off")
      assert.deepStrictEqual(contentOf(join(folder, "demo/maps"), isMap), expected)
      assert.include((await aloneIn(folder, command, "--version")).stdout, version)
    })

    it("writes job scripts that name its own Node", async () => {
      const folder = foldersOfUser("jobs")
      const args = ["submit", join(command, "../../configs/demo.yaml"), "--output", "maps", "--jobs", "2", "--dry-run"]
      const { stdout } = await aloneIn(folder, command, ...args)
      assert.include(stdout, join(command, "../../node_modules/node/bin/node"))
    })
  })

  describe("the root filesystem of a container", () => {
    const root = join(scratch, "root")
    let printed: string
    let data: string

    const enter = (...command: ReadonlyArray<string>) =>
      startProgram(join(repository, "containers/enter.sh"), [root, data, ...command], {})

    const inside = (...command: ReadonlyArray<string>) =>
      succeeds(join(repository, "containers/enter.sh"), [root, data, ...command])

    beforeAll(async () => {
      data = foldersOfUser("data")
      printed = (await succeeds(join(repository, "containers/rootfs.sh"), [root])).stdout
      console.log(printed)
      await inside("lnm", "demo", "demo", "--progress", "off")
    }, 10 * minutes)

    it("is small", () => {
      const [, files, onDisk] = /^files: +(\d+) MB.*\non disk: +(\d+) MB/.exec(printed)!
      assert.isAbove(Number(files), 100)
      assert.isBelow(Math.max(Number(files), Number(onDisk)), mostMegabytes)
    })

    it("has neither npm nor anything that compiles, nor Python, and only /data can be written to", async () => {
      const unwanted = ["npm", "npx", "cc", "gcc", "g++", "c++", "as", "ld", "make", "python", "python3", "tsc", "asc"]
      const script =
        'for name; do command -v "$name"; done; touch /tmp/x /opt/lnm/x 2>/dev/null; touch /data/x && echo end'
      const { stdout } = await inside("sh", "-c", script, "sh", ...unwanted)
      assert.strictEqual(stdout, "end\n")
    })

    it("maps the demo to the same bytes, and the other commands work on it", async () => {
      assert.deepStrictEqual(contentOf(join(data, "demo/maps"), isMap), expected)
      assert.include((await inside("lnm", "verify", "demo/maps", "--inputs")).stdout, "are as they were written")
      await inside("lnm", "report", "demo/maps")
      assert.include((await inside("lnm", "inspect", "demo/demo-data/connectome")).stdout, "MNI152NLin6Asym")
      const init = ["init", "demo", "--connectome", "demo/demo-data/connectome", "--lesions", "demo/demo-data/lesions"]
      await inside("lnm", ...init)
      await inside("lnm", "plan", "demo/lnm.yaml")
      await inside("lnm", "run", "demo/lnm.yaml", "--progress", "off")
      assert.include((await inside("lnm", "fetch", "--list")).stdout, "gsp1000")
    })

    it("shows the maps in the browser", async () => {
      const page = `const { spawn } = require("node:child_process")
        const view = spawn("lnm", ["view", "demo/maps", "--no-open"])
        view.stdout.on("data", async (text) => {
          const [address] = /http:\\S+/.exec(text) ?? []
          if (address === undefined) return
          const answer = await fetch(address)
          console.log(answer.status, (await answer.text()).includes("<html"))
          view.kill()
        })`
      const { stdout } = await inside("/opt/lnm/node_modules/node/bin/node", "-e", page)
      assert.strictEqual(stdout, "200 true\n")
    })

    it("ends by SIGTERM, though it is process 1, and goes on from there", async () => {
      const { child, ended } = enter("lnm", "run", "demo/lnm.yaml", "--output", "stopped", "--progress", "plain")
      const first = await firstChildOf(child.pid!)
      await sleep(1500)
      process.kill(first, "SIGTERM")
      const { code, stderr } = await ended
      assert.strictEqual(code, 143, stderr)
      assert.match(stderr, /interrupted|stopping/)
      await inside("lnm", "run", "demo/lnm.yaml", "--output", "stopped", "--progress", "off")
    })
  })
})

/** The process that another has started, once it has. */
const firstChildOf = async (parent: number): Promise<number> => {
  for (;;) {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const status = statusOf(pid)
      if (status.includes(`\nPPid:\t${parent}\n`)) return Number(pid)
    }
    await sleep(20)
  }
}

const statusOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8")
  } catch {
    return ""
  }
}
