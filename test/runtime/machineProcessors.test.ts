import { execFileSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { defaultWorkers, type ProcessorFacts, processorsOf } from "../../src/runtime/machineProcessors.ts"
import { versionOne, versionTwo } from "../support/systemFiles.ts"

/** A process that may run on 16 processors. */
const processorsWith = (facts: Partial<ProcessorFacts>): number =>
  processorsOf({ allowed: 16, read: () => undefined, environment: {}, ...facts })

describe("processorsOf", () => {
  it("is the processors of the affinity mask where nothing limits them", () => {
    assert.strictEqual(processorsWith({}), 16)
    assert.strictEqual(processorsWith({ read: versionTwo("/a", { "/sys/fs/cgroup/a/cpu.max": "max 100000\n" }) }), 16)
    const unlimited = { "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n" }
    assert.strictEqual(processorsWith({ read: versionOne("/a", unlimited) }), 16)
  })

  it("is the least processor time of the group and all groups above it; a part of a processor is a whole one", () => {
    const files = {
      "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/a/cpu.max": "250000 100000\n",
      "/sys/fs/cgroup/cpu.max": "800000 100000\n"
    }
    assert.strictEqual(processorsWith({ read: versionTwo("/a/b", files) }), 3)
    const least = { "/sys/fs/cgroup/a/cpu.max": "1000 100000\n" }
    assert.strictEqual(processorsWith({ read: versionTwo("/a/b", least) }), 1)
    const first = {
      "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "400000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n"
    }
    assert.strictEqual(processorsWith({ read: versionOne("/a", first) }), 4)
  })

  it("keeps to the processors of a Slurm job, and of its task", () => {
    assert.strictEqual(processorsWith({ environment: { SLURM_CPUS_ON_NODE: "8" } }), 8)
    assert.strictEqual(processorsWith({ environment: { SLURM_CPUS_ON_NODE: "8", SLURM_CPUS_PER_TASK: "2" } }), 2)
    assert.strictEqual(processorsWith({ environment: { SLURM_CPUS_PER_TASK: "64" } }), 16)
  })

  it("takes no limit from what it cannot understand", () => {
    for (const garbage of ["", "max", "many 100000", "100000", "100000 0", "-1 100000"]) {
      assert.strictEqual(processorsWith({ read: versionTwo("/a", { "/sys/fs/cgroup/a/cpu.max": garbage }) }), 16)
    }
    for (const garbage of ["", "0", "-2", "two"]) {
      assert.strictEqual(processorsWith({ environment: { SLURM_CPUS_PER_TASK: garbage } }), 16)
    }
  })
})

describe("defaultWorkers", () => {
  it("is a whole number of processors", () => {
    assert.isAtLeast(defaultWorkers(), 1)
    assert.isTrue(Number.isInteger(defaultWorkers()))
  })

  it.skipIf(process.platform !== "linux")("respects the affinity mask", () => {
    const script = `import(${JSON.stringify(new URL("../../src/runtime/machineProcessors.ts", import.meta.url).href)}).then((m) => console.log(m.defaultWorkers()))`
    const [processor] = /Cpus_allowed_list:\s*(\d+)/
      .exec(execFileSync("cat", ["/proc/self/status"], { encoding: "utf8" }))!
      .slice(1)
    const printed = execFileSync("taskset", ["-c", processor!, process.execPath, "-e", script], { encoding: "utf8" })
    assert.strictEqual(printed, "1\n")
  })
})
