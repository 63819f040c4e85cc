/** The scripts of a run's jobs: one for the array of parts, one for the merge. Plain text that people read, change and submit by hand. */
import { shellQuoted } from "../runtime/shellQuoted.ts"

/** What jobs of a run have in common. */
export interface JobOptions {
  /** Absolute path of the folder of scripts and logs. */
  readonly folder: string
  /** Words of a command that goes before the config: Node and the package's launcher. */
  readonly lnm: ReadonlyArray<string>
  /** Absolute path of the config. */
  readonly config: string
  /** Options of `lnm run` and `lnm merge`. */
  readonly options: ReadonlyArray<string>
  readonly processors: number
  readonly memoryBytes: number
  /** Options of sbatch that the user gives. */
  readonly sbatch: string
}

/** How often a part that failed or was preempted is queued again by its own job. */
export const mostRequeues = 3

/** Seconds before the time limit at which a job is told to stop, so that it keeps what it has. */
const stopSeconds = 120

const header = (
  what: string,
  name: string,
  log: string,
  { processors, memoryBytes, sbatch }: JobOptions
): string => `#!/bin/bash
# ${what} Made by lnm submit; it can be read, changed and submitted by hand.
#SBATCH --job-name=${name}
#SBATCH --cpus-per-task=${processors}
#SBATCH --mem=${Math.ceil(memoryBytes / 2 ** 20)}M
#SBATCH --output="${log}"
#SBATCH --open-mode=append
${sbatch.trim() === "" ? "" : `#SBATCH ${sbatch.trim()}\n`}`

/** Directives take a path between double quotes as it is, but for % and backslashes. */
const logIn = (folder: string, name: string): string => `${folder.replaceAll("%", "%%")}/${name}`

/** A word of a command: an option as it is, anything else as a shell takes it. */
const word = (text: string): string => (/^--[a-z-]+$/.test(text) ? text : shellQuoted(text))

export const partsScript = (jobs: JobOptions, parts: ReadonlyArray<number>, of: number): string => {
  const { lnm, config, options, folder } = jobs
  const command = [...lnm, "run", config, ...options].map(word).join(" ")
  return `${header("Parts of a lesion network mapping run.", "lnm-parts", logIn(folder, "parts-%a.log"), jobs)}#SBATCH --array=${arrayOf(parts)}
#SBATCH --requeue
#SBATCH --signal=B:TERM@${stopSeconds}

export TMPDIR="\${SLURM_TMPDIR:-\${TMPDIR:-/tmp}}"
part=$SLURM_ARRAY_TASK_ID
echo "part $part of ${of} on $(hostname), attempt $((\${SLURM_RESTART_COUNT:-0} + 1))"

${command} --part "$part/${of}" --progress plain &
lnm=$!
# A signal before the time limit, or a preemption: what is computed so far is kept, and the part goes on from there.
trap 'kill -TERM $lnm' TERM
wait $lnm
code=$?
while kill -0 $lnm 2>/dev/null; do
  wait $lnm
  code=$?
done

# 2: the config or an input is wrong, which another attempt would not change.
if [ $code -ne 0 ] && [ $code -ne 2 ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${mostRequeues} ]; then
  echo "part $part ended with code $code and is queued again"
  scontrol requeue "\${SLURM_ARRAY_JOB_ID}_$part" && sleep 60
fi
exit $code
`
}

export const mergeScript = (jobs: JobOptions): string => {
  const { lnm, config, options, folder } = jobs
  const command = [...lnm, "merge", config, ...options].map(word).join(" ")
  return `${header("The merge of the parts of a lesion network mapping run.", "lnm-merge", logIn(folder, "merge.log"), jobs)}
export TMPDIR="\${SLURM_TMPDIR:-\${TMPDIR:-/tmp}}"
exec ${command} --progress plain
`
}

/** "1-4,7" */
export const arrayOf = (parts: ReadonlyArray<number>): string => {
  const ranges: Array<[first: number, last: number]> = []
  for (const part of [...parts].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === part - 1) last[1] = part
    else ranges.push([part, part])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",")
}
