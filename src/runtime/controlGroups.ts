/**
 * The control groups of this process, version 1 and 2: folders of small files in which Linux keeps what containers, batch systems and
 * services may use. A limit holds for everything below it, so what counts is the least over a group and all groups above it.
 *
 * Files come by a reader, so that tests can give trees of any kind; what is missing or no number sets no limit.
 */
import { readFileSync } from "node:fs"

/** The text of a file; undefined where it is not there or may not be read. */
export type ReadText = (path: string) => string | undefined

export const readSystemFile: ReadText = (path) => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

/** A group of one controller. */
export interface ControlGroup {
  readonly version: 1 | 2
  readonly folder: string
}

/** The groups that a process is in for a controller, each with those above it that can be seen, in every hierarchy that has it. */
export const controlGroupsOf = (read: ReadText, controller: "memory" | "cpu"): ReadonlyArray<ControlGroup> => {
  const memberships = (read("/proc/self/cgroup") ?? "").split("\n").flatMap(membershipOf)
  const mounts = (read("/proc/self/mountinfo") ?? "").split("\n").flatMap(mountOf)
  return mounts.flatMap((mount) => {
    const membership = memberships.find(({ controllers }) =>
      mount.version === 2 ? controllers.length === 0 : controllers.includes(controller)
    )
    if (membership === undefined || (mount.version === 1 && !mount.options.includes(controller))) return []
    return foldersUpTo(mount, membership.path).map((folder) => ({ version: mount.version, folder }))
  })
}

interface Membership {
  /** Names of the controllers; empty in the hierarchy of version 2. */
  readonly controllers: ReadonlyArray<string>
  readonly path: string
}

/** A line such as `4:memory:/slurm/job_7` or `0::/user.slice`; the path may hold colons. */
const membershipOf = (line: string): ReadonlyArray<Membership> => {
  const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
  if (controllers === undefined || path === undefined) return []
  return [{ controllers: controllers === "" ? [] : controllers.split(","), path }]
}

interface Mount {
  readonly version: 1 | 2
  /** The group that lies at the mount point: not the root where a container has but its own part mounted. */
  readonly root: string
  readonly mountPoint: string
  readonly options: ReadonlyArray<string>
}

/** A line such as `36 25 0:31 /root /sys/fs/cgroup/memory rw,nosuid shared:15 - cgroup cgroup rw,memory`. */
const mountOf = (line: string): ReadonlyArray<Mount> => {
  const [place, kind] = line.split(" - ").map((part) => part.split(" "))
  const [root, mountPoint] = place?.slice(3) ?? []
  const [type, , options] = kind ?? []
  if (root === undefined || mountPoint === undefined || (type !== "cgroup" && type !== "cgroup2")) return []
  const version = type === "cgroup" ? 1 : 2
  return [{ version, root: unescape(root), mountPoint: unescape(mountPoint), options: (options ?? "").split(",") }]
}

/** Spaces and the like are written as octal numbers there. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

/** The folder of a group and of those above it. A group that is not below the mount is not seen; then the mount's own counts. */
const foldersUpTo = ({ root, mountPoint }: Mount, path: string): ReadonlyArray<string> => {
  const base = root === "/" ? "" : root
  const isBelow = path === base || path.startsWith(`${base}/`)
  const names = isBelow ? path.slice(base.length).split("/").filter(Boolean) : []
  const known = names.includes("..") ? [] : names
  return Array.from({ length: known.length + 1 }, (_, above) =>
    [mountPoint, ...known.slice(0, known.length - above)].join("/")
  )
}

/** A whole number that a file of a control group holds; undefined for `max`, -1, and what is no number. */
export const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined
