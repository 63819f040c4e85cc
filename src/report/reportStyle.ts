/** How the report looks: the system's own fonts, light and dark, on screens from 320 to 2,560 pixels and on paper. */

export const reportStyle = `
:root {
  color-scheme: light dark;
  --paper: #fafaf8; --panel: #ffffff; --ink: #1d2125; --soft: #565f68; --line: #dcdfe2;
  --accent: #1b5e8c; --positive: #b5452c; --negative: #2c62a8; --caution: #8a5a00; --caution-paper: #fdf4df;
  --slice: #000000; --gap: clamp(1rem, 2.5vw, 2.5rem);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131619; --panel: #1b1f23; --ink: #e6e9eb; --soft: #a3adb6; --line: #30363c;
    --accent: #83bce6; --positive: #ee8a6d; --negative: #7fabe8; --caution: #f0c674; --caution-paper: #2a2413;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
header, main, footer { max-width: 100rem; margin-inline: auto; padding-inline: var(--gap); }
header { padding-top: var(--gap); }
footer { padding-block: 2rem; color: var(--soft); font-size: 0.875rem; }
h1, h2, h3, h4, h5 { line-height: 1.2; text-wrap: balance; overflow-wrap: anywhere; font-weight: 650; }
h1 { font-size: clamp(1.75rem, 4vw, 2.75rem); margin: 0 0 0.5rem; letter-spacing: -0.02em; }
h2 { font-size: clamp(1.4rem, 3vw, 2rem); margin: 0 0 1.25rem; letter-spacing: -0.01em; }
h3 { font-size: 1.2rem; margin: 2.25rem 0 0.75rem; }
h4 { font-size: 0.95rem; margin: 1.25rem 0 0.5rem; }
h5 { font-size: 0.9rem; margin: 1rem 0 0.25rem; color: var(--soft); }
p, ul, ol { max-width: 75ch; overflow-wrap: anywhere; margin-block: 0 0.75rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
code { font: 0.9em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.lead { font-size: 1.1rem; color: var(--soft); }
.detail { color: var(--soft); font-size: 0.875rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 0.5rem; z-index: 3; background: var(--panel); padding: 0.5rem 1rem; }
nav { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; list-style: none; max-width: 100rem; margin: 0 auto; padding: 0.6rem var(--gap); }
nav a { text-decoration: none; font-weight: 550; }
nav a:hover { text-decoration: underline; }
main > section { padding-block: var(--gap); border-bottom: 1px solid var(--line); }

.warnings { list-style: none; padding: 0; display: grid; gap: 0.75rem; }
.warnings li, .own-warning { background: var(--caution-paper); border-inline-start: 4px solid var(--caution); border-radius: 4px; padding: 0.75rem 1rem; }
.warnings h4 { margin: 0 0 0.25rem; color: var(--caution); font-size: 1rem; }
.warnings p { margin: 0.25rem 0 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.75rem; margin: 0; }
.tiles div { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 1rem; display: flex; flex-direction: column-reverse; }
.tiles dt { color: var(--soft); font-size: 0.875rem; }
.tiles dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.methods { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem 0.25rem; max-width: 80ch; }
.methods ol { font-size: 0.875rem; padding-inline-start: 1.5rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem var(--gap); max-width: 80rem; }
figure { margin: 0; }
figcaption { color: var(--soft); font-size: 0.875rem; }
svg { display: block; max-width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--soft); font-variant-numeric: tabular-nums; }
.axis, .tick { stroke: var(--soft); fill: none; }
.grid { stroke: var(--line); fill: none; }
.time-chart { width: 100%; }
.line { stroke: var(--accent); stroke-width: 2; fill: none; stroke-linejoin: round; }
.area { fill: var(--accent); opacity: 0.14; }
.limit { stroke: var(--soft); stroke-dasharray: 5 4; fill: none; }
.phase rect { fill: var(--line); }
.phase-1 rect { opacity: 0.55; }
.phase text { fill: var(--ink); }
.bar { fill: var(--accent); }
.frame { fill: none; stroke: var(--line); }
.plot { width: 100%; max-width: 36rem; }
.point { fill: var(--accent); fill-opacity: 0.55; stroke: var(--accent); }
.strong { fill-opacity: 1; }
.mark { fill: var(--panel); stroke: var(--ink); stroke-width: 1.5; }
.observed { stroke: var(--positive); stroke-width: 2.5; fill: none; }
.series path { stroke: var(--accent); stroke-width: 2; fill: none; }
.series circle { fill: var(--accent); }
.series-1 path { stroke-dasharray: 7 4; }
.series-2 path { stroke-dasharray: 2 4; }
.series-3 path { stroke: var(--ink); stroke-dasharray: 9 3 2 3; }
.series-3 circle { fill: var(--ink); }
.unit { font-weight: 600; }

.table-frame { overflow-x: auto; max-width: 100%; width: fit-content; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); }
table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
caption { text-align: start; padding: 0.5rem 0.75rem; }
th, td { padding: 0.4rem 0.75rem; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
tbody th { font-weight: 550; }
tbody th, td:not(.number) { min-width: 4.5rem; max-width: 28rem; overflow-wrap: anywhere; }
#results-table tbody th { min-width: min(9rem, 30vw); }
#files-table tbody th, #lesion-table tbody th { min-width: min(15rem, 42vw); }
td:not(.number) { min-width: 9rem; }
/* Where all columns would not fit they come closer. */
@media (max-width: 68rem) {
  #lesion-table { font-size: 0.75rem; }
  #lesion-table :is(th, td) { padding-inline: 0.4rem; }
  #lesion-table tbody th { min-width: 9rem; }
  #lesion-table thead th { min-width: 0; }
  #lesion-table thead button::after { margin-inline-start: 0.1em; }
}
thead th { font-weight: 600; color: var(--soft); vertical-align: bottom; min-width: 3.5rem; }
.number { text-align: end; }
td.number { white-space: nowrap; }
thead button { all: unset; cursor: pointer; color: inherit; }
thead button:hover { color: var(--accent); }
thead button:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
thead button::after { content: "\\2195"; margin-inline-start: 0.35em; opacity: 0.5; }
[aria-sort="ascending"] button::after { content: "\\2191"; opacity: 1; }
[aria-sort="descending"] button::after { content: "\\2193"; opacity: 1; }
.filter { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; margin-bottom: 1rem; }
.filter input { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--soft); border-radius: 6px; padding: 0.35rem 0.6rem; width: min(20rem, 100%); }
.overview { list-style: none; padding: 0; max-width: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(9rem, 44%), 1fr)); gap: 0.75rem; }
.overview li { contain-intrinsic-size: auto 11rem; content-visibility: auto; min-width: 0; }
.overview a { display: block; text-decoration: none; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; height: 100%; }
.overview a:hover { border-color: var(--accent); }
.overview img { display: block; width: 100%; height: auto; background: var(--slice); }
.overview span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; overflow-wrap: anywhere; margin: 0.4rem 0.6rem; font-size: 0.8rem; line-height: 1.35; }

.lesion { content-visibility: auto; contain-intrinsic-size: auto 60rem; padding-block: 0.5rem 2rem; border-top: 1px solid var(--line); }
.lesion > h3 { font-size: 1.35rem; margin-top: 1.5rem; }
.contrast { padding-block: 0.5rem 1.5rem; border-top: 1px solid var(--line); }
.contrast > h3 { font-size: 1.35rem; margin-top: 1.5rem; }
.words { background: var(--panel); border: 1px solid var(--line); border-inline-start: 4px solid var(--accent); border-radius: 4px; padding: 0.25rem 1rem 0.25rem; max-width: 80ch; }
.words h4 { margin-top: 0.75rem; }
.words ul { padding-inline-start: 1.25rem; }
.design { display: flex; flex-wrap: wrap; gap: 1rem var(--gap); align-items: flex-start; }
.design > div { flex: 1 1 20rem; min-width: 0; }
.design-matrix { display: block; max-width: 100%; image-rendering: pixelated; border: 1px solid var(--line); }
.slices { display: flex; gap: 0.5rem; align-items: end; }
/* Figures shrink by their widths, so that all slices of a row keep one scale. */
.slice { flex: 0 1 auto; min-width: 0; }
.many { flex-wrap: wrap; }
@media (max-width: 34rem) { .slices { flex-wrap: wrap; } .many .slice { width: calc(50% - 0.25rem); } }
.many { row-gap: 0.75rem; }
.slice img { display: block; max-width: 100%; height: auto; background: var(--slice); border-radius: 4px; }
.slice figcaption { display: flex; justify-content: space-between; gap: 0.5rem; padding: 0.2rem 0.15rem; font-size: 0.8rem; }
.slice abbr { font-weight: 650; text-decoration: none; color: var(--ink); }
.scale { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.5rem; margin-top: 0.75rem; }
.scale p { flex: 1 1 20rem; margin: 0.25rem 0; }
.colour-bar { flex: 0 1 auto; min-width: 0; }
.findings { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 24rem); gap: 0 var(--gap); align-items: start; }
@media (max-width: 66rem) { .findings { grid-template-columns: minmax(0, 1fr); } }
.facts { margin: 0; }
.facts div { display: flex; justify-content: space-between; gap: 1rem; padding: 0.3rem 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; text-align: end; font-variant-numeric: tabular-nums; }
.share { display: inline-flex; align-items: center; gap: 0.5rem; }
.share span { min-width: 3.6rem; }
.whole { white-space: nowrap; }
.share svg { background: var(--line); }
.positive rect { fill: var(--positive); }
.negative rect { fill: var(--negative); }
.matrix { display: block; max-width: min(100%, 40rem); height: auto; image-rendering: pixelated; border: 1px solid var(--line); }

@media print {
  :root { color-scheme: light; --paper: #fff; --panel: #fff; --ink: #000; --soft: #333; --line: #bbb; --caution-paper: #fff; }
  nav, .filter, .skip, thead button::after { display: none; }
  body { font-size: 10pt; }
  .lesion, .overview li { content-visibility: visible; }
  .lesion, .contrast { break-before: page; border-top: 0; }
  .slice, figure, tr, .warnings li, .tiles div { break-inside: avoid; }
  .table-frame { overflow: visible; border: 0; }
  img, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`
