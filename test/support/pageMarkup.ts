/** The tags of a page as text: whether each is closed where it was opened, and what else holds for every page of a report. */
import { createHash } from "node:crypto"
import { assert } from "@effect/vitest"

/** Tags of a page in their order, without what stands in them. */
export const tagsOf = (text: string): ReadonlyArray<string> => text.match(/<\/?[a-zA-Z][^\s>]*/g) ?? []

const withoutEnd = new Set(["meta", "img", "input", "path", "rect", "circle"])

/** Tags that are not closed, or closed elsewhere than where they were opened. */
export const unbalanced = (text: string): ReadonlyArray<string> => {
  const open: Array<string> = []
  for (const tag of tagsOf(text)) {
    const name = tag.replace(/^<\/?/, "")
    if (tag.startsWith("</")) {
      if (open.at(-1) !== name) return [...open, tag]
      open.pop()
    } else if (!withoutEnd.has(name)) open.push(name)
  }
  return open
}

export const withoutCode = (text: string): string => text.replace(/<(style|script)>.*?<\/\1>/gs, "")

/** The page's policy knows its own style and script by their hashes, and allows nothing else. */
export const assertOwnCodeAlone = (page: string): void => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll("&#39;", "'")
  assert.include(policy, "default-src 'none'")
  assert.notInclude(policy, "unsafe")
  for (const name of ["style", "script"]) {
    const [found, ...others] = [...page.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))]
    assert.deepStrictEqual(others, [])
    assert.include(policy, `${name}-src 'sha256-${createHash("sha256").update(found![1]!).digest("base64")}'`)
  }
}

/** It refers to nothing outside but papers, and never in an attribute that fetches or runs. */
export const assertNothingFetched = (page: string): void => {
  const links = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!)
  const others = links.filter((link) => !/^(#|data:image\/png;base64,|https:\/\/doi\.org\/)/.test(link))
  assert.deepStrictEqual(others, [])
  assert.notMatch(page, /\s(style|on[a-z]+)="/)
  assert.notMatch(page, /@import|url\(/)
}

/** Headings in order, a text for every image, a scope for every head, and a target for every link within. */
export const assertReadable = (page: string): void => {
  const levels = [...page.matchAll(/<h([1-6])/g)].map((match) => Number(match[1]))
  assert.strictEqual(levels[0], 1)
  assert.deepStrictEqual(
    levels.filter((level, n) => level > (levels[n - 1] ?? 0) + 1),
    []
  )
  assert.deepStrictEqual(
    (page.match(/<img[^>]*>/g) ?? []).filter((image) => !/ alt="[^"]+"/.test(image)),
    []
  )
  assert.deepStrictEqual(
    (page.match(/<th\b[^>]*>/g) ?? []).filter((head) => !/ scope="(col|row)"/.test(head)),
    []
  )
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]!)
  assert.strictEqual(new Set(ids).size, ids.length)
  for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) assert.include(ids, target!)
}
