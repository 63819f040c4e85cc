/**
 * What Slurm has granted to a job on this node, as it tells in the environment. Where a cluster sets no control groups, nothing else
 * says it, and a job that takes more is ended.
 */
type Environment = Readonly<Record<string, string | undefined>>

const bytesPerMegabyte = 2 ** 20

/** A count above 0, such as `8`, or `8(x2),4` of which the first is meant; undefined for everything else. */
const countIn = (text: string | undefined): number | undefined => {
  const count = Number(/^\d+(?=$|\(|,)/.exec(text ?? "")?.[0] ?? 0)
  return count > 0 ? count : undefined
}

/** Processors of the job on this node, and of one task where the job says it: the least. Infinity outside of a job. */
export const slurmProcessors = (environment: Environment): number =>
  Math.min(
    countIn(environment.SLURM_CPUS_PER_TASK) ?? Number.POSITIVE_INFINITY,
    countIn(environment.SLURM_CPUS_ON_NODE) ?? Number.POSITIVE_INFINITY
  )

/** Memory of the job on this node; Infinity outside of a job, or where all of the node's is granted (0). */
export const slurmMemoryBytes = (environment: Environment): number => {
  const perNode = countIn(environment.SLURM_MEM_PER_NODE)
  const perProcessor = countIn(environment.SLURM_MEM_PER_CPU)
  const processors =
    countIn(environment.SLURM_CPUS_ON_NODE) ??
    countIn(environment.SLURM_JOB_CPUS_PER_NODE) ??
    countIn(environment.SLURM_CPUS_PER_TASK) ??
    1
  const granted = Math.min(
    perNode ?? Number.POSITIVE_INFINITY,
    perProcessor === undefined ? Number.POSITIVE_INFINITY : perProcessor * processors
  )
  return granted * bytesPerMegabyte
}
