/** Why maps are compared with the connectome's degree, or why not: two sentences, for whoever has not met the question. */
import { significant } from "./numbers.ts"
import type { GroupFindings } from "./ReportData.ts"

export interface DegreeWords {
  readonly text: string
  /** Whether the paper that the words rest on is cited behind them. */
  readonly cites: boolean
}

export const degreeWords = ({ degree }: Pick<GroupFindings, "degree">): DegreeWords => {
  if (degree === undefined) {
    return {
      text: "There is no map of the connectome's degree here, so no map is compared with it. What lesions share in a connectome's general shape cannot be told from what they share by themselves.",
      cites: true
    }
  }
  if (degree.tiny) {
    return {
      text: `In this connectome the degree, the mean correlation of a voxel with all others, is close to 0 everywhere (root mean square ${significant(degree.rms, 2)}), as after global signal regression. It is no yardstick then, and no map is compared with it.`,
      cites: false
    }
  }
  return {
    text: "Whatever the lesions, maps that are averaged over many of them come to look like the connectome's degree, the mean correlation of a voxel with all others. A map, or what many maps share, that is much like the degree says more about the connectome than about the lesions.",
    cites: true
  }
}
