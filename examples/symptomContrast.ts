/**
 * A group's analysis from a program: where do the maps of patients with a symptom differ from those of the others? What it writes is kept
 * in memory, to be handed on to wherever the program stores it.
 *
 *     node examples/symptomContrast.ts demo-output/cohort-maps demo-output/demo-data/cohort/participants.tsv neglect
 */
import { Console, Effect, Schema } from "effect"
import { GroupConfig, groupNetworkMapping, OutputFolder, Progress, planGroup } from "../src/index.ts"

const [, , maps = "maps.tsv", participants = "participants.tsv", symptom = "neglect"] = process.argv

const files = new Map<string, Uint8Array>()

const program = Effect.gen(function* () {
  const config = yield* Schema.decodeUnknownEffect(GroupConfig)({
    pipeline: "group-network-mapping",
    maps: { path: maps },
    participants,
    contrasts: [{ name: "symptom", of: symptom, permutations: 1000 }],
    // Maps are compared with the components of all of them, and not with the connectome's degree.
    diagnose: { degree: false },
    output: { path: "group" }
  })
  // Maps, table and design are checked before anything is computed.
  const planned = yield* planGroup(config)
  const { rows } = yield* groupNetworkMapping(planned, () => Effect.void)
  const { patients, groups, pfwe_min, positive_voxels, negative_voxels } = rows[0]!
  yield* Console.log(`${patients} patients (${groups ?? "a score"}), smallest corrected p ${pfwe_min.toFixed(4)}`)
  yield* Console.log(`${positive_voxels} voxels above and ${negative_voxels} below 0, in ${files.size} files`)
})

await Effect.runPromise(
  program.pipe(Effect.provide([OutputFolder.layerMemory(files), Progress.layerOff]), Effect.scoped)
)
