import { assert, describe, it } from "@effect/vitest"
import { networkOf, networksOf } from "../../src/report/networkNames.ts"

describe("networkOf", () => {
  it("is told from the names of atlases of networks", () => {
    const names: ReadonlyArray<readonly [string, string]> = [
      ["7Networks_LH_Vis_1", "Vis"],
      ["7Networks_RH_SalVentAttn_FrOperIns_12", "SalVentAttn"],
      ["17Networks_LH_VisCent_ExStr_1", "VisCent"],
      ["17Networks_RH_DefaultA_PFCd_3", "DefaultA"],
      ["17Networks_LH_TempPar_4", "TempPar"],
      ["7Networks_4", ""],
      ["LH_Cont_PFCl_2", "Cont"],
      ["RH-DorsAttn-Post-5", "DorsAttn"],
      ["Default_12", "Default"],
      ["SMhand_3", "SMhand"],
      ["L Visual 1", "Visual"],
      ["Somatomotor", "Somatomotor"],
      ["12Networks_LH_Own.Name_3", "Own"]
    ]
    for (const [name, network] of names) assert.strictEqual(networkOf(name) ?? "", network, name)
  })

  it("is not told from names of regions", () => {
    for (const name of [
      ...["Frontal_Sup_L", "HIP-rh", "L_V1_ROI", "ctx-lh-bankssts", "Left-Thalamus-Proper", "1", "", "___"],
      ...["LH_1", "Precentral Gyrus", "A5m_L", "Heschl_R", "Vermis_4_5"]
    ]) {
      assert.isUndefined(networkOf(name), name)
    }
  })
})

describe("networksOf", () => {
  it("leaves regions that were added to an atlas of networks without one", () => {
    assert.deepStrictEqual(networksOf(["7Networks_LH_Vis_1", "7Networks_LH_Vis_2", "HIP-rh"]), [
      "Vis",
      "Vis",
      undefined
    ])
  })

  it("finds none in an anatomical atlas in which one region is called like a network", () => {
    assert.isUndefined(networksOf(["Frontal_Sup_L", "Limbic_L", "Precuneus_L"]))
    assert.isUndefined(networksOf([]))
    assert.isUndefined(networksOf(["1", "2"]))
  })
})
