/**
 * The launcher as a process: in this Node, in a Node of its own as under a limited address space, and under an older Node where the
 * machine has one.
 */
import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { delimiter, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { type Ended, launcher, repository, startProgram } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeTinyStudy } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

/** A Node on the path that is too old to run the sources itself. */
const olderNode = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "node"))
  .filter((file) => existsSync(file) && !file.startsWith(repository))
  .find((file) => Number.parseInt(execFileSync(file, ["-p", "process.versions.node"], { encoding: "utf8" }), 10) < 24)

/** Address space in KiB that is plenty for a run, and makes the launcher start a Node of its own. */
const plenty = 40 * 2 ** 20

/** Commands that start the launcher; those of `inChild` start another process. */
const direct = [process.execPath, launcher]
const limited = ["sh", "-c", `ulimit -v ${plenty}; exec "$@"`, "sh", ...direct]
const older = [olderNode ?? "node", launcher]

const start = ([program, ...before]: ReadonlyArray<string>, ...args: ReadonlyArray<string>) =>
  startProgram(program!, [...before, ...args])

const shell = (script: string): Promise<Ended> => startProgram("sh", ["-c", script]).ended

const isLinux = process.platform === "linux"

const ways = [
  { name: "in this Node", command: direct, inChild: false, isHere: true },
  { name: "under a limited address space", command: limited, inChild: true, isHere: isLinux },
  { name: "under an older Node", command: older, inChild: true, isHere: isLinux && olderNode !== undefined }
]

/** Starts a command of some seconds, and waits until it is at work. */
const atWork = async (command: ReadonlyArray<string>, folder: string) => {
  const started = start(command, "demo", join(scratch, folder))
  await new Promise((resolve) => started.child.stdout!.once("data", resolve))
  return started
}

const secondsOf = async <A>(ended: Promise<A>): Promise<readonly [A, number]> => {
  const from = performance.now()
  const result = await ended
  return [result, (performance.now() - from) / 1000]
}

for (const { name, command, inChild, isHere } of ways) {
  describe.skipIf(!isHere)(`the command ${name}`, () => {
    it("runs, and hands on arguments, output and exit code", async () => {
      const [version, wrong] = await Promise.all([
        start(command, "--version").ended,
        start(command, "plan", "a b.yaml").ended
      ])
      assert.deepStrictEqual({ ...version, stdout: "" }, { code: 0, stdout: "", stderr: "" })
      assert.match(version.stdout, /lnm v\d/)
      assert.deepStrictEqual({ ...wrong, stderr: "" }, { code: 2, stdout: "", stderr: "" })
      assert.match(wrong.stderr, /^error: a b\.yaml: .+\n$/)
    })

    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
      ["SIGHUP", 129]
    ] as const) {
      it(`ends by a ${signal} that it alone gets, soon, with ${code} and a word`, async () => {
        const { child, ended } = await atWork(command, `${name} ${signal}`)
        child.kill(signal)
        const [result, seconds] = await secondsOf(ended)
        assert.deepStrictEqual(
          { code: result.code, stderr: result.stderr },
          { code, stderr: "interrupted: no file is left half-written\n" }
        )
        assert.isBelow(seconds, 2)
      })
    }

    it("takes a signal that comes twice as one", async () => {
      const { child, ended } = await atWork(command, `${name} twice`)
      for (let n = 0; n < 3; n++) child.kill("SIGINT")
      const { code, stderr } = await ended
      assert.deepStrictEqual([code, stderr], [130, "interrupted: no file is left half-written\n"])
    })

    it.skipIf(!inChild)("ends what it has started when it is killed itself", async () => {
      const { child, ended } = await atWork(command, `${name} killed`)
      child.kill("SIGKILL")
      // The streams close when the last process that has them ends.
      const [{ stderr }, seconds] = await secondsOf(ended)
      assert.strictEqual(stderr, "interrupted: no file is left half-written\n")
      assert.isBelow(seconds, 2)
    })

    it.skipIf(!inChild)("says that its process was killed, and that memory is the likely cause", async () => {
      const { child, ended } = await atWork(command, `${name} out of memory`)
      const [worker] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ")
      process.kill(Number(worker), "SIGKILL")
      const { code, stderr } = await ended
      assert.strictEqual(code, 137)
      assert.match(stderr, /^error: lnm was ended by SIGKILL.+out of memory.+compute\.memory.+\n$/)
    })
  })
}

describe("a signal", () => {
  it("that comes while the sources are loaded is told too", async () => {
    const hook = `import { registerHooks } from "node:module"
      registerHooks({ load: (url, context, next) => {
        if (url.endsWith("/cli/lnm.ts")) process.kill(process.pid, "SIGINT")
        return next(url, context)
      } })`
    const url = `data:text/javascript,${encodeURIComponent(hook)}`
    const { code, stderr } = await start([process.execPath, "--import", url, launcher], "demo", join(scratch, "early"))
      .ended
    assert.strictEqual(code, 130)
    assert.match(stderr, /^interrupted.*\n$/)
    assert.isFalse(existsSync(join(scratch, "early")))
  })
})

describe.skipIf(!isLinux)("a hang-up", () => {
  it("does not end a run that was started as nohup starts it", async () => {
    const folder = join(scratch, "nohup")
    const asNohup = ["sh", "-c", 'exec 0> /dev/null; exec "$@"', "sh", ...direct]
    const { child, ended } = await atWork(asNohup, "nohup")
    child.kill("SIGHUP")
    const { code, stderr } = await ended
    assert.deepStrictEqual([code, stderr.includes("interrupted")], [0, false], stderr)
    assert.isTrue(existsSync(join(folder, "maps/manifest.json")))
  })
})

describe.skipIf(!isLinux)("standard streams", () => {
  const node = `"${process.execPath}" "${launcher}"`

  it("that are full or closed: an error where it is the results', nothing where it is the messages'", async () => {
    const [full, closed, errors, both] = await Promise.all([
      shell(`${node} schema > /dev/full`),
      shell(`${node} schema | head -n 1; ${node} schema >&-`),
      shell(`${node} plan nowhere.yaml 2> /dev/full; echo $?; ${node} plan nowhere.yaml 2>&-; echo $?`),
      shell(`${node} plan nowhere.yaml > /dev/full`)
    ])
    assert.strictEqual(full.code, 1)
    assert.match(full.stderr, /^error: standard output could not be written: ENOSPC.+\n$/)
    assert.deepStrictEqual(closed, { code: 0, stdout: "{\n", stderr: "" })
    assert.deepStrictEqual(errors, { code: 0, stdout: "2\n2\n", stderr: "" })
    assert.strictEqual(both.code, 2)
  })

  it("of messages that are full do not end a run", async () => {
    const { config, output } = await writeTinyStudy(join(scratch, "full"), { subjects: 5 })
    for (const progress of ["plain", "json"]) {
      const { code } = await shell(`exec ${node} run "${config}" --progress ${progress} 2> /dev/full`)
      assert.strictEqual(code, 0)
      assert.isTrue(existsSync(join(output, "manifest.json")))
      rmSync(output, { recursive: true })
    }
  })

  it("have messages while the line of progress is taken away", async () => {
    const streams = JSON.stringify(join(repository, "src/cli/standardStreams.ts"))
    const script = `const { consoleBesideProgress, drawBeside } = await import(${streams})
      consoleBesideProgress.error("one")
      drawBeside({ hide: () => process.stderr.write("hidden "), show: () => process.stderr.write("shown ") })
      consoleBesideProgress.error("two")
      consoleBesideProgress.warn("three")`
    const { stderr } = await startProgram(process.execPath, ["--input-type=module", "-e", script]).ended
    assert.strictEqual(stderr, "one\nhidden two\nshown hidden three\nshown ")
  })
})

describe.skipIf(!isLinux)("compiled code", () => {
  const version = (environment: string) =>
    shell(`exec env -u NODE_COMPILE_CACHE ${environment} "${process.execPath}" "${launcher}" --version`)

  it("is kept in the user's cache folder, and never in the shared temporary folder", async () => {
    const [cache, temporary] = [join(scratch, "cache"), join(scratch, "temporary")]
    await shell(`mkdir "${cache}" "${temporary}"`)
    const { code, stderr } = await version(`XDG_CACHE_HOME="${cache}" TMPDIR="${temporary}"`)
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.isNotEmpty(readdirSync(join(cache, "lesion-network-mapping/node-compile-cache")))
    assert.deepStrictEqual(readdirSync(temporary), [])
  })

  it("is not kept where there is no such folder, without a word and without waiting", async () => {
    const environments = [
      "TMPDIR=/proc/gone/tmp HOME=/nonexistent XDG_CACHE_HOME=relative",
      "-u HOME -u XDG_CACHE_HOME TMPDIR=/dev/null/tmp",
      "HOME= XDG_CACHE_HOME=/proc/gone/cache TMPDIR=/proc/gone/tmp"
    ]
    for (const { code, stdout, stderr } of await Promise.all(environments.map(version))) {
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.match(stdout, /lnm v\d/)
    }
  })

  it("is kept where the user says", async () => {
    const wish = join(scratch, "wish")
    await shell(`NODE_COMPILE_CACHE="${wish}" "${process.execPath}" "${launcher}" --version`)
    assert.isNotEmpty(readdirSync(wish))
  })
})

describe.skipIf(!isLinux)("a limited address space", () => {
  const under = (gibibytes: number, args: string) =>
    shell(`ulimit -v ${gibibytes * 2 ** 20}; exec "${process.execPath}" "${launcher}" ${args}`)

  it("that is too small to start is named, with what is needed", async () => {
    const { code, stderr } = await under(1.75, "--version")
    assert.strictEqual(code, 2)
    assert.match(stderr, /^error: the address space is limited to 1\.75 GiB \(ulimit -v; h_vmem.+at least 2 GiB.+\n$/)
  })

  it("that is large enough for the run without guards is enough", async () => {
    const { config, output } = await writeTinyStudy(join(scratch, "enough"), { subjects: 5 })
    const { code, stderr } = await under(8, `run "${config}" --progress off`)
    assert.deepStrictEqual([code, stderr], [0, ""])
    assert.isTrue(existsSync(join(output, "manifest.json")))
  })

  it("that is too small to compute is named by plan, before anything is computed", async () => {
    const { config } = await writeTinyStudy(join(scratch, "limited"), { subjects: 5 })
    const { code, stderr } = await under(3, `plan "${config}" --workers 8`)
    assert.strictEqual(code, 2)
    assert.match(stderr, /error: the address space is limited to 3 GiB \(ulimit -v.+8 worker\(s\) needs \d.+\n$/)
  })
})
