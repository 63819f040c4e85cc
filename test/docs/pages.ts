/** The pages of the documentation, and what tests look at in them: headings, links, blocks of code. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { repository } from "../support/runLnm.ts"

export interface Page {
  /** From the repository's root, with `/`. */
  readonly file: string
  readonly text: string
}

const pageAt = (file: string): Page => ({ file, text: readFileSync(join(repository, file), "utf8") })

const inFolder = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isFile() && entry.name.endsWith(".md") ? [join(folder, entry.name)] : []
  )

/** All but the generated API reference. */
export const pages: ReadonlyArray<Page> = [...inFolder("."), ...inFolder("docs")].sort().map(pageAt)

export const pageOf = (file: string): Page => pages.find((page) => page.file === file)!

export interface Block {
  readonly language: string
  readonly code: string
}

/** Fenced blocks of code, in order. */
export const blocksOf = ({ text }: Page): ReadonlyArray<Block> =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({ language: language!, code: code! }))

const withoutFences = (text: string): string => text.replace(/^```\w*\n[\s\S]*?^```$/gm, "")

/** Text without code, in which Markdown is read as such. */
export const proseOf = ({ text }: Page): string =>
  withoutFences(text)
    .replace(/^ {4,}\S.*$/gm, "")
    .replace(/`[^`\n]*`/g, "")

/** Lines of code: of fenced blocks that are for a shell or nothing said, and indented ones. */
export const codeLinesOf = (page: Page): ReadonlyArray<string> => [
  ...blocksOf(page).flatMap(({ language, code }) => (["", "sh", "bash"].includes(language) ? code.split("\n") : [])),
  ...[...withoutFences(page.text).matchAll(/^ {4,}(\S.*)$/gm)].map(([, line]) => line!)
]

/** Targets of links and images. */
export const linksOf = (page: Page): ReadonlyArray<string> =>
  [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)

/** The anchors that GitHub gives to headings: lower case, no punctuation, blanks as hyphens, repeated ones numbered. */
export const anchorsOf = ({ text }: Page): ReadonlySet<string> => {
  const seen = new Map<string, number>()
  const anchors = [...withoutFences(text).matchAll(/^#{1,6} +(.*?) *$/gm)].map(([, title]) => {
    const slug = title!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-")
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    return count === 0 ? slug : `${slug}-${count}`
  })
  return new Set(anchors)
}
