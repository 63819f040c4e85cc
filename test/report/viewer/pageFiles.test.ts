/** The viewer's own files: all that its page asks for is there, and its policy lets it run that and nothing else. */
import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { pageFiles } from "../../../src/report/viewer/pageFiles.ts"

describe("the viewer's own files", () => {
  it.effect("are all that its page and scripts ask for, and hold no types any more", () =>
    Effect.gen(function* () {
      const { resources } = yield* pageFiles()
      const textAt = (address: string) =>
        Effect.map(resources.get(address)!.read, (bytes) => Buffer.from(bytes).toString())
      const page = yield* textAt("/")
      const wanted = [...page.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, address]) => address!)
      assert.includeMembers(wanted, ["/page/style.css", "/page/main.js"])
      const seen = new Set(["/niivue.js"])
      while (wanted.length > 0) {
        const address = wanted.pop()!
        if (seen.has(address)) continue
        seen.add(address)
        assert.isTrue(resources.has(address), address)
        const text = yield* textAt(address)
        if (!resources.get(address)!.type.startsWith("text/javascript")) continue
        assert.notMatch(text, /^(import|export) type|^export interface/m, address)
        for (const [, name] of text.matchAll(/from "\.\/([^"]+)"/g)) wanted.push(`/page/${name}`)
        for (const [, name] of text.matchAll(/from "([^."][^"]*)"/g))
          assert.strictEqual(name, "@niivue/niivue", address)
      }
      assert.isAbove(seen.size, 8)
    })
  )

  it.effect("have NiiVue whole, without anything that it would load", () =>
    Effect.gen(function* () {
      const { resources } = yield* pageFiles()
      const niivue = Buffer.from(yield* resources.get("/niivue.js")!.read).toString()
      assert.match(niivue, /\bNiivue\b/)
      assert.notMatch(niivue, /^import /m)
    })
  )

  it.effect("may run only what this server has, and the one script that says where NiiVue lies", () =>
    Effect.gen(function* () {
      const { resources, policy } = yield* pageFiles()
      const page = Buffer.from(yield* resources.get("/")!.read).toString()
      const inline = [...page.matchAll(/<script[^>]*>([^<]+)<\/script>/g)].map(([, text]) => text!)
      assert.deepStrictEqual(
        inline.map((text) => JSON.parse(text)),
        [{ imports: { "@niivue/niivue": "/niivue.js" } }]
      )
      const hash = createHash("sha256").update(inline[0]!).digest("base64")
      assert.include(policy, `script-src 'self' 'sha256-${hash}';`)
      assert.match(policy, /^default-src 'none';/)
      assert.notMatch(policy, /unsafe|https?:|\*/)
      assert.notMatch(page, /\son[a-z]+=|\sstyle=/, "no scripts or styles inside of elements, which the policy refuses")
    })
  )
})
