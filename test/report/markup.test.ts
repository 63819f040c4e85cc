import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "fast-check"
import { escapeText, html, Markup } from "../../src/report/markup.ts"

/** What a browser makes of an escaped text, as far as escapes go. */
const unescaped = (text: string): string =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")

describe("html", () => {
  it("escapes every text, in elements and attributes, and no markup of its own", () => {
    const name = `<img src=x onerror="alert('1')">&`
    const inner = html`<b title="${name}">${name}</b>`
    const escaped = "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;"
    assert.strictEqual(html`<p>${inner}</p>`.text, `<p><b title="${escaped}">${escaped}</b></p>`)
  })

  it("leaves no character that could end a text or an attribute, and loses none", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string({ unit: "grapheme-ascii", minLength: 1 }), (text) => {
        const escaped = escapeText(text)
        assert.notMatch(escaped, /[<>"']/)
        assert.notMatch(escaped, /&(?!(lt|gt|quot|amp|#39);)/)
        assert.strictEqual(unescaped(escaped), text)
      })
    )
  })

  it("shows line breaks and marks of writing direction as escapes that can be read", () => {
    assert.strictEqual(escapeText("a\nb\u202e"), "a\\nb\\u202e")
  })

  it("joins lists, writes numbers, and shows nothing for undefined", () => {
    assert.strictEqual(html`${["a", new Markup("<br>"), [1, undefined]]}|${-0.5}|${undefined}`.text, "a<br>1|-0.5|")
  })
})
