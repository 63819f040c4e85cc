/**
 * The warps that bring images of the other MNI152 template to the connectome's, and maps back: found by their names in the folder that
 * `templates` in the config gives, and read when they are needed; the first once, however many images need it.
 *
 * Only MNI152NLin6Asym and MNI152NLin2009cAsym are brought to each other. Other variants of MNI152 differ from both, and are refused.
 *
 * Source: TemplateFlow, https://www.templateflow.org, doi:10.1038/s41592-022-01681-2
 */
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import path from "node:path"
import { Effect, Schema } from "effect"
import { hashFile } from "../files/hashFile.ts"
import { reasonOf } from "../files/reasonOf.ts"
import type { ImageTooLarge } from "../imaging/loadingMemory.ts"
import { SpaceMismatch } from "../imaging/templateSpace.ts"
import { InvalidWarp, readItkTransform } from "./readItkTransform.ts"
import type { Warp } from "./Warp.ts"

/** The templates between which images are brought, by their BIDS labels. */
const templates = ["MNI152NLin6Asym", "MNI152NLin2009cAsym"]

/** An image lies in the other template, and there is no warp to bring it over, or to bring its maps back. */
export class MissingWarp extends Schema.TaggedError<MissingWarp>()("MissingWarp", {
  file: Schema.String,
  from: Schema.String,
  to: Schema.String,
  warp: Schema.String,
  /** Undefined: the config names none. */
  folder: Schema.optionalKey(Schema.String),
  /** Whether it is the warp that brings maps back. */
  back: Schema.optionalKey(Schema.Boolean)
}) {
  override get message(): string {
    const found = `its name says space-${this.from}, the connectome is in ${this.to}`
    const lack =
      this.folder === undefined
        ? "Set templates in the config to a folder with the file"
        : `The folder of templates, ${this.folder}, has no file`
    const use = this.back === true ? "brings its maps back, with output.grid: lesion" : "brings it over"
    return `${this.file}: ${found}. ${lack} ${this.warp}, which ${use}; \`lnm fetch mni152nlin6asym\` gets it`
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

/** A warp, with its file and the hash of that. */
export interface WarpFile {
  readonly file: string
  readonly sha256: string
  readonly warp: Warp
}

/** Bytes of a warp's fields. */
export const warpBytes = (warp: Warp): number =>
  warp.reduce((sum, step) => sum + (step.kind === "displacement" ? step.displacements.byteLength : 0), 0)

export interface TemplateWarps {
  /** The warp that brings an image of another space to the connectome's. */
  readonly bring: (file: string, from: string) => Effect.Effect<TemplateWarp, WarpError>
  /** The warp that brings maps to the space of an image. */
  readonly bringBack: (file: string, space: string) => Effect.Effect<WarpFile, WarpError>
}

/** The name that TemplateFlow gives to the warp with which images are resampled from one template to another. */
const warpName = (from: string, to: string): string => `tpl-${to}_from-${from}_mode-image_xfm.h5`

/** Whether a file is such a warp, by its name. */
export const isWarpName = (name: string): boolean => /_from-[^_]+_mode-image_xfm\.h5$/.test(name)

/** The name of the warp that brings images of one template to another; undefined where these are not brought over. */
export const warpBetween = (from: string, to: string): string | undefined =>
  from !== to && templates.includes(from) && templates.includes(to) ? warpName(from, to) : undefined

/** The folder that `templates` in the config names, for a warp that lies in it or in its folder `tpl-…`. */
export const templatesFolderOf = (warp: string): string => {
  const folder = path.dirname(warp)
  return path.basename(folder).startsWith("tpl-") ? path.dirname(folder) : folder
}

/** A warp of a folder: its name, and its path where it is there. */
const findWarp = (folder: string | undefined, from: string, to: string) => {
  const name = warpName(from, to)
  const places = folder === undefined ? [] : [path.join(folder, name), path.join(folder, `tpl-${to}`, name)]
  return { name, found: places.find((file) => existsSync(file)) }
}

/** Reads a warp, and hashes its file. */
const readHashed = Effect.fnUntraced(function* (file: string) {
  const sha256 = yield* Effect.tryPromise({
    try: async (signal) => {
      const hash = createHash("sha256")
      await hashFile(hash, file, signal)
      return hash.digest("hex")
    },
    catch: (cause) =>
      new InvalidWarp({
        file,
        problem: `it cannot be read: ${reasonOf(cause, "reading")}`,
        remedy: "Check that it can be read",
        cause
      })
  })
  const read: WarpFile = { file, sha256, warp: yield* readItkTransform(file) }
  return read
})

/** @param folder that of the config; undefined: images of another space are refused */
export const makeTemplateWarps = (folder: string | undefined, to: string): Effect.Effect<TemplateWarps> =>
  Effect.gen(function* () {
    const other = templates.find((template) => template !== to)!
    const [there, back] = [findWarp(folder, other, to), findWarp(folder, to, other)]
    const read = yield* Effect.cached(readItkTransform(there.found ?? there.name))
    const ofFolder = folder === undefined ? {} : { folder }
    const isOther = (space: string) => templates.includes(to) && space === other
    return {
      bring: (file, from) => {
        if (!isOther(from)) return Effect.fail(new SpaceMismatch({ file, space: from, expected: to }))
        const { name, found } = there
        if (found === undefined) return Effect.fail(new MissingWarp({ file, from, to, warp: name, ...ofFolder }))
        return Effect.map(read, (warp) => ({ from, file: found, warp }))
      },
      bringBack: (file, space) => {
        if (!isOther(space)) return Effect.fail(new SpaceMismatch({ file, space, expected: to }))
        const { name, found } = back
        return found === undefined
          ? Effect.fail(new MissingWarp({ file, from: space, to, warp: name, back: true, ...ofFolder }))
          : readHashed(found)
      }
    }
  })
