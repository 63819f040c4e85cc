import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { freeMemoryBytes, freeMemoryOf, type MemoryFacts } from "../../src/runtime/machineMemory.ts"
import { mountLine, systemFiles, versionOne, versionTwo } from "../support/systemFiles.ts"

const nothing = () => undefined

/** A machine of 1,000,000 free bytes. */
const freeWith = (facts: Partial<MemoryFacts>): number =>
  freeMemoryOf({ freeBytes: 1e6, read: nothing, environment: {}, ...facts })

const unlimitedInVersionOne = "9223372036854771712"

describe("freeMemoryOf", () => {
  it("is what the machine has free where nothing limits it", () => {
    assert.strictEqual(freeWith({}), 1e6)
    assert.strictEqual(freeWith({ read: versionTwo("/a/b", {}) }), 1e6)
    assert.strictEqual(freeWith({ read: versionTwo("/a", { "/sys/fs/cgroup/a/memory.max": "max\n" }) }), 1e6)
    const unlimited = { "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": `${unlimitedInVersionOne}\n` }
    assert.strictEqual(freeWith({ read: versionOne("/a", unlimited) }), 1e6)
  })

  it("is the least of what the group and all groups above it have left", () => {
    const files = {
      "/sys/fs/cgroup/slurm/job/step/memory.max": "max\n",
      "/sys/fs/cgroup/slurm/job/step/memory.current": "100\n",
      "/sys/fs/cgroup/slurm/job/memory.max": "5000\n",
      "/sys/fs/cgroup/slurm/job/memory.current": "1200\n",
      "/sys/fs/cgroup/slurm/memory.max": "9000\n",
      "/sys/fs/cgroup/slurm/memory.current": "7000\n"
    }
    assert.strictEqual(freeWith({ read: versionTwo("/slurm/job/step", files) }), 2000)
    assert.strictEqual(
      freeWith({ read: versionTwo("/slurm/job/step", { ...files, "/sys/fs/cgroup/memory.max": "1500" }) }),
      1500
    )
    const first = {
      "/sys/fs/cgroup/memory/slurm/job/memory.limit_in_bytes": `${unlimitedInVersionOne}\n`,
      "/sys/fs/cgroup/memory/slurm/memory.limit_in_bytes": "6000\n",
      "/sys/fs/cgroup/memory/slurm/memory.usage_in_bytes": "1000\n"
    }
    assert.strictEqual(freeWith({ read: versionOne("/slurm/job", first) }), 5000)
  })

  it("counts what throttles a group as its limit", () => {
    const files = { "/sys/fs/cgroup/a/memory.max": "8000", "/sys/fs/cgroup/a/memory.high": "6000" }
    assert.strictEqual(freeWith({ read: versionTwo("/a", files) }), 6000)
  })

  it("counts files in the cache as free: reading a connectome fills it", () => {
    const second = {
      "/sys/fs/cgroup/a/memory.max": "10000\n",
      "/sys/fs/cgroup/a/memory.current": "9900\n",
      "/sys/fs/cgroup/a/memory.stat": "anon 1000\nfile 8800\ninactive_file 8000\nactive_file 700\nshmem 100\n"
    }
    assert.strictEqual(freeWith({ read: versionTwo("/a", second) }), 10000 - 1200)
    const first = {
      "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "10000\n",
      "/sys/fs/cgroup/memory/a/memory.usage_in_bytes": "9900\n",
      "/sys/fs/cgroup/memory/a/memory.stat": "inactive_file 1\ntotal_inactive_file 8000\ntotal_active_file 700\n"
    }
    assert.strictEqual(freeWith({ read: versionOne("/a", first) }), 10000 - 1200)
  })

  it("is never below 0", () => {
    const files = { "/sys/fs/cgroup/a/memory.max": "100", "/sys/fs/cgroup/a/memory.current": "200" }
    assert.strictEqual(freeWith({ read: versionTwo("/a", files) }), 0)
  })

  it("finds the limit of a container, which has its own group mounted, or sees it as the root", () => {
    const files = { "/sys/fs/cgroup/memory.max": "4000\n" }
    assert.strictEqual(freeWith({ read: versionTwo("/docker/abc", files, "/docker/abc") }), 4000)
    assert.strictEqual(freeWith({ read: versionTwo("/", files) }), 4000)
    assert.strictEqual(freeWith({ read: versionTwo("/../other", files) }), 4000)
    assert.strictEqual(freeWith({ read: versionTwo("/elsewhere", files, "/docker/abc") }), 4000)
    const below = { ...files, "/sys/fs/cgroup/inner/memory.max": "3000\n" }
    assert.strictEqual(freeWith({ read: versionTwo("/docker/abc/inner", below, "/docker/abc") }), 3000)
    const first = { "/sys/fs/cgroup/memory/memory.limit_in_bytes": "4000\n" }
    assert.strictEqual(freeWith({ read: versionOne("/docker/abc", first, "/docker/abc") }), 4000)
  })

  it("finds the limit in the hierarchy that has it where both versions are mounted", () => {
    const memberships = ["4:memory:/a", "0::/b"]
    const mounts = [
      mountLine("cgroup", "/", "/sys/fs/cgroup/memory", "memory"),
      mountLine("cgroup2", "/", "/sys/fs/cgroup/unified", "nsdelegate")
    ]
    const read = systemFiles({ memberships, mounts }, { "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "700" })
    assert.strictEqual(freeWith({ read }), 700)
  })

  it("understands mount points with spaces and groups with colons", () => {
    const mounts = [mountLine("cgroup2", "/", "/mnt/control\\040groups", "rw")]
    const read = systemFiles({ memberships: ["0::/a:b"], mounts }, { "/mnt/control groups/a:b/memory.max": "700" })
    assert.strictEqual(freeWith({ read }), 700)
  })

  it("takes no limit from what it cannot understand", () => {
    for (const garbage of ["", "-1", "many", "1e3", "0x10", "12 34"]) {
      assert.strictEqual(freeWith({ read: versionTwo("/a", { "/sys/fs/cgroup/a/memory.max": garbage }) }), 1e6)
    }
    const read = systemFiles({ memberships: ["", "garbage", "0:"], mounts: ["", "garbage", "- -"] }, {})
    assert.strictEqual(freeWith({ read }), 1e6)
  })

  it("keeps to what Slurm grants, a node or a processor", () => {
    const bytes = (environment: Readonly<Record<string, string>>) => freeWith({ freeBytes: 1e12, environment })
    assert.strictEqual(bytes({ SLURM_MEM_PER_NODE: "4096" }), 4096 * 2 ** 20)
    assert.strictEqual(bytes({ SLURM_MEM_PER_CPU: "2000", SLURM_CPUS_ON_NODE: "4" }), 8000 * 2 ** 20)
    assert.strictEqual(bytes({ SLURM_MEM_PER_CPU: "2000", SLURM_JOB_CPUS_PER_NODE: "8(x2),4" }), 16000 * 2 ** 20)
    assert.strictEqual(bytes({ SLURM_MEM_PER_CPU: "2000", SLURM_CPUS_PER_TASK: "3" }), 6000 * 2 ** 20)
    assert.strictEqual(bytes({ SLURM_MEM_PER_CPU: "2000" }), 2000 * 2 ** 20)
    for (const none of ["0", "", "all"]) assert.strictEqual(bytes({ SLURM_MEM_PER_NODE: none }), 1e12)
  })
})

describe("freeMemoryBytes", () => {
  it.effect("is a plausible number of bytes", () =>
    Effect.gen(function* () {
      const bytes = yield* freeMemoryBytes
      assert.isAbove(bytes, 1e6)
      assert.isBelow(bytes, 1e15)
    })
  )
})
