/** The report of a mapping run as a page. It comes in pieces, so that the pictures of all lesions are never held as one text. */
import { groupSection } from "./groupSection.ts"
import { lesionSection } from "./lesionSection.ts"
import { count, several } from "./numbers.ts"
import { type PageFrame, pageFoot, pageHead } from "./pageFrame.ts"
import { type ReportedRun, shownLesions } from "./ReportedRun.ts"
import { runSection } from "./runSection.ts"

/** The page, piece by piece. */
export function* reportPage(run: ReportedRun): Generator<string> {
  const frame = frameOf(run)
  yield pageHead(frame).text
  yield runSection(run).text
  yield groupSection(run).text
  yield '<section id="each" aria-labelledby="each-title">\n<h2 id="each-title">Each lesion</h2>\n'
  for (const lesion of shownLesions(run)) yield lesionSection(lesion, run.findings.background).text
  yield `</section>\n${pageFoot(frame).text}`
}

const frameOf = ({ facts: { connectome, software }, findings }: ReportedRun): PageFrame => {
  const lesions = several(findings.lesions.length, "lesion")
  const { subjects, chosenFrom } = connectome
  const source =
    chosenFrom === undefined
      ? `a connectome of ${several(subjects, "subject")}`
      : `${count(subjects)} of the ${several(chosenFrom, "subject")} of a connectome`
  return {
    title: `Lesion network maps: ${lesions}`,
    heading: "Lesion network maps",
    lead: `Functional connectivity of ${lesions} in ${source}.`,
    parts: [
      { id: "run", name: "The run" },
      { id: "lesions", name: "All lesions" },
      { id: "each", name: "Each lesion" }
    ],
    software
  }
}
