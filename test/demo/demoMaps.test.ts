import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { demoDataIn } from "../../src/demo/DemoData.ts"
import { networkNames } from "../../src/demo/Network.ts"
import { elementsNear } from "../../src/imaging/elementsNear.ts"
import { readVolume } from "../../src/imaging/nifti/readVolume.ts"
import { readMask } from "../../src/imaging/readMask.ts"
import { lnmSucceeds } from "../support/runLnm.ts"
import { scratchFolder } from "../support/scratchFolder.ts"

describe("the demo", () => {
  const folder = scratchFolder()

  it("says which files to open, and each lesion's highest r outside of the lesion lies in its own network", async () => {
    const { stdout } = await lnmSucceeds(["demo", folder, "--progress", "off"])
    const data = demoDataIn(join(folder, "demo-data"))
    const networks = await Effect.runPromise(readVolume(data.networks))
    assert.strictEqual(data.lesionFiles.length, 6)
    for (const { file, lesion } of data.lesionFiles) {
      const stem = `${lesion.participant}_space-MNI152NLin6Asym_label-lesion_desc-boes_stat`
      const maps = join(folder, "maps", lesion.participant)
      assert.include(stdout, join(maps, `${stem}-t_statmap.nii.gz`))
      const r = (await Effect.runPromise(readVolume(join(maps, `${stem}-r_statmap.nii.gz`)))).values
      const mask = await Effect.runPromise(readMask(file))
      const lesioned = new Set(elementsNear(networks.header.grid, mask.header.grid, mask.elements))
      let highest = -1
      for (let element = 0; element < r.length; element++) {
        if (!lesioned.has(element) && (highest < 0 || r[element]! > r[highest]!)) highest = element
      }
      const network = networkNames[networks.values[highest]! - 1]
      assert.strictEqual(network, lesion.network, `${lesion.participant}: r ${r[highest]} in ${network}`)
    }
  })
})
