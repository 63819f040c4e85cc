/**
 * The network that a parcel belongs to, told from its name: `7Networks_LH_Vis_1` is of Vis, `Default_PFC_2` of Default.
 *
 * A name is split at `_`, `-`, `.` and spaces. Hemispheres, numbers, and how many networks an atlas has are passed over; what comes
 * first after them is a network where the name says that it is of networks, or where it is one that is known. Atlases of which most parcels
 * name none, such as anatomical ones, have no networks: a region's name must not be taken for one.
 *
 * Source: names of Schaefer et al. 2018 (doi:10.1093/cercor/bhx179), Yeo et al. 2011 (doi:10.1152/jn.00338.2011), Gordon et al. 2016
 *   (doi:10.1093/cercor/bhu239) and Ji et al. 2019 (doi:10.1016/j.neuroimage.2018.10.006)
 */

/** Known networks, in small letters. The atlas of 17 networks divides them with A to C, Cent or Peri. */
const known = new Set([
  ...["vis", "visual", "visual1", "visual2", "viscent", "visperi", "primaryvisual"],
  ...["sommot", "somatomotor", "smhand", "smmouth", "somatosensory", "motor"],
  ...["dorsattn", "dorsalattention", "dan", "salventattn", "ventralattention", "ventattn", "van", "salience", "sal"],
  ...["limbic", "cont", "frontoparietal", "fpn", "control", "default", "defaultmode", "dmn", "temppar"],
  ...["auditory", "aud", "cinguloopercular", "cinguloparietal", "retrosplenialtemporal", "cercon", "language"],
  ...["posteriormultimodal", "ventralmultimodal", "orbitoaffective", "subcortical", "cerebellum"]
])

/** Parts of names that are no network. */
const passedOver = /^(?:\d*networks?|lh|rh|l|r|left|right|ctx|cortex|\d+|parcel|roi)$/i

const announcesNetworks = /^\d+networks?$/i

/** Share of an atlas's parcels that must name a network. The rest may be subcortical regions that others have added. */
const leastShare = 0.5

/** The network of a parcel's name; undefined where it names none. */
export const networkOf = (name: string): string | undefined => {
  const parts = name.split(/[_\-. ]+/).filter((part) => part !== "")
  const first = parts.find((part) => !passedOver.test(part))
  if (first === undefined) return undefined
  const announced = parts.some((part) => announcesNetworks.test(part))
  const word = first.toLowerCase()
  const isKnown = known.has(word) || known.has(word.replace(/[abc]$/, ""))
  return announced || isKnown ? first : undefined
}

/** The network of each parcel, undefined for those without; undefined where the atlas is not one of networks. */
export const networksOf = (names: ReadonlyArray<string>): ReadonlyArray<string | undefined> | undefined => {
  const networks = names.map(networkOf)
  const named = networks.filter((network) => network !== undefined).length
  return named > 0 && named >= leastShare * names.length ? networks : undefined
}
