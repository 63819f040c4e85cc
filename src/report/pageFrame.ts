/**
 * What every report's page begins and ends with: one HTML file that needs nothing beside itself. Its Content-Security-Policy forbids every
 * request, and every script and style but its own two, which it knows by their hashes.
 */
import { createHash } from "node:crypto"
import { html, Markup } from "./markup.ts"
import { reportScript } from "./reportScript.ts"
import { reportStyle } from "./reportStyle.ts"

export interface PageFrame {
  /** Of the browser's window. */
  readonly title: string
  readonly heading: string
  readonly lead: string
  /** The parts of the page, by their ids. */
  readonly parts: ReadonlyArray<{ readonly id: string; readonly name: string }>
  readonly software: { readonly name: string; readonly version: string }
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

export const pageHead = ({ title, heading, lead, parts }: PageFrame): Markup => html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(reportStyle)}</style>
</head>
<body>
<a class="skip" href="#main">To the report</a>
<header><h1>${heading}</h1>
<p class="lead">${lead}</p></header>
<nav aria-label="Parts of the report"><ul>${parts.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main id="main">
`

export const pageFoot = ({ software: { name, version } }: PageFrame): Markup => html`</main>
<footer>Made by ${name} ${version}. Left of coronal and axial slices is the left of the brain. <code>lnm report</code> makes this page anew from the maps.</footer>
<script>${new Markup(reportScript)}</script>
</body>
</html>
`
