/**
 * The 4D NIfTI scans of a folder: finding them, and what their headers and names say. Under `NiftiConnectome` and
 * `rawNifti`, which make subjects of them. No voxel of a time series is read.
 */
import { stat } from "node:fs/promises"
import { basename } from "node:path"
import { Effect } from "effect"
import { entityOf, parseBidsName } from "../../imaging/BidsName.ts"
import { isBidsLabel } from "../../imaging/bidsLabel.ts"
import { findNiftiFiles } from "../../imaging/nifti/findNiftiFiles.ts"
import type { InvalidNifti } from "../../imaging/nifti/InvalidNifti.ts"
import { type NiftiHeader, readNiftiHeader } from "../../imaging/nifti/NiftiHeader.ts"
import { fewestTimePoints } from "../../kernels/numericPolicy.ts"
import { warnAll } from "../../runtime/Warnings.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { type BrainMask, describeGrid, placeMask } from "./brainMask.ts"
import { findSameRecording, taskWarnings } from "./scanGroups.ts"

/** Files of a BIDS dataset's preprocessed scans. */
export const defaultBoldPattern = "**/*_bold.nii.gz"

/** Headers read at a time while opening; enough to hide the latency of a network disk. */
export const headersAtATime = 16

/** Under which key of the config the folder and the pattern of the scans are. */
export type ScanKeys = "connectome" | "source"

const isFile = (path: string): Effect.Effect<boolean> =>
  Effect.tryPromise(() => stat(path)).pipe(
    Effect.match({ onFailure: () => false, onSuccess: (found) => found.isFile() })
  )

/** A pattern says which NIfTI files are scans; without a mask other files are read, all of them, and it would be passed over. */
export const refusePatternWithoutMask = (
  { path, pattern, mask }: { readonly path: string; readonly pattern?: string; readonly mask?: string },
  keys: ScanKeys
): Effect.Effect<void, InvalidConnectome> => {
  if (pattern === undefined || mask !== undefined) return Effect.void
  const problem = `\`${keys}.pattern\` says which NIfTI files are scans, but there is no \`${keys}.mask\`; without one, HDF5 files or a store are read, all of them`
  const remedy = `Set ${keys}.mask, or remove ${keys}.pattern and put the HDF5 files that are meant into a folder of their own.`
  return Effect.fail(new InvalidConnectome({ file: path, problem, remedy }))
}

/** The scans in order; the mask may lie among them and match the pattern too. */
export const findScans = Effect.fnUntraced(function* (
  path: string,
  pattern: string,
  mask: BrainMask,
  keys: ScanKeys = "connectome"
) {
  const refuse = (problem: string, cause?: unknown) =>
    new InvalidConnectome({
      file: path,
      problem,
      remedy: `Check ${keys}.path and ${keys}.pattern.`,
      ...(cause === undefined ? {} : { cause })
    })
  if (yield* isFile(path)) {
    const problem = "it is a file, and scans are looked for in a folder"
    const remedy = `Give the folder as ${keys}.path, and set ${keys}.pattern to the scans that are meant; HDF5 files hold their own mask: for these, remove ${keys}.mask.`
    return yield* new InvalidConnectome({ file: path, problem, remedy })
  }
  const found = yield* findNiftiFiles(path, pattern, (cause) =>
    refuse(`the folder cannot be searched (${(cause as Error).message})`, cause)
  )
  const files = found.filter((file) => file !== mask.file)
  if (files.length === 0) return yield* refuse(`no .nii or .nii.gz file matches "${pattern}"`)
  const twice = findSameRecording(path, files)
  if (twice !== undefined) {
    return yield* new InvalidConnectome({
      file: twice.second,
      problem: `it is the same recording as ${twice.first}: their names differ in ${twice.differ} only`,
      remedy: `Set ${keys}.pattern so that it matches one of them.`
    })
  }
  yield* warnAll(taskWarnings(path, files))
  return files
})

/** Reads a scan's header, and checks that it is a time series. */
export const readScanHeader = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<NiftiHeader, InvalidConnectome | InvalidNifti> {
  const header = yield* readNiftiHeader(file)
  const { dims } = header
  if (dims.length <= 4 && (dims[3] ?? 1) >= fewestTimePoints) return header
  return yield* new InvalidConnectome({
    file,
    problem: `its dimensions are ${dims.join(" × ")}, not x × y × z × ${fewestTimePoints} or more time points`,
    remedy: "Leave the file out, or set the pattern so that only 4D scans match."
  })
})

/** What keeps a scan from having the mask's voxels; undefined where it has them. `mask` lies on the grid of the first scan. */
export const gridProblem = ({ file, grid }: NiftiHeader, mask: BrainMask): InvalidConnectome | undefined => {
  const placement = placeMask(mask, grid)
  if (placement.kind === "placed") return undefined
  const maskName = `the brain mask ${mask.file}`
  const sameShape = grid.shape.every((size, axis) => size === mask.grid.shape[axis])
  const problem =
    placement.kind === "outside"
      ? `${placement.count} of ${mask.gridIndex.length} voxels of ${maskName} lie outside of its volumes`
      : sameShape
        ? `its affine [${grid.affine.slice(0, 12).join(", ")}] is not that of ${maskName} and of the other scans, [${mask.grid.affine.slice(0, 12).join(", ")}]`
        : `its grid (${describeGrid(grid)}) is not that of ${maskName} and of the other scans (${describeGrid(mask.grid)})`
  return new InvalidConnectome({ file, problem, remedy: "Resample the scan so that all lie on one grid." })
}

/** The space that the files' names agree on; an error where they do not, or where it is no BIDS label. */
export const spaceFrom = Effect.fnUntraced(function* (
  files: ReadonlyArray<string>,
  mask: BrainMask,
  keys: ScanKeys = "connectome"
) {
  const labelOf = (file: string) => entityOf(parseBidsName(basename(file)), "space")
  const labelled = files.filter((file) => labelOf(file) !== undefined)
  const [first] = labelled
  const other = labelled.find((file) => labelOf(file) !== labelOf(first!))
  if (first !== undefined && other !== undefined) {
    const remedy = `Set ${keys}.pattern so that one space matches.`
    const problem = `its name says space-${labelOf(other)}, that of ${basename(first)} says space-${labelOf(first)}`
    return yield* new InvalidConnectome({ file: other, problem, remedy })
  }
  const source = first ?? mask.file
  const space = labelOf(source)
  if (space === undefined || isBidsLabel(space)) return space
  return yield* new InvalidConnectome({
    file: source,
    problem: `its name says space-${space}, which is no BIDS label`,
    remedy: "A label has letters and digits only: rename the files."
  })
})

export const storageOf = (headers: ReadonlyArray<NiftiHeader>): string =>
  [...new Set(headers.map((h) => `NIfTI-${h.version} ${h.datatype}${h.gzip ? ", gzip" : ""}`))].sort().join("; ")
