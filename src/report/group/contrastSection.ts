/** The part of a group's report about one contrast: what was tested, what was found, and how much of it chance would find. */

import { sumTiedFrom, tiedFrom } from "../../kernels/group/groupPolicy.ts"
import { colourBar } from "../colourBar.ts"
import { html, type Markup } from "../markup.ts"
import { count, decimals, place, probability, several, significant, trimmed } from "../numbers.ts"
import { dataUri, manySlices, sliceRow } from "../picture.ts"
import { table } from "../table.ts"
import { contrastWords, correctionNames, testedWords } from "./contrastWords.ts"
import type { ContrastFindings, DesignColumn, DesignMatrix, Inference, MapPictures, Maxima } from "./GroupFindings.ts"
import { groupTableMarkup, rowsLeftOut } from "./groupTableMarkup.ts"
import { nullChart, nullWords } from "./nullChart.ts"

/** @param n its place among the contrasts: what links call it, since a name may be that of another part */
export const contrastSection = (contrast: ContrastFindings, n: number, background: string): Markup => {
  const id = `contrast-${n + 1}`
  const { name } = contrast
  return html`<section class="contrast" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${name}</h3>
<p>${testedWords(contrast)} ${permutationWords(contrast)}</p>
${words(contrast)}
${maps(contrast, background)}
<div class="findings"><div>${inferences(contrast)}${clusters(contrast)}</div><div>${facts(contrast)}</div></div>
${design(contrast)}${chance(contrast)}</section>
`
}

const permutationWords = ({ design }: ContrastFindings): string =>
  design.allPermutations
    ? `All ${count(design.permutations)} distinct permutations were taken.`
    : `${count(design.permutations)} permutations were drawn.`

const words = (contrast: ContrastFindings): Markup => {
  const { title, shows, doesNot } = contrastWords(contrast)
  return html`<div class="words"><h4>${title}</h4>${shows.map((sentence) => html`<p>${sentence}</p>`)}${
    doesNot.length === 0 ? undefined : html`<ul>${doesNot.map((sentence) => html`<li>${sentence}</li>`)}</ul>`
  }</div>`
}

const maps = ({ name, pictures, outlinedBy, inferences: found }: ContrastFindings, background: string): Markup => {
  const { scale } = pictures
  const of = `${scale.statistic} map of ${name}`
  const voxelWise = found.find(({ by }) => by === "voxel")
  const lines =
    voxelWise === undefined
      ? "There is no map of corrected p, so that nothing is outlined."
      : voxelWise.positive + voxelWise.negative === 0
        ? "No voxel is significant by itself, so that nothing is outlined."
        : "Lines surround the voxels of a corrected p below 0.05, voxel by voxel; what lies outside of them is not significant."
  return html`${peakRow(pictures, of)}<h4>At the same places for all maps</h4>${manySlices(pictures.commonSlices, of)}
<div class="scale">${colourBar(scale)}<p class="detail">Colours from |${scale.statistic}| = ${trimmed(scale.threshold)} on, far below significance. ${lines} Background: ${background}.</p></div>
${outlinedBy.map(({ title, slices }) => html`<h4>${title}</h4>${manySlices(slices, `${of}, ${title.toLowerCase()}`)}`)}`
}

/** Slices through a map's strongest voxel; none where it is 0 everywhere. */
export const peakRow = ({ peakMm, peak, peakSlices, scale }: MapPictures, of: string): Markup | undefined =>
  peakMm === undefined
    ? undefined
    : html`<h4>Through the strongest voxel: ${scale.statistic} = ${significant(peak)} at (${place(peakMm)}) mm</h4>${sliceRow(peakSlices, of, 1)}`

const inferences = ({ inferences: found, voxelMl, name }: ContrastFindings): Markup | undefined =>
  found.length === 0
    ? undefined
    : html`<h4>Significant at p &lt; 0.05</h4>${table<Inference>(
        [
          { head: "Corrected by", cell: ({ by }) => correctionNames[by] },
          { head: "Least p", numeric: true, cell: ({ least }) => probability(least) },
          { head: "Voxels above 0", numeric: true, cell: ({ positive }) => count(positive) },
          { head: "Voxels below 0", numeric: true, cell: ({ negative }) => count(negative) },
          {
            head: "mL",
            numeric: true,
            cell: ({ positive, negative }) => significant((positive + negative) * voxelMl)
          }
        ],
        found,
        { caption: `Significant voxels of ${name}` }
      )}${found.some(({ by }) => by === "fdr") ? html`<p class="detail">The false discovery rate is another promise than the others: of the voxels that it finds, at most one in twenty is false on average.</p>` : undefined}`

/** The strongest, which come first. */
const mostClusters = 15

const clusters = ({ clusters: found, name }: ContrastFindings): Markup | undefined => {
  if (found === undefined) return undefined
  const heading = html`<h4>Clusters of voxels with corrected p &lt; 0.05</h4>`
  if (found.rows.length === 0) return html`${heading}<p>There is none.</p>`
  const rest = rowsLeftOut(found, mostClusters)
  return html`${heading}${groupTableMarkup(found, { caption: `Clusters of ${name}`, most: mostClusters })}${
    rest === 0 ? undefined : html`<p class="detail">${several(rest, "cluster")} more in desc-${name}_clusters.tsv.</p>`
  }`
}

const facts = ({ design, statistic }: ContrastFindings): Markup => {
  const { patients, degreesOfFreedom, covariates, blocks, groups, ranks } = design
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["Patients", count(patients)],
    ...groups.map(({ name, patients: own }) => [`${design.effect} ${name}`, count(own)] as const),
    ["Degrees of freedom", count(degreesOfFreedom)],
    ["Statistic", statistic === "t" ? (ranks ? "t of ranks" : "t") : "G"],
    ["Covariates", covariates.length === 0 ? "none" : covariates.join(", ")],
    ["Permuted within", blocks ?? "all patients"]
  ]
  return html`<h4>Facts</h4><dl class="facts">${rows.map(([head, value]) => html`<div><dt>${head}</dt><dd>${value}</dd></div>`)}</dl>`
}

const design = ({ matrix, name }: ContrastFindings): Markup | undefined =>
  matrix === undefined
    ? undefined
    : html`<h4>Design matrix</h4><div class="design">${matrixPicture(matrix, name)}<div>${table<DesignColumn>(
        [
          { head: "Column", cell: (column, n) => `${n + 1} ${column.name}` },
          { head: "Least", numeric: true, cell: ({ least }) => trimmed(least) },
          { head: "Mean", numeric: true, cell: ({ mean }) => trimmed(mean) },
          { head: "Largest", numeric: true, cell: ({ largest }) => trimmed(largest) },
          {
            head: "r with 1",
            numeric: true,
            cell: ({ withEffect }) => (withEffect === undefined ? "n/a" : decimals(withEffect, 2))
          }
        ],
        matrix.columns,
        { caption: `Columns of the design of ${name}` }
      )}<p class="detail">A row of the picture a patient, in order of block and effect; each column from its least value, dark, to its largest, light. Column 1 is what was tested. A covariate that goes with it takes much of it out.</p></div></div>`

const matrixPicture = ({ png, width, height, patients, columns }: DesignMatrix, name: string): Markup =>
  html`<figure class="matrix-figure"><img class="design-matrix" src="${dataUri(png)}" width="${width}" height="${Math.min(height, mostHigh)}" alt="Design matrix of ${name}: ${several(patients, "patient")}, ${several(columns.length, "column")}" loading="lazy" decoding="async"><figcaption>${columns.length === 1 ? "Column 1" : `Columns 1 to ${columns.length}`}</figcaption></figure>`

/** Pixels that the picture of many patients is shrunk to. */
const mostHigh = 320

/** What each column of maxima is called, what a value of it belongs to, and from where on a value ties with it. */
const maximaNames: Readonly<
  Record<string, readonly [title: string, of: string, tiedFrom: (observed: number) => number]>
> = {
  t: ["Largest |t| of a permutation", "|t|", tiedFrom],
  g: ["Largest |G| of a permutation", "|G|", tiedFrom],
  tfce: ["Largest TFCE of a permutation", "TFCE", sumTiedFrom],
  extent: ["Largest cluster of a permutation, in voxels", "a cluster's extent", Math.abs],
  mass: ["Largest mass of a cluster of a permutation", "a cluster's mass", sumTiedFrom]
}

const chance = ({ maxima }: ContrastFindings): Markup | undefined =>
  maxima.length === 0
    ? undefined
    : html`<h4>What chance alone finds</h4><div class="charts">${maxima.map(maximaFigure)}</div>`

const maximaFigure = ({ of, values, observed, needed }: Maxima): Markup => {
  const [title, what, reachedFrom] = maximaNames[of] ?? [`Largest ${of} of a permutation`, of, Math.abs]
  return html`<figure>${nullChart({ title, values, observed, needed })}<figcaption>${nullWords({ values, observed, needed }, what, reachedFrom)}</figcaption></figure>`
}
