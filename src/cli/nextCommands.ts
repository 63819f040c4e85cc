/**
 * What a person would do with the results of a run: one table, the most useful first. A new command that takes an output folder is a row
 * here.
 */
import { existsSync } from "node:fs"
import path from "node:path"
import type { MadeResults } from "../../pipelines/PipelineEntry.ts"
import { shellQuoted } from "../runtime/shellQuoted.ts"

/** A command as it can be typed, and what it does. */
export interface NextCommand {
  readonly command: string
  readonly does: string
}

interface Suggestion {
  /** Of what results. */
  readonly of: MadeResults["kind"]
  /** The command for the folder of the results; undefined where it does not suit them. */
  readonly command: (folder: string) => string | undefined
  readonly does: string
}

/** Commands that are told at most. */
const mostTold = 3

/** The command as it is called in a clone of the repository, whose own script runs the demo, and elsewhere. */
const lnm = process.env.npm_lifecycle_event === "demo" ? "npx lnm" : "lnm"

/** What opens a file as a double click does. */
const opener = { darwin: "open", win32: 'start ""' }[process.platform as string] ?? "xdg-open"

const reportOf = (folder: string): string => path.join(folder, "report.html")

const suggestions: ReadonlyArray<Suggestion> = [
  { of: "maps", command: (folder) => `${lnm} view ${shellQuoted(folder)}`, does: "shows the maps in the browser" },
  {
    of: "maps",
    command: (folder) => (existsSync(reportOf(folder)) ? `${opener} ${shellQuoted(reportOf(folder))}` : undefined),
    does: "opens the report"
  },
  {
    of: "maps",
    command: (folder) => (existsSync(reportOf(folder)) ? undefined : `${lnm} report ${shellQuoted(folder)}`),
    does: "makes the report"
  },
  {
    of: "maps",
    command: (folder) => `${lnm} verify ${shellQuoted(folder)}`,
    does: "checks every file against the manifest"
  },
  {
    of: "maps",
    command: (folder) => `${lnm} lock ${shellQuoted(folder)}`,
    does: "writes a lock file, to hold later runs to these maps"
  },
  {
    of: "store",
    command: (folder) => `${lnm} inspect --check ${shellQuoted(folder)}`,
    does: "verifies every checksum of the store"
  }
]

/** The most useful commands for what a run has made. */
export const nextCommands = ({ kind, folder }: Pick<MadeResults, "kind" | "folder">): ReadonlyArray<NextCommand> =>
  suggestions
    .filter(({ of }) => of === kind)
    .flatMap(({ command, does }) => {
      const typed = command(folder)
      return typed === undefined ? [] : [{ command: typed, does }]
    })
    .slice(0, mostTold)
