import { assert, describe, it } from "@effect/vitest"
import * as library from "../src/index.ts"

describe("the package's root", () => {
  it("exports these values, and a change of them is a change of the contract", () => {
    assert.deepStrictEqual(Object.keys(library).sort(), [
      "Checksums",
      "ChunkPool",
      "Config",
      "ConnectomeUnreadable",
      "ContradictorySpace",
      "EmptyLesion",
      "Engine",
      "InvalidConfig",
      "InvalidConnectome",
      "InvalidTimeSeries",
      "InvalidWeight",
      "LesionOutsideBrain",
      "Manifest",
      "NotEnoughMemory",
      "OutputFolder",
      "OutputNotWritable",
      "OutputNotWritten",
      "Pipeline",
      "Progress",
      "SameOutputName",
      "SpaceMismatch",
      "UnknownSpace",
      "WorkerFailed",
      "configJsonSchema",
      "correlate",
      "fisherZ",
      "functionalNetworkMapping",
      "ingest",
      "loadConfig",
      "loadLesion",
      "loadLesions",
      "makePlan",
      "openConnectome",
      "openHdf5Connectome",
      "openNiftiConnectome",
      "prepare",
      "readManifest",
      "reduce",
      "run",
      "seed",
      "statistics",
      "subjectRanges",
      "timeSeriesView",
      "volumeView",
      "writeMaps"
    ])
  })
})
