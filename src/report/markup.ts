/**
 * HTML as a value: every text that a page shows goes through `html`, which escapes whatever is not made by `html` itself. So a name that
 * holds tags, quotes or a line break is shown as it is written, and does nothing.
 */
import { printable } from "../runtime/printable.ts"

/** A piece of HTML that needs no escaping any more. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What can stand in a template: text and numbers are escaped, lists are joined, nothing is shown for undefined. */
export type Child = Markup | string | number | undefined | ReadonlyArray<Child>

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
}

/** Text for an element or a quoted attribute. Control characters and marks of writing direction come as escapes that can be read. */
export const escapeText = (text: string): string =>
  printable(text).replace(/[&<>"']/g, (character) => entities[character]!)

const textOf = (child: Child): string => {
  if (child === undefined) return ""
  if (child instanceof Markup) return child.text
  if (typeof child === "string") return escapeText(child)
  return typeof child === "number" ? String(child) : child.map(textOf).join("")
}

/** HTML with values in it, each in an element or in a quoted attribute. */
export const html = (parts: TemplateStringsArray, ...children: ReadonlyArray<Child>): Markup =>
  new Markup(parts.reduce((text, part, index) => `${text}${textOf(children[index - 1])}${part}`))
