/** The process of the `lnm` command: its arguments, signals and exit code. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { runLnm, teardown } from "./lnm.ts"

NodeRuntime.runMain(runLnm(process.argv.slice(2)), { disableErrorReporting: true, teardown })
