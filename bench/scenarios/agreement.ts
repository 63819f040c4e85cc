/** Whether `lnm` and the peers give the same maps: each is held against the float64 reference of the tests. */
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { type Bench, type Competitor, einsum, lnm, matmul, matmulThreads, outputOf, runJob } from "../competitors.ts"
import { provideConnectome, provideLesions } from "../dataset.ts"
import { capture, python } from "../measure.ts"
import type { Section } from "../report.ts"

const compareScript = path.join(import.meta.dirname, "..", "..", "test", "witness", "compare.py")

/** Each statistic's largest deviation as a share of its bound; throws where one is exceeded. */
const compare = async (bench: Bench, competitor: Competitor): Promise<ReadonlyArray<string>> => {
  const { checkedLesions: lesions, fewSubjects: subjects } = bench.workload
  const job = { storage: "plain", subjects, lesions } as const
  await runJob(bench, competitor, job)
  const folder = path.join(bench.scratch, "case")
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  await cp(outputOf(bench), path.join(folder, "output"), { recursive: true })
  const masks = await provideLesions(bench.dataset, lesions)
  const files = (await readdir(masks)).sort().map((name) => path.join(masks, name))
  const connectome = await provideConnectome(bench.dataset, job.storage, job.subjects)
  const description = { connectome, mask: null, pattern: null, lesions: files, output: "output" }
  await writeFile(path.join(folder, "case.json"), JSON.stringify(description))
  const said = await capture([python, "-B", compareScript, folder])
  await rm(folder, { recursive: true })
  return [...said.matchAll(/(?:r|z|t|p|pfdr) (\d\.\d+)/g)].map(([, share]) => share!)
}

export const agreement = async (bench: Bench): Promise<Section> => {
  const rows: Array<ReadonlyArray<string>> = []
  for (const competitor of [lnm(), matmul, matmulThreads, einsum]) {
    rows.push([competitor.name, ...(await compare(bench, competitor))])
  }
  const { checkedLesions, fewSubjects } = bench.workload
  return {
    title: "The same maps",
    columns: ["", "r", "z", "t", "p", "pfdr"],
    rows,
    notes: [
      "Largest deviation from a float64 reference, as a share of what the tests allow; " +
        `${checkedLesions} lesions, ${fewSubjects} subjects.`
    ],
    targets: [],
    raw: rows
  }
}
