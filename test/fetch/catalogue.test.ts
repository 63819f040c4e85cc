/** The shipped catalogue, one's own, and files at plain addresses. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { loadCatalogue } from "../../src/fetch/Catalogue.ts"
import { listPlain } from "../../src/fetch/listPlain.ts"
import { blocksOf, pageOf } from "../docs/pages.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

const entry = {
  title: "Mine",
  citation: ["Me"],
  licence: "CC0",
  access: "public",
  size: "1 kB",
  space: "MNI152NLin6Asym",
  mask: "none",
  preprocessing: "none",
  source: { url: "https://example.org/files", files: ["a.nii.gz"] }
}

let count = 0
const catalogueOf = (entries: object): string =>
  writeFile(join(scratch, `catalogue-${++count}.yaml`), JSON.stringify({ entries }))

describe("the catalogue", () => {
  it.effect("has all that the shipped one names, and the files of other entries that come along are there", () =>
    Effect.gen(function* () {
      const catalogue = yield* loadCatalogue(undefined)
      assert.sameMembers([...catalogue.keys()], ["gsp1000", "gsp1000-leaddbs", "mni152nlin6asym"])
      for (const { store, with: along = [] } of catalogue.values()) {
        const mask = store !== undefined && "mask" in store ? [store.mask] : []
        for (const { entry: other, file } of [...mask, ...along]) {
          const { source } = catalogue.get(other)!
          assert.include("url" in source ? source.files : [], file)
        }
      }
    })
  )

  it.effect("takes entries of one's own beside the shipped ones, and in place of those of the same name", () =>
    Effect.gen(function* () {
      const catalogue = yield* loadCatalogue(catalogueOf({ mine: entry, gsp1000: entry }))
      assert.strictEqual(catalogue.get("mine")?.title, "Mine")
      assert.strictEqual(catalogue.get("gsp1000")?.title, "Mine")
      assert.isTrue(catalogue.has("mni152nlin6asym"))
    })
  )

  it.effect("is in the form that the documentation shows", () =>
    Effect.gen(function* () {
      const { code } = blocksOf(pageOf("docs/fetch.md")).find(({ language }) => language === "yaml")!
      const catalogue = yield* loadCatalogue(writeFile(join(scratch, "documented.yaml"), code))
      assert.strictEqual(catalogue.get("our-connectome")?.space, "MNI152NLin6Asym")
    })
  )

  const wrong = {
    "a missing licence": [{ ...entry, licence: undefined }, "licence is missing"],
    "an unknown key": [{ ...entry, title2: "x" }, "title2 is no known key"],
    "a file that leads out of the folder": [{ ...entry, source: { ...entry.source, files: ["../a"] } }, "files"],
    "an address of another kind": [{ ...entry, source: { ...entry.source, url: "ftp://example.org" } }, "url"]
  } as const
  for (const [what, [mine, said]] of Object.entries(wrong)) {
    it.effect(`names the file and the key where it has ${what}`, () =>
      Effect.gen(function* () {
        const file = catalogueOf({ mine })
        const result = yield* Effect.result(loadCatalogue(file))
        const message = Result.isFailure(result) ? result.failure.message : ""
        assert.include(message, file)
        assert.include(message, said)
      })
    )
  }
})

describe("files at plain addresses", () => {
  it.live("are asked for their sizes; one that is not there is named", () =>
    Effect.gen(function* () {
      const server = createServer((request, response) => {
        const isThere = request.method === "HEAD" && request.url === "/files/a.nii.gz"
        response.writeHead(isThere ? 200 : 404, { "Content-Length": isThere ? 1234 : 0 }).end()
      })
      yield* Effect.acquireRelease(
        Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))),
        () => Effect.promise(() => new Promise((resolve) => server.close(resolve)))
      )
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`
      const { files } = yield* listPlain({ url, files: ["a.nii.gz"] })
      assert.deepStrictEqual(
        files.map(({ name, bytes, md5 }) => [name, bytes, md5]),
        [["a.nii.gz", 1234, undefined]]
      )
      const result = yield* Effect.result(listPlain({ url, files: ["a.nii.gz", "b.nii.gz"] }))
      assert.match(Result.isFailure(result) ? result.failure.message : "", /files\/b\.nii\.gz: the server answers 404/)
    }).pipe(Effect.scoped)
  )
})
