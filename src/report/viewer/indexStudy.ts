/**
 * Makes of a manifest what the viewer can show: the index that its page reads, and the table of addresses that its server answers from.
 * Files get addresses by their place in lists, so that no path is ever part of an address. Nothing is read until it is asked for.
 */

import path from "node:path"
import { Effect } from "effect"
import { readRegularFile } from "../../files/readRegularFile.ts"
import { reasonOf } from "../../files/reasonOf.ts"
import { readNiftiHeader } from "../../imaging/nifti/NiftiHeader.ts"
import { readVolume } from "../../imaging/nifti/readVolume.ts"
import { spaceInName } from "../../imaging/templateSpace.ts"
import type { LesionReading } from "../../lesions/Lesion.ts"
import { isPlace } from "../../lesions/seeds/Seed.ts"
import { compareInputs } from "../../output/compareInputs.ts"
import type { Manifest } from "../../output/Manifest.ts"
import { readListed } from "../../output/readListed.ts"
import { printable } from "../../runtime/printable.ts"
import { hexadecimal, negativeColours, positiveColours } from "../colours.ts"
import { factsOf } from "./lesionFacts.ts"
import { backgroundOf, groupMaps, isOfGroup, knownStatistics, type MapGroup, statisticsOf } from "./mapGroups.ts"
import type { StudyIndex, ViewedEntry } from "./StudyIndex.ts"
import { ResourceUnavailable, type ViewerResource } from "./ViewerResource.ts"
import { type ViewedConfig, viewedConfig } from "./viewedConfig.ts"
import { brainOf, lesionImage, maskImage, parcelsJson, silently } from "./viewedImages.ts"

const compressed = "application/gzip"
const uncompressed = "application/octet-stream"
const json = "application/json; charset=utf-8"

/** Most bytes of a background image that is given. */
const mostBackgroundBytes = 2 ** 29

export interface IndexedStudy {
  readonly index: StudyIndex
  readonly resources: ReadonlyMap<string, ViewerResource>
}

/** What is known of the study while its entries are made. */
interface Making {
  readonly folder: string
  readonly manifest: Manifest
  readonly config: ViewedConfig
  readonly resources: Map<string, ViewerResource>
}

const resource = (type: string, read: Effect.Effect<Uint8Array, { readonly message: string }>): ViewerResource => ({
  type,
  read: Effect.mapError(silently(read), ({ message }) => new ResourceUnavailable({ problem: message }))
})

/** The map whose grid and brain mask a group's other images are made for, and its background value. */
const firstMapOf = ({ manifest }: Making, { maps }: MapGroup) => {
  const known = knownStatistics(manifest)
  const [statistic, file] = [...maps].find(([name]) => backgroundOf(name, known) === 0) ?? [...maps][0]!
  return { file, background: backgroundOf(statistic, known) }
}

/** An input that the manifest names, if it is still what the run has read. */
const unchangedInput = Effect.fnUntraced(function* ({ manifest }: Making, file: string) {
  const record = manifest.inputs.find((input) => input.path === file)
  if (record === undefined) {
    return yield* new ResourceUnavailable({ problem: `${file} is not among the inputs that the manifest names` })
  }
  const { problems } = yield* compareInputs([record], { whole: false })
  if (problems.length > 0) return yield* new ResourceUnavailable({ problem: problems.join(", ") })
  return file
})

const gridOf = Effect.fnUntraced(function* (making: Making, group: MapGroup) {
  const { file, background } = firstMapOf(making, group)
  const listed = yield* readListed(making.folder, file)
  const volume = yield* readVolume(listed.file)
  return { grid: volume.header.grid, brain: brainOf(volume, background) }
})

/** Addresses that all groups have in common where their maps lie on one grid, else one for each group. */
const gridNumberOf = ({ config }: Making, n: number): number => (config.output?.grid === "lesion" ? n : 0)

const addMaps = ({ folder, resources }: Making, group: MapGroup, n: number): ViewedEntry["maps"] =>
  Object.fromEntries(
    [...group.maps].map(([statistic, file], m) => {
      const isCompressed = file.path.endsWith(".gz")
      const address = `/maps/${n}-${m}.nii${isCompressed ? ".gz" : ""}`
      const read = Effect.map(readListed(folder, file), ({ content }) => content)
      resources.set(address, resource(isCompressed ? compressed : uncompressed, read))
      return [statistic, address]
    })
  )

const addBackgrounds = (making: Making, group: MapGroup, n: number): ViewedEntry["backgrounds"] => {
  const { config, resources } = making
  const mask = `/masks/${gridNumberOf(making, n)}.nii`
  if (!resources.has(mask)) {
    const read = Effect.map(gridOf(making, group), ({ grid, brain }) => maskImage(grid, brain))
    resources.set(mask, resource(uncompressed, read))
  }
  const own = { name: "Brain mask", address: mask }
  const given = typeof config.report === "object" ? config.report.background : undefined
  const back = broughtBackTo(group)
  // Over maps in another template than the connectome's lies only an image whose name says that.
  if (given === undefined || (back !== undefined && spaceInName(given) !== back)) return [own]
  const isCompressed = given.endsWith(".gz")
  const address = `/background.nii${isCompressed ? ".gz" : ""}`
  const read = Effect.flatMap(unchangedInput(making, given), (file) =>
    Effect.tryPromise({
      try: () => readRegularFile(file, mostBackgroundBytes),
      catch: (cause) => new ResourceUnavailable({ problem: `${file}: ${reasonOf(cause, "reading")}` })
    })
  )
  resources.set(address, resource(isCompressed ? compressed : uncompressed, read))
  return [{ name: path.basename(given), address }, own]
}

/** The template that a lesion's maps were brought back to; undefined: they lie in the connectome's. */
const broughtBackTo = ({ lesion }: MapGroup): string | undefined =>
  lesion?.warpedFrom !== undefined && spaceInName(lesion.maps) === lesion.warpedFrom ? lesion.warpedFrom : undefined

/** The file that shows a lesion where its maps have it, as it was mapped, and how it is read; undefined: there is none. */
const shownLesion = ({ folder, manifest, config }: Making, group: MapGroup) => {
  const { lesion } = group
  if (lesion === undefined) return undefined
  const { name, seed, flipped = false, warpedFrom, asMapped } = lesion
  const isBack = broughtBackTo(group) !== undefined
  if (warpedFrom === undefined || isPlace(seed) || (isBack && !flipped)) {
    const reading: LesionReading = { ...config.lesions, flip: flipped ? "left" : null }
    return { of: lesion, reading }
  }
  const image = isBack ? undefined : manifest.outputs.find((output) => output.path === asMapped)
  return image && { of: { name, file: { ...image, path: path.join(folder, image.path) } }, reading: {} }
}

const addLesion = (making: Making, group: MapGroup, n: number): string | undefined => {
  const { folder, resources } = making
  const shown = shownLesion(making, group)
  if (shown === undefined) return undefined
  const address = `/lesions/${n}.nii`
  const read = Effect.gen(function* () {
    const listed = yield* readListed(folder, firstMapOf(making, group).file)
    const { grid } = yield* readNiftiHeader(listed.file)
    return yield* lesionImage(shown.of, grid, shown.reading)
  })
  resources.set(address, resource(uncompressed, read))
  return address
}

const addParcellations = (making: Making, group: MapGroup, n: number): ViewedEntry["parcellations"] => {
  const { config, resources } = making
  const space = spaceInName(firstMapOf(making, group).file.path)
  // An atlas of another template would not lie over the maps.
  const isHere = (file: string) => (spaceInName(file) ?? space) === space
  return (config.parcellations ?? []).flatMap((location, p) => {
    if (!isHere(location.path)) return []
    const address = `/parcels/${gridNumberOf(making, n)}-${p}.json`
    if (!resources.has(address)) {
      const read = Effect.gen(function* () {
        for (const file of [location.path, location.labels]) if (file !== undefined) yield* unchangedInput(making, file)
        const { grid, brain } = yield* gridOf(making, group)
        return yield* parcelsJson(location, grid, brain)
      })
      resources.set(address, resource(json, read))
    }
    return { name: location.name, address }
  })
}

const aboutOf = (manifest: Manifest, { method }: ViewedConfig): string => {
  const { plan, software, chosen_subjects } = manifest
  const among = chosen_subjects === undefined ? "" : ` of ${chosen_subjects.from}`
  return [
    ...(method === undefined ? [] : [`Method ${method}`]),
    `${plan.subjects}${among} ${isOfGroup(manifest) ? "patients" : "subjects"}`,
    `${software.name} ${software.version}`
  ].join(" · ")
}

/** Corrected p below which a group's results are called significant. */
const groupAlpha = 0.05

/** From where on maps are shown, where the config or the field has a level. */
const thresholdsOf = (
  manifest: Manifest,
  { statistics }: ViewedConfig
): Readonly<Record<string, number | undefined>> => {
  const { t_threshold, fdr_alpha } = statistics ?? {}
  if (!isOfGroup(manifest)) return { t: t_threshold ?? undefined, p: fdr_alpha, pfdr: fdr_alpha }
  const ofP = knownStatistics(manifest).filter(({ background }) => background === 1)
  return Object.fromEntries(ofP.map(({ name }) => [name, groupAlpha]))
}

/** @param folder the output folder that the manifest is of */
export const indexStudy = (folder: string, manifest: Manifest): IndexedStudy => {
  const config = viewedConfig(manifest.config)
  const resources = new Map<string, ViewerResource>()
  const making = { folder, manifest, config, resources }
  const groups = groupMaps(manifest)
  const index: StudyIndex = {
    folder: printable(path.basename(path.resolve(folder))),
    about: aboutOf(manifest, config),
    listed: isOfGroup(manifest) ? "Contrasts and maps" : "Lesions",
    statistics: statisticsOf(groups, knownStatistics(manifest), thresholdsOf(manifest, config)),
    entries: groups.map((group, n) => ({
      name: printable(group.name),
      maps: addMaps(making, group, n),
      backgrounds: addBackgrounds(making, group, n),
      lesion: addLesion(making, group, n),
      parcellations: addParcellations(making, group, n),
      facts: group.lesion === undefined ? [] : factsOf(group.lesion.summary)
    })),
    colours: { positive: positiveColours.map(hexadecimal), negative: negativeColours.map(hexadecimal) }
  }
  resources.set("/study.json", { type: json, read: Effect.sync(() => Buffer.from(JSON.stringify(index))) })
  return { index, resources }
}
