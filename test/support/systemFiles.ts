/** Files of a system that tests make up, as a reader of them. */
import type { ReadText } from "../../src/runtime/controlGroups.ts"

/** What mountinfo says of a mount. */
export const mountLine = (type: "cgroup" | "cgroup2" | "tmpfs", root: string, mountPoint: string, options: string) =>
  `36 25 0:31 ${root} ${mountPoint} rw,nosuid,nodev shared:15 - ${type} ${type} rw,${options}`

export const systemFiles = (
  groups: { readonly memberships: ReadonlyArray<string>; readonly mounts: ReadonlyArray<string> },
  files: Readonly<Record<string, string>>
): ReadText => {
  const all: Readonly<Record<string, string>> = {
    "/proc/self/cgroup": `${groups.memberships.join("\n")}\n`,
    "/proc/self/mountinfo": `${["22 1 8:1 / / rw - ext4 /dev/sda1 rw", ...groups.mounts].join("\n")}\n`,
    ...files
  }
  return (path) => all[path]
}

/** Version 2 alone, as on today's systems. */
export const versionTwo = (group: string, files: Readonly<Record<string, string>>, root = "/"): ReadText =>
  systemFiles(
    { memberships: [`0::${group}`], mounts: [mountLine("cgroup2", root, "/sys/fs/cgroup", "nsdelegate")] },
    files
  )

/** Version 1 alone: each controller has a hierarchy of its own. */
export const versionOne = (group: string, files: Readonly<Record<string, string>>, root = "/"): ReadText =>
  systemFiles(
    {
      memberships: [`9:name=systemd:/`, `4:memory:${group}`, `2:cpu,cpuacct:${group}`],
      mounts: [
        mountLine("tmpfs", "/", "/sys/fs/cgroup", "mode=755"),
        mountLine("cgroup", root, "/sys/fs/cgroup/memory", "memory"),
        mountLine("cgroup", root, "/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct")
      ]
    },
    files
  )
