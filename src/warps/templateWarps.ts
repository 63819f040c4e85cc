/**
 * The warp that brings images of the other MNI152 template to the connectome's: found by its name in the folder that `templates` in the
 * config gives, and read once, when the first image needs it.
 *
 * Only MNI152NLin6Asym and MNI152NLin2009cAsym are brought to each other. Other variants of MNI152 differ from both, and are refused.
 *
 * Source: TemplateFlow, https://www.templateflow.org, doi:10.1038/s41592-022-01681-2
 */
import { existsSync } from "node:fs"
import path from "node:path"
import { Effect, Schema } from "effect"
import type { ImageTooLarge } from "../imaging/loadingMemory.ts"
import { SpaceMismatch } from "../imaging/templateSpace.ts"
import { type InvalidWarp, readItkTransform } from "./readItkTransform.ts"
import type { Warp } from "./Warp.ts"

/** The templates between which images are brought, by their BIDS labels. */
const templates = ["MNI152NLin6Asym", "MNI152NLin2009cAsym"]

/** An image lies in the other template, and there is no warp to bring it over. */
export class MissingWarp extends Schema.TaggedError<MissingWarp>()("MissingWarp", {
  file: Schema.String,
  from: Schema.String,
  to: Schema.String,
  warp: Schema.String,
  /** Undefined: the config names none. */
  folder: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const found = `its name says space-${this.from}, the connectome is in ${this.to}`
    const lack =
      this.folder === undefined
        ? "Set templates in the config to a folder with the file"
        : `The folder of templates, ${this.folder}, has no file`
    return `${this.file}: ${found}. ${lack} ${this.warp}, which brings it over; \`lnm fetch mni152nlin6asym\` gets it`
  }
}

export type WarpError = SpaceMismatch | MissingWarp | InvalidWarp | ImageTooLarge

/** Why an image is brought over, and by what. */
export interface TemplateWarp {
  /** Template that the image lies in. */
  readonly from: string
  /** The file of the warp. */
  readonly file: string
  readonly warp: Warp
}

export interface TemplateWarps {
  /** The warp that brings an image of another space to the connectome's. */
  readonly bring: (file: string, from: string) => Effect.Effect<TemplateWarp, WarpError>
}

/** The name that TemplateFlow gives to the warp with which images are resampled from one template to another. */
const warpName = (from: string, to: string): string => `tpl-${to}_from-${from}_mode-image_xfm.h5`

/** @param folder that of the config; undefined: images of another space are refused */
export const makeTemplateWarps = (folder: string | undefined, to: string): Effect.Effect<TemplateWarps> =>
  Effect.gen(function* () {
    const other = templates.find((template) => template !== to)!
    const name = warpName(other, to)
    const found =
      folder === undefined
        ? undefined
        : [path.join(folder, name), path.join(folder, `tpl-${to}`, name)].find((file) => existsSync(file))
    const read = yield* Effect.cached(readItkTransform(found ?? name))
    return {
      bring: (file, from) => {
        if (!templates.includes(to) || from !== other) {
          return Effect.fail(new SpaceMismatch({ file, space: from, expected: to }))
        }
        if (found === undefined) {
          return Effect.fail(
            new MissingWarp({ file, from, to, warp: name, ...(folder === undefined ? {} : { folder }) })
          )
        }
        return Effect.map(read, (warp) => ({ from, file: found, warp }))
      }
    }
  })
