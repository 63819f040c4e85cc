import { assert, describe, it } from "@effect/vitest"
import { concatenateParcels, type Parcellation } from "../../src/parcellations/Parcellation.ts"
import { networkShares } from "../../src/report/networkShares.ts"
import { siteParcels } from "../../src/report/reportSite.ts"

const atlas = (names: ReadonlyArray<string>, members: ReadonlyArray<ReadonlyArray<number>>, weights?: number[][]) =>
  ({
    name: "Atlas",
    file: "atlas.nii.gz",
    labelsFile: undefined,
    kind: weights === undefined ? "labels" : "probabilistic",
    parcels: names.map((name, n) => ({ index: n + 1, name })),
    ...concatenateParcels(
      members.map((list) => Int32Array.from(list)),
      weights?.map((list) => Float64Array.from(list))
    )
  }) satisfies Parcellation

/** Voxels of the mask lie at every second element. */
const gridIndex = Int32Array.of(0, 2, 4, 6, 8, 10)

describe("networkShares", () => {
  it("are shares of all voxels of a sign beyond the threshold, those in no network included", () => {
    const parcels = siteParcels(
      atlas(["7Networks_LH_Vis_1", "7Networks_RH_Vis_1", "7Networks_LH_Default_1"], [[0], [1, 2], [3, 4]]),
      6
    )
    const labels = new Int32Array(12)
    for (const [voxel, label] of [1, 1, -2, 3, 0, 3].entries()) labels[gridIndex[voxel]!] = label
    // Outside of the mask.
    labels[1] = 9
    assert.deepStrictEqual(networkShares(labels, gridIndex, [parcels]), [
      { parcellation: "Atlas", network: "Vis", positive: 0.5, negative: 1 },
      { parcellation: "Atlas", network: "Default", positive: 0.25, negative: 0 }
    ])
  })

  it("are 0 where nothing is beyond the threshold, and there are none of an atlas without networks", () => {
    const networks = siteParcels(atlas(["7Networks_LH_Vis_1"], [[0, 1]]), 6)
    const anatomy = siteParcels(atlas(["Frontal_Sup_L"], [[0, 1]]), 6)
    assert.deepStrictEqual(networkShares(new Int32Array(12), gridIndex, [anatomy, networks]), [
      { parcellation: "Atlas", network: "Vis", positive: 0, negative: 0 }
    ])
  })
})

describe("siteParcels", () => {
  it("gives each voxel to the parcel that has most of it, the first of equal ones", () => {
    const probabilities = [
      [0.2, 0.5],
      [0.7, 0.5, 0.1]
    ]
    const { ofVoxel } = siteParcels(
      atlas(
        ["a", "b"],
        [
          [0, 1],
          [0, 1, 3]
        ],
        probabilities
      ),
      4
    )
    assert.deepStrictEqual([...ofVoxel], [2, 1, 0, 2])
  })
})
