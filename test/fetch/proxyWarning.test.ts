/** A proxy that is not heeded is never passed over silently. */
import { assert, describe, it } from "@effect/vitest"
import { proxyWarnings } from "../../src/fetch/proxyWarning.ts"

describe("a proxy of the environment", () => {
  it("is warned of where Node is too old for it, and only there", () => {
    const environment = { https_proxy: "http://proxy:3128" }
    assert.deepStrictEqual(
      proxyWarnings("24.4.1", environment).map(({ file }) => file),
      ["https_proxy"]
    )
    assert.deepStrictEqual(proxyWarnings("24.5.0", environment), [])
    assert.deepStrictEqual(proxyWarnings("25.0.0", environment), [])
    assert.deepStrictEqual(proxyWarnings("24.4.1", { HTTPS_PROXY: "" }), [])
  })
})
