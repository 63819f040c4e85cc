/** What `lnm fetch` says before it downloads: the catalogue as a list, and the plan of one entry. */

import { formatBytes } from "../runtime/Plan.ts"
import { printable } from "../runtime/printable.ts"
import type { Catalogue, CatalogueEntry } from "./Catalogue.ts"
import type { FetchPlan } from "./planFetch.ts"

const row = (title: string, text: string): string => `${title.padEnd(12)}${printable(text)}`

const factsOf = (name: string, entry: CatalogueEntry): ReadonlyArray<string> => [
  row(name.length < 12 ? name : `${name}  `, entry.title),
  row("size", entry.size),
  row("space", entry.space),
  row("mask", entry.mask),
  row("scans", entry.preprocessing),
  row("access", entry.access),
  row("licence", entry.licence),
  ...entry.citation.map((citation) => row("cite", citation)),
  row("from", "doi" in entry.source ? `${entry.source.dataverse}, ${entry.source.doi}` : entry.source.url),
  row("store", entry.store === undefined ? "none is made of it" : `lnm fetch ${name} --store ${name}.zarr`)
]

/** All entries, an empty line between them. */
export const listText = (catalogue: Catalogue): string =>
  [...catalogue].map(([name, entry]) => factsOf(name, entry).join("\n")).join("\n\n")

/** Characters of a server's terms that a terminal takes well; a browser shows the rest. */
const mostTermCharacters = 6000

export interface PlannedPlaces {
  readonly folder: string
  readonly store: string | undefined
  /** About how large the store becomes, where that is known. */
  readonly storeBytes: number | undefined
}

export const planText = (
  name: string,
  entry: CatalogueEntry,
  { listing, files, others, tars, hereBytes, missingBytes, diskBytes, freeBytes }: FetchPlan,
  { folder, store, storeBytes }: PlannedPlaces
): string => {
  const needed = diskBytes + (storeBytes ?? 0)
  const free = freeBytes === undefined ? "" : `, ${formatBytes(freeBytes)} free`
  const about = storeBytes === undefined ? "" : `, about ${formatBytes(storeBytes)}`
  const here = hereBytes === 0 ? "" : `, ${formatBytes(hereBytes)} of them are here already`
  return [
    ...factsOf(name, entry).slice(0, -1),
    ...others.flatMap(({ title, licence, citation }) => [
      row("with", title),
      row("licence", licence),
      ...citation.map((cited) => row("cite", cited))
    ]),
    row("files", `${files.length}, ${formatBytes(missingBytes + hereBytes)}${here}`),
    row("to", folder),
    ...(store === undefined ? [] : [row("store", `${store}${about}, from ${tars.length} tars one after another`)]),
    row("disk", `${formatBytes(needed)} are taken at the most${free}`),
    ...listing.notes.map(printable),
    ...(listing.terms.length === 0 ? [] : ["terms", ...listing.terms.map((text) => `  ${shortened(text)}`)])
  ].join("\n")
}

const shortened = (text: string): string =>
  printable(text.length > mostTermCharacters ? `${text.slice(0, mostTermCharacters)}… (in full on its page)` : text)
