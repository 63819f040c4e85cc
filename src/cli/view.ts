/**
 * `lnm view`: shows the maps of an output folder in the browser, by a server on loopback that ends with the command. It ends as any
 * command that is interrupted, by Ctrl-C.
 */
import { Console, Effect, Schema } from "effect"
import { readManifest } from "../output/Manifest.ts"
import { indexStudy } from "../report/viewer/indexStudy.ts"
import { pageFiles } from "../report/viewer/pageFiles.ts"
import { serveViewer } from "../report/viewer/viewerServer.ts"
import { checking } from "./CommandFailed.ts"
import { openAddress } from "./openAddress.ts"

/** A finished output folder has no map that could be shown. */
export class NothingToView extends Schema.TaggedError<NothingToView>()("NothingToView", { folder: Schema.String }) {
  override get message(): string {
    return `${this.folder}: its manifest lists no map (…_statmap.nii.gz). Give the output folder of a mapping run.`
  }
}

export interface ViewOptions {
  readonly folder: string
  /** 0: any that is free. */
  readonly port: number
  /** Whether a browser is opened. */
  readonly open: boolean
}

export const view = Effect.fnUntraced(function* ({ folder, port, open }: ViewOptions) {
  const manifest = yield* checking(readManifest(folder))
  const study = indexStudy(folder, manifest)
  if (study.index.entries.length === 0) return yield* checking(Effect.fail(new NothingToView({ folder })))
  const page = yield* checking(pageFiles())
  const resources = new Map([...page.resources, ...study.resources])
  const { address, port: taken } = yield* checking(serveViewer({ resources, port, policy: page.policy }))
  yield* Console.log(`${folder}: ${study.index.entries.length} lesion(s) or other maps, at\n\n  ${address}\n`)
  const isOpened = open && (yield* openAddress(address))
  yield* Console.log(
    isOpened
      ? "The browser was asked to open it. The address is good for one visit. Ctrl-C ends."
      : `Open it in a browser: it is good for one visit. From another machine: ssh -L ${taken}:127.0.0.1:${taken} HOST. Ctrl-C ends.`
  )
  return yield* Effect.never
}, Effect.scoped)
