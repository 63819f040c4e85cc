/** What a group's diagnosis says, in sentences for whoever reads the results. */
import type { GroupCentrality } from "./centralityByGroup.ts"
import type { MapLikeness } from "./mapLikeness.ts"

/** |r| from which on a contrast's map counts as much like the degree: a quarter of its variance over voxels. */
export const alikeFrom = 0.5

/** Always true of a contrast, whatever has been found. */
const ofAnyContrast =
  "A significant contrast shows that maps differ with the label by more than chance gives patients who could as well have had the other label. " +
  "It does not show that the symptom comes from the network that it finds: patients with the symptom may have lesions in tissue that is better connected, or larger ones."

/** "t of aphasia" for desc-aphasia_stat-t; the overlap has its level of t. */
export const mapInWords = (map: string): string =>
  map
    .replace(/^desc-overlap_stat-tsigned([^_]+)$/, (_, tau: string) => `overlap at |t| ≥ ${tau.replace("p", ".")}`)
    .replace(/^desc-([^_]+)_stat-([^_]+)$/, "$2 of $1")

const withDice = ({ r, dice }: MapLikeness): string =>
  `r = ${r!.toFixed(2)}${dice === undefined ? "" : `, Dice of the largest 5 % ${dice.toFixed(2)}`}`

/** @param mean name of the mean map among the rows */
export const diagnosisWords = (
  likeness: ReadonlyArray<MapLikeness>,
  centrality: ReadonlyArray<GroupCentrality>,
  mean: string
): ReadonlyArray<string> => {
  const toDegree = likeness.filter(({ comparedWith, r }) => comparedWith === "degree" && r !== undefined)
  return [
    ofAnyContrast,
    ...toDegree.map((row) => (row.map === mean ? ofMean(row) : ofContrast(row))),
    ...(toDegree.length > 0
      ? []
      : [
          "No map is compared with the connectome's degree, so that what lesions share in its general shape can be told by the components alone."
        ]),
    ...closestComponents(likeness, mean),
    ...[...Map.groupBy(centrality, ({ contrast }) => contrast).values()].flatMap(ofCentrality)
  ]
}

const ofMean = (row: MapLikeness): string =>
  `The mean of all patients' maps goes with the connectome's degree (${withDice(row)}). Averages of lesion network maps do, whatever the lesions: that they are alike is no evidence for a network.`

const ofContrast = (row: MapLikeness): string =>
  Math.abs(row.r!) >= alikeFrom
    ? `${mapInWords(row.map)} is much like the connectome's degree (${withDice(row)}): it may say more of how the connectome is than of the symptom.`
    : `${mapInWords(row.map)} is not much like the connectome's degree (${withDice(row)}).`

/** For each map the component that it goes with most. */
const closestComponents = (likeness: ReadonlyArray<MapLikeness>, mean: string): ReadonlyArray<string> =>
  [...Map.groupBy(likeness, ({ map }) => map).entries()].flatMap(([map, rows]) => {
    const [closest] = rows
      .filter(({ comparedWith, r }) => comparedWith !== "degree" && r !== undefined)
      .sort((a, b) => Math.abs(b.r!) - Math.abs(a.r!))
    if (map === mean || closest === undefined || Math.abs(closest.r!) < alikeFrom) return []
    return [
      `${mapInWords(map)} goes with ${closest.comparedWith} of the patients' maps (|r| = ${Math.abs(closest.r!).toFixed(2)}): a strong effect makes such a component, and so does whatever else maps of this connectome differ by.`
    ]
  })

const ofCentrality = (rows: ReadonlyArray<GroupCentrality>): ReadonlyArray<string> => {
  const { contrast, of, measure, r, p, isCovariate } = rows[0]!
  if (r === undefined || p === undefined) return []
  const means = rows.map(({ group, mean }) => `${group}: ${mean.toFixed(3)}`).join(", ")
  return [
    `Contrast ${contrast}: centrality (${measure}) by ${of}: ${means}; r = ${r.toFixed(2)}, p = ${p.toPrecision(2)}${isCovariate ? "; it is a covariate" : ""}.`
  ]
}
