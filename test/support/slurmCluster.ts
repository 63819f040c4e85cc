/**
 * A Slurm cluster of two nodes that are this machine, for tests: in a folder of its own, on loopback, with ports of its own. It ends with
 * `stop`, and whatever it has started with it.
 */
import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { hostname } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const programs = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol"]

/** The programs of Slurm that are not installed; empty where all are. */
export const missingSlurm = (): ReadonlyArray<string> =>
  programs.filter((program) => !["/usr/sbin", "/usr/bin"].some((folder) => existsSync(join(folder, program))))

export interface SlurmCluster {
  /** What its commands need in their environment. */
  readonly env: Readonly<Record<string, string>>
  /** Runs a command of Slurm. */
  readonly call: (command: string, args: ReadonlyArray<string>) => string
  /** Ends the daemon of a node, as where the machine goes down. */
  readonly stopNode: (node: "n1" | "n2") => void
  readonly stop: () => Promise<void>
}

export const startSlurm = async (folder: string): Promise<SlurmCluster> => {
  mkdirSync(join(folder, "state"), { recursive: true })
  const file = (name: string) => join(folder, name)
  const ports = await freePorts(3)
  writeFileSync(file("slurm.conf"), configOf(folder, ports))
  writeFileSync(file("munge.key"), randomBytes(1024), { mode: 0o400 })
  const env = { SLURM_CONF: file("slurm.conf"), PATH: `${process.env.PATH}:/usr/sbin` }
  const call = (command: string, args: ReadonlyArray<string>) =>
    execFileSync(command, args, {
      env: { ...process.env, ...env },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"]
    })
  const munge = ["--socket", "--key-file", "--pid-file", "--log-file", "--seed-file"]
  const names = ["munge.sock", "munge.key", "munged.pid", "munged.log", "munged.seed"]
  call("munged", ["--force", ...munge.map((option, n) => `${option}=${file(names[n]!)}`)])
  call("slurmctld", ["-f", file("slurm.conf"), "-i"])
  for (const node of ["n1", "n2"]) call("slurmd", ["-f", file("slurm.conf"), "-N", node])
  const end = (pidFile: string) => {
    if (existsSync(file(pidFile))) process.kill(Number(readFileSync(file(pidFile), "utf8")), "SIGTERM")
  }
  const stop = async () => {
    const processes = daemons.flatMap((pid) => (existsSync(file(pid)) ? [Number(readFileSync(file(pid), "utf8"))] : []))
    for (const quiet of [() => call("scancel", ["--user=root"]), ...daemons.map((pid) => () => end(pid))]) {
      try {
        quiet()
      } catch {
        // It has ended already.
      }
    }
    // They write to the folder until they have ended.
    for (let look = 0; look < 100 && processes.some((pid) => existsSync(`/proc/${pid}`)); look++) await sleep(100)
  }
  for (let look = 0; ; look++) {
    if (/idle/.test(call("sinfo", ["--noheader", "--format=%t"]))) break
    if (look === 100) {
      await stop()
      throw new Error(`the nodes of Slurm are not up: ${call("sinfo", [])}`)
    }
    await sleep(100)
  }
  return { env, call, stop, stopNode: (node) => end(`slurmd-${node}.pid`) }
}

const daemons = ["slurmd-n1.pid", "slurmd-n2.pid", "slurmctld.pid", "munged.pid"]

const configOf = (folder: string, [controller, ...nodes]: ReadonlyArray<number>): string => `ClusterName=lnm
SlurmctldHost=${hostname().split(".")[0]}(127.0.0.1)
SlurmctldPort=${controller}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.sock,cred_expire=5
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd-%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SlurmdTimeout=5
KillWait=2
MinJobAge=60
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
NodeName=n[1-2] NodeHostname=${hostname().split(".")[0]} NodeAddr=127.0.0.1 Port=[${nodes.join(",")}] CPUs=4 RealMemory=16000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`

/** Ports of the loopback that nobody listens on now. */
const freePorts = async (count: number): Promise<ReadonlyArray<number>> => {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, "127.0.0.1", () => resolve(server))
        })
    )
  )
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port)
  for (const server of servers) server.close()
  return ports.sort((a, b) => a - b)
}
