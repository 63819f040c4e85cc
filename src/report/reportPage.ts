/**
 * The report as a page: one HTML file that needs nothing beside itself. Its Content-Security-Policy forbids every request, and every script
 * and style but its own two, which it knows by their hashes. It comes in pieces, so that the pictures of all lesions are never held as one text.
 */
import { createHash } from "node:crypto"
import { groupSection } from "./groupSection.ts"
import { lesionSection } from "./lesionSection.ts"
import { html, Markup } from "./markup.ts"
import { several } from "./numbers.ts"
import { type ReportedRun, shownLesions } from "./ReportedRun.ts"
import { reportScript } from "./reportScript.ts"
import { reportStyle } from "./reportStyle.ts"
import { runSection } from "./runSection.ts"

/** The page, piece by piece. */
export function* reportPage(run: ReportedRun): Generator<string> {
  yield head(run).text
  yield runSection(run).text
  yield groupSection(run).text
  yield '<section id="each" aria-labelledby="each-title">\n<h2 id="each-title">Each lesion</h2>\n'
  for (const lesion of shownLesions(run)) yield lesionSection(lesion, run.findings.background).text
  yield `</section>\n${foot(run).text}`
}

const hashOf = (content: string): string => `'sha256-${createHash("sha256").update(content).digest("base64")}'`

/** Nothing is fetched; images are within the page. */
const policy = [
  "default-src 'none'",
  "img-src data:",
  `style-src ${hashOf(reportStyle)}`,
  `script-src ${hashOf(reportScript)}`,
  "base-uri 'none'",
  "form-action 'none'"
].join("; ")

const head = ({ facts, findings }: ReportedRun): Markup => {
  const { connectome } = facts
  const subjects = several(connectome.subjects, "subject")
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Lesion network maps: ${several(findings.lesions.length, "lesion")}</title>
<style>${new Markup(reportStyle)}</style>
</head>
<body>
<a class="skip" href="#main">To the report</a>
<header><h1>Lesion network maps</h1>
<p class="lead">Functional connectivity of ${several(findings.lesions.length, "lesion")} in a connectome of ${subjects}.</p></header>
<nav aria-label="Parts of the report"><ul><li><a href="#run">The run</a></li><li><a href="#lesions">All lesions</a></li><li><a href="#each">Each lesion</a></li></ul></nav>
<main id="main">
`
}

const foot = ({ facts: { software } }: ReportedRun): Markup => html`</main>
<footer>Made by ${software.name} ${software.version}. Left of coronal and axial slices is the left of the brain. <code>lnm report</code> makes this page anew from the maps.</footer>
<script>${new Markup(reportScript)}</script>
</body>
</html>
`
