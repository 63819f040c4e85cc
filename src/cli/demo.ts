/** `lnm demo`: runs `configs/demo.yaml` into a folder, and says which files to open and what they should show. */
import path from "node:path"
import { Console, Effect } from "effect"
import { plan } from "../../pipelines/functional-network-mapping/commands.ts"
import { loadConfig } from "../../pipelines/registry.ts"
import { demoDataIn } from "../demo/DemoData.ts"
import { outputName } from "../imaging/BidsName.ts"
import { packageFile } from "../runtime/packageFile.ts"
import { printableLines } from "../runtime/printable.ts"
import { checking } from "./CommandFailed.ts"
import { endOfRun } from "./endOfRun.ts"
import type { ProgressKind } from "./progressLayer.ts"
import { runPlanned, showing } from "./run.ts"
import { styleOn } from "./style.ts"

export const demo = Effect.fnUntraced(function* (options: {
  readonly folder: string
  readonly progress: ProgressKind
}) {
  const maps = path.join(options.folder, "maps")
  yield* Console.log(`making a synthetic connectome and lesions in ${path.join(options.folder, "demo-data")}`)
  const assignments = [`output.path=${JSON.stringify(path.resolve(maps))}`]
  const loaded = yield* checking(loadConfig(packageFile("configs/demo.yaml"), assignments))
  const { planned, end } = yield* showing(
    options.progress,
    Effect.gen(function* () {
      const planned = yield* checking(plan({ ...loaded, fresh: false, describeOnly: false }))
      return { planned, end: yield* runPlanned(planned) }
    })
  )
  const { study } = planned
  const data = demoDataIn(path.join(options.folder, "demo-data"))
  const rows = data.lesionFiles.map(({ file, lesion }) => {
    const name = outputName(path.basename(file), { space: study.space, description: study.method })
    return `  ${path.join(maps, name.directory, `${name.stem("t", "statmap")}.nii.gz`)}\n      lesion in the ${lesion.side} ${lesion.network} network`
  })
  const whereToLook = [
    "",
    "Open these in a NIfTI viewer (FSLeyes, MRIcroGL, ITK-SNAP). Each t map is highest in its lesion's network, on both sides:",
    ...rows,
    `The networks that were put in: ${data.networks}`,
    `All numbers in one table: ${path.join(maps, "summary.tsv")}`
  ]
  yield* Console.log(endOfRun(end, styleOn(process.stdout), whereToLook.map(printableLines)))
}, Effect.scoped)
