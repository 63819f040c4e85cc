/** `lnm init`: looks at a folder, writes a config for what lies in it, and says what was found and what is missing. */
import { existsSync } from "node:fs"
import path from "node:path"
import { Console, Effect, Schema } from "effect"
import { findStudy } from "../../pipelines/functional-network-mapping/init/findStudy.ts"
import {
  configText,
  findings,
  isComplete,
  seenFrom
} from "../../pipelines/functional-network-mapping/init/studyText.ts"
import { writeWhole } from "../files/writeWhole.ts"
import { printable } from "../runtime/printable.ts"
import { Warnings } from "../runtime/Warnings.ts"
import { checking, running } from "./CommandFailed.ts"

/** There is a file already where the config is to be written. */
export class ConfigThere extends Schema.TaggedError<ConfigThere>()("ConfigThere", { file: Schema.String }) {
  override get message(): string {
    return `${this.file} is there already, and stays as it is. --overwrite replaces it; --config FILE writes another one.`
  }
}

export interface InitOptions {
  readonly folder: string
  /** The file to be written; default: `lnm.yaml` in the folder. */
  readonly config: string | undefined
  readonly connectome: string | undefined
  readonly lesions: string | undefined
  readonly space: string | undefined
  readonly overwrite: boolean
}

/** Where the maps go, beside the config. */
const outputName = "derivatives/lnm"

/** What a run would warn of is told by the plan, when somebody has read the config. */
const quiet = Effect.provideService(Warnings, { warn: () => Effect.void, all: Effect.succeed([]) })

const absolute = (location: string | undefined): string | undefined =>
  location === undefined ? undefined : path.resolve(location)

export const init = Effect.fnUntraced(function* (options: InitOptions) {
  const folder = path.resolve(options.folder)
  const file = path.resolve(options.config ?? path.join(folder, "lnm.yaml"))
  if (existsSync(file) && !options.overwrite) return yield* checking(Effect.fail(new ConfigThere({ file })))
  const output = path.join(path.dirname(file), outputName)
  const [connectome, lesions] = [absolute(options.connectome), absolute(options.lesions)]
  const study = yield* checking(findStudy({ folder, connectome, lesions, space: options.space, output })).pipe(quiet)
  yield* running(writeWhole(file, configText(study, file, output)))
  const relative = path.relative("", file)
  const shown = printable(relative.startsWith("..") ? file : relative)
  yield* Console.log(
    [
      ...findings(study, seenFrom(path.dirname(file))),
      "",
      isComplete(study) ? `wrote ${shown}` : `wrote ${shown}, in which comments say what to fill in`,
      `next:       lnm plan ${shown}`
    ].join("\n")
  )
}, Effect.scoped)
