/**
 * The `lnm` command: its subcommands and their options. What a subcommand does is in the file of its name, which is
 * loaded only when it is called, so that `--help` is quick.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Console, Effect, Exit, Option, Runtime } from "effect"
import { Argument, CliError, Command, Flag } from "effect/cli"
import { WideVectors } from "../engine/WideVectors.ts"
import { printable } from "../runtime/printable.ts"
import { packageVersion } from "../runtime/version.ts"
import { makeWarnings, Warnings } from "../runtime/Warnings.ts"
import { exitCodes } from "./CommandFailed.ts"
import { printFailure } from "./explainFailure.ts"
import { presentUsage } from "./presentUsage.ts"
import type { ProgressKind } from "./progressLayer.ts"
import { styleOn } from "./style.ts"

/**
 * Loads the file of a subcommand and runs it. Failures are reported here, where the log level that was asked for holds;
 * wrong usage, which comes before, is told by `presentUsage`.
 */
const runIn = <Module, A, E, R>(load: () => Promise<Module>, run: (module: Module) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.promise(load), run).pipe(Effect.tapCause(printFailure))

/** The same for a command with `--progress`: as JSON it has warnings and failures too. */
const runShowing =
  (progress: ProgressKind): typeof runIn =>
  (load, run) => {
    if (progress !== "json") return runIn(load, run)
    const command = Effect.flatMap(Effect.promise(load), run)
    return Effect.flatMap(
      Effect.promise(() => import("./inEvents.ts")),
      ({ inEvents }) => inEvents(command)
    )
  }

const config = Argument.String("CONFIG.yaml").pipe(Argument.withDescription("The YAML config of the run"))

const set = Flag.String("set").pipe(
  Flag.withDescription("Overrides a key of the config: key.path=value; may be given more than once"),
  Flag.atLeast(0)
)

const output = Flag.String("output").pipe(
  Flag.withDescription("The output folder, instead of output.path"),
  Flag.optional
)

const workers = Flag.String("workers").pipe(
  Flag.withDescription("How many threads read and compute, instead of compute.workers"),
  Flag.optional
)

const memory = Flag.String("memory").pipe(
  Flag.withDescription("The most memory to use, e.g. 4GB, instead of compute.memory"),
  Flag.optional
)

const progress = Flag.Literals("progress", ["auto", "plain", "json", "off"]).pipe(
  Flag.withDescription("How progress is shown: auto is a bar in a terminal and plain lines elsewhere"),
  Flag.withDefault("auto")
)

const overrides = { set, output, workers, memory }

const fresh = Flag.Boolean("fresh").pipe(
  Flag.withDescription(
    "Begin anew: remove the maps that the output folder's manifest lists, or throw away what an earlier preparation of a store has left"
  ),
  Flag.withDefault(false)
)

const checkInputs = Flag.Literals("check-inputs", ["samples", "full"]).pipe(
  Flag.withDescription(
    "How the manifest records a connectome: by samples of its files, or the checksums of a store; or full, by the SHA-256 of all of it, which may take longer than computing"
  ),
  Flag.withDefault("samples")
)

const locked = Flag.String("locked").pipe(
  Flag.withDescription("A lock file, as `lnm lock` writes it: fails with exit code 4 where anything is not as locked"),
  Flag.optional
)

const json = Flag.Boolean("json").pipe(Flag.withDescription("Print JSON for machines"), Flag.withDefault(false))

const part = Flag.String("part").pipe(
  Flag.withDescription("Compute only part K of N, as 3/8, and leave its sums for `lnm merge`"),
  Flag.optional
)

const runOptions = { config, ...overrides, progress, fresh, checkInputs, locked, part, json }

const run = Command.make("run", runOptions, (options) =>
  runShowing(options.progress)(
    () => import("./run.ts"),
    (command) =>
      command.run({
        ...options,
        output: Option.getOrUndefined(options.output),
        workers: Option.getOrUndefined(options.workers),
        memory: Option.getOrUndefined(options.memory),
        locked: Option.getOrUndefined(options.locked),
        part: Option.getOrUndefined(options.part)
      })
  )
).pipe(Command.withDescription("Compute the maps, or make the store, that a config describes"))

const merge = Command.make("merge", { config, ...overrides, progress, json }, (options) =>
  runShowing(options.progress)(
    () => import("./merge.ts"),
    (command) =>
      command.merge({
        ...options,
        output: Option.getOrUndefined(options.output),
        workers: Option.getOrUndefined(options.workers),
        memory: Option.getOrUndefined(options.memory)
      })
  )
).pipe(Command.withDescription("Make the maps of a run from the parts that `run --part` has computed"))

const submitOptions = {
  config,
  ...overrides,
  jobs: Flag.Int("jobs").pipe(Flag.withDescription("Into how many parts the run is cut, a job each")),
  sbatch: Flag.String("sbatch").pipe(
    Flag.withDescription('Further options of sbatch, e.g. "--partition=short --time=2:00:00"'),
    Flag.withDefault("")
  ),
  dryRun: Flag.Boolean("dry-run").pipe(
    Flag.withDescription("Print the job scripts; write and submit nothing"),
    Flag.withDefault(false)
  )
}

const submit = Command.make("submit", submitOptions, (options) =>
  runIn(
    () => import("./submit.ts"),
    (command) =>
      command.submit({
        ...options,
        output: Option.getOrUndefined(options.output),
        workers: Option.getOrUndefined(options.workers),
        memory: Option.getOrUndefined(options.memory)
      })
  )
).pipe(Command.withDescription("Run it on a Slurm cluster: an array of jobs, and one that merges their parts"))

const calibrate = Flag.Boolean("calibrate").pipe(
  Flag.withDescription("Measure for about two seconds, on the inputs themselves, how long the run will take"),
  Flag.withDefault(false)
)

const plan = Command.make("plan", { config, ...overrides, calibrate, json }, (options) =>
  runIn(
    () => import("./plan.ts"),
    (command) =>
      command.plan({
        ...options,
        output: Option.getOrUndefined(options.output),
        workers: Option.getOrUndefined(options.workers),
        memory: Option.getOrUndefined(options.memory)
      })
  )
).pipe(
  Command.withDescription(
    "Check everything that can be checked without computing; predict memory, passes, bytes read, time and disk"
  )
)

const demoFolder = Argument.String("DIR").pipe(
  Argument.withDescription("Where the demo's data and maps go"),
  Argument.withDefault("demo-output")
)

const cohort = Flag.Boolean("cohort").pipe(
  Flag.withDescription(
    "Instead 60 patients with a symptom that comes from one network: map their lesions, and find the network by group-network-mapping"
  ),
  Flag.withDefault(false)
)

const demo = Command.make("demo", { folder: demoFolder, cohort, progress }, (options) => {
  const show = runShowing(options.progress)
  return options.cohort
    ? show(
        () => import("./demoCohort.ts"),
        (command) => command.demoCohort(options)
      )
    : show(
        () => import("./demo.ts"),
        (command) => command.demo(options)
      )
}).pipe(Command.withDescription("Make a small synthetic connectome and lesions, map them, and say where to look"))

const inspected = Argument.String("PATH").pipe(
  Argument.withDescription(
    "A connectome, a lesion or another NIfTI file, a table of seeds, a connectome store, saved sums, or an output folder"
  )
)

const check = Flag.Boolean("check").pipe(
  Flag.withDescription("Of a connectome store or saved sums: read all of it and verify every checksum"),
  Flag.withDefault(false)
)

const inspect = Command.make("inspect", { path: inspected, json, check }, (options) =>
  runIn(
    () => import("./inspect.ts"),
    (command) => command.inspect(options)
  )
).pipe(Command.withDescription("Say what a connectome, a store, a lesion, saved sums or an output folder holds"))

const ofProgress = Flag.Boolean("progress").pipe(
  Flag.withDescription("Instead that of the lines of --progress json"),
  Flag.withDefault(false)
)

const ofPlan = Flag.Boolean("plan").pipe(
  Flag.withDescription("Instead that of what plan --json prints"),
  Flag.withDefault(false)
)

const schema = Command.make("schema", { ofProgress, ofPlan }, (options) =>
  runIn(
    () => import("./schema.ts"),
    (command) => command.schema(options)
  )
).pipe(Command.withDescription("Print the config's JSON Schema, for editors"))

const outputFolder = Argument.String("OUTPUT").pipe(Argument.withDescription("The output folder of a finished run"))

const inputs = Flag.Boolean("inputs").pipe(
  Flag.withDescription("Also read every input whole, and compare it with what the run was made of"),
  Flag.withDefault(false)
)

const rerun = Flag.Boolean("rerun").pipe(
  Flag.withDescription("Also compute the run again, in a temporary folder, and compare every map and table"),
  Flag.withDefault(false)
)

const partsOutput = Argument.String("OUTPUT").pipe(Argument.withDescription("The output folder of a run in parts"))

const watch = Flag.Boolean("watch").pipe(
  Flag.withDescription("Tell it again every five seconds, until the run has ended"),
  Flag.withDefault(false)
)

const status = Command.make("status", { folder: partsOutput, json, watch }, (options) =>
  runIn(
    () => import("./status.ts"),
    (command) => command.status(options)
  )
).pipe(Command.withDescription("Say how far the parts of a run are"))

const cancel = Command.make("cancel", { folder: partsOutput }, (options) =>
  runIn(
    () => import("./cancel.ts"),
    (command) => command.cancel(options)
  )
).pipe(Command.withDescription("End the jobs that `lnm submit` has submitted for an output folder"))

const verify = Command.make("verify", { folder: outputFolder, inputs, rerun }, (options) =>
  runIn(
    () => import("./verify.ts"),
    (command) => command.verify(options)
  )
).pipe(Command.withDescription("Check an output folder against its manifest"))

const to = Flag.String("to").pipe(
  Flag.withDescription("The lock file to be written. Default: lnm.lock.json beside the output folder"),
  Flag.optional
)

const lock = Command.make("lock", { folder: outputFolder, to }, (options) =>
  runIn(
    () => import("./lock.ts"),
    (command) => command.lock({ ...options, to: Option.getOrUndefined(options.to) })
  )
).pipe(Command.withDescription("Write the lock file of a finished run, which `run --locked` holds later runs to"))

const background = Flag.String("background").pipe(
  Flag.withDescription("An image of the brain that slices are shown over, instead of report.background"),
  Flag.optional
)

const report = Command.make("report", { folder: outputFolder, background }, (options) =>
  runIn(
    () => import("./report.ts"),
    (command) => command.report({ ...options, background: Option.getOrUndefined(options.background) })
  )
).pipe(Command.withDescription("Make the report of a finished run anew from the maps that are there"))

const initFolder = Argument.String("DIR").pipe(
  Argument.withDescription("The folder to look at"),
  Argument.withDefault(".")
)

const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional, Flag.map(Option.getOrUndefined))

const initOptions = {
  folder: initFolder,
  config: optional("config", "The config to be written. Default: lnm.yaml in the folder"),
  connectome: optional("connectome", "Where the connectome is, if not in the folder"),
  lesions: optional("lesions", "Where the lesions are, if not in the folder"),
  space: optional("space", "The connectome's template space, as BIDS spells it, where it does not say it by itself"),
  overwrite: Flag.Boolean("overwrite").pipe(
    Flag.withDescription("Replace a config that is there already"),
    Flag.withDefault(false)
  )
}

const init = Command.make("init", initOptions, (options) =>
  runIn(
    () => import("./init.ts"),
    (command) => command.init(options)
  )
).pipe(Command.withDescription("Look at a folder, and write a config for the connectome, lesions and atlases in it"))

const fetchOptions = {
  name: Argument.String("NAME").pipe(
    Argument.withDescription("What to fetch: a name of the catalogue"),
    Argument.optional,
    Argument.map(Option.getOrUndefined)
  ),
  list: Flag.Boolean("list").pipe(
    Flag.withDescription("Print the catalogue, and fetch nothing"),
    Flag.withDefault(false)
  ),
  to: optional("to", "The folder of the downloads. Default: NAME"),
  store: optional("store", "Make a connectome store of it, a folder whose name ends in .zarr"),
  from: optional("from", "A folder in which the files lie already: nothing is downloaded"),
  acceptTerms: Flag.Boolean("accept-terms").pipe(
    Flag.withDescription(
      "Accept the licence and terms of use; without it they are shown with the plan, and nothing is downloaded"
    ),
    Flag.withDefault(false)
  ),
  acceptMismatch: Flag.Boolean("accept-mismatch").pipe(
    Flag.withDescription("Take files whose size or MD5 is not as the server lists it"),
    Flag.withDefault(false)
  ),
  atOnce: Flag.Int("at-once").pipe(
    Flag.withDescription(
      "Files that are downloaded at once, 1 to 4. Default: 3; with --store 1, so that one tar at a time is on the disk"
    ),
    Flag.optional,
    Flag.map(Option.getOrUndefined)
  ),
  keep: Flag.Boolean("keep").pipe(
    Flag.withDescription("Keep tars that have been stored or unpacked"),
    Flag.withDefault(false)
  ),
  onBadSubject: Flag.Literals("on-bad-subject", ["error", "skip"]).pipe(
    Flag.withDescription("Scans that cannot be used: an error once all others are stored, or left out and listed"),
    Flag.withDefault("error")
  ),
  catalogue: optional("catalogue", "A catalogue of your own, a YAML file, which adds to the shipped one"),
  guestbook: optional("guestbook", "A YAML file with your answers to the guestbook of a data set that has one"),
  workers: optional("workers", "How many threads make the store"),
  memory: optional("memory", "The most memory that making the store may use, e.g. 4GB"),
  progress
}

const fetch = Command.make("fetch", fetchOptions, (options) =>
  runShowing(options.progress)(
    () => import("./fetch.ts"),
    (command) => command.fetch(options)
  )
).pipe(Command.withDescription("Download a connectome or templates, resumable, and make a store of it"))

const port = Flag.Int("port").pipe(
  Flag.withDescription("The port on 127.0.0.1. Default: any that is free"),
  Flag.withDefault(0)
)

const open = Flag.Boolean("open").pipe(
  Flag.withDescription("Open the browser; --no-open only prints the address"),
  Flag.withDefault(true)
)

const view = Command.make("view", { folder: outputFolder, port, open }, (options) =>
  runIn(
    () => import("./view.ts"),
    (command) => command.view(options)
  )
).pipe(Command.withDescription("Show the maps of an output folder in the browser, until Ctrl-C"))

const lnm = Command.make("lnm").pipe(
  Command.withDescription("Functional lesion network mapping as a streaming pipeline"),
  Command.withSubcommands([
    fetch,
    init,
    run,
    plan,
    submit,
    status,
    cancel,
    merge,
    demo,
    inspect,
    schema,
    verify,
    lock,
    report,
    view
  ])
)

/** The words of a command line with those of `--sbatch`, which begin with dashes themselves, as its value. */
const withSbatch = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const at = args.indexOf("--sbatch")
  const value = args[at + 1]
  return at < 0 || value === undefined ? args : [...args.slice(0, at), `--sbatch=${value}`, ...args.slice(at + 2)]
}

/** Runs the command. Prints warnings on standard error as they come, and a failure before it ends. */
export const runLnm = (args: ReadonlyArray<string>) =>
  Command.runWith(lnm, { version: packageVersion })(withSbatch(args)).pipe(
    Effect.provideService(
      Warnings,
      makeWarnings((message) => Console.error(`${styleOn(process.stderr).warning("warning:")} ${printable(message)}`))
    ),
    Effect.provideService(WideVectors, true),
    Effect.provide([NodeServices.layer, presentUsage])
  )

/**
 * Chooses the exit code: wrong usage has that of wrong input; any other exit has Effect's default, which reads the
 * error's own code.
 */
export const teardown: Runtime.Teardown = (exit, onExit) => {
  if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) {
    const error = Cause.squash(exit.cause)
    if (CliError.isCliError(error)) {
      return onExit(error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : exitCodes.inputWrong)
    }
  }
  return Runtime.defaultTeardown(exit, onExit)
}
