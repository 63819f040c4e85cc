/** `lnm fetch` from a server on loopback: the plan and the terms first, then the files, then a store that is that of the scans in a folder. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { firstId, sha256Of } from "../support/dataverse.ts"
import { filesIn } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { makeStoreIn } from "../support/preparedStores.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import {
  makeTinyDataset,
  type ServedDataset,
  scanPattern,
  serveTinyDataset,
  type TinyDataset
} from "../support/tinyDataset.ts"

const scratch = scratchFolder()

let dataset: TinyDataset
let server: ServedDataset

beforeAll(async () => {
  dataset = await makeTinyDataset(scratch)
  server = await serveTinyDataset(scratch, dataset)
})

afterAll(() => server.close())

/** Arguments of `lnm fetch` for the data set, with the terms accepted. */
const ofTiny = (...more: ReadonlyArray<string>) => [
  "fetch",
  "tiny",
  "--catalogue",
  server.catalogue,
  "--accept-terms",
  "--progress",
  "off",
  ...more
]

/** Every file of a folder with its content. */
const contentOf = (folder: string): ReadonlyMap<string, string> =>
  new Map(filesIn(folder).map((name) => [name, sha256Of(readFileSync(join(folder, name)))]))

describe("lnm fetch", () => {
  it("lists what there is, that of one's own too", async () => {
    const { stdout } = await lnmHereSucceeds(["fetch", "--list", "--catalogue", server.catalogue])
    assert.match(stdout, /^gsp1000 /m)
    assert.match(stdout, /doi:10\.7910\/DVN\/ILXIKS/)
    assert.match(stdout, /^mni152nlin6asym /m)
    assert.match(stdout, /^tiny +Tiny scans$/m)
  })

  it("names the nearest entry where there is none of a name", async () => {
    const { code, stderr } = await lnmHere(["fetch", "gsp100"])
    assert.strictEqual(code, 2)
    assert.include(stderr, "did you mean gsp1000?")
  })

  it("shows the plan and the terms, and downloads nothing before they are accepted", async () => {
    const to = join(scratch, "nothing")
    const { code, stdout, stderr } = await lnmHere(["fetch", "tiny", "--catalogue", server.catalogue, "--to", to])
    assert.strictEqual(code, 2)
    assert.match(stdout, /^files +5, /m)
    assert.include(stdout, "Terms of use: For research only .")
    assert.match(stdout, /^disk +.* are taken at the most, .* free$/m)
    assert.include(stderr, "--accept-terms")
    assert.isFalse(existsSync(to))
  })

  it("downloads the files, keeps their SHA-256, and downloads none twice", async () => {
    const to = join(scratch, "files")
    await lnmHereSucceeds(ofTiny("--to", to))
    for (const { name, content } of dataset.tars) assert.isTrue(readFileSync(join(to, name)).equals(content))
    const { files } = JSON.parse(readFileSync(join(to, "fetch.json"), "utf8"))
    assert.strictEqual(files["GSP1000_1.tar"].sha256, sha256Of(dataset.tars[0]!.content))
    assert.sameMembers(Object.keys(files), [
      ...dataset.tars.map(({ name }) => name),
      "masks/brain_mask.nii.gz",
      "README.txt"
    ])
    const before = server.seen.length
    await lnmHereSucceeds(ofTiny("--to", to))
    assert.isFalse(server.seen.slice(before).some(({ path }) => path.includes("/access/")))
  })

  it("brings files of other entries along, and says under which licence they are", async () => {
    const other = { name: "warps", licence: "of the warps", files: [{ name: "warp.h5", content: Buffer.from("w") }] }
    const both = await serveTinyDataset(join(scratch, "both"), dataset, {}, "tiny", other)
    const to = join(scratch, "along")
    const args = ["fetch", "tiny", "--catalogue", both.catalogue, "--to", to, "--progress", "off", "--accept-terms"]
    const { stdout } = await lnmHereSucceeds(args).finally(both.close)
    assert.match(stdout, /^with +Files of warps\nlicence +of the warps$/m)
    assert.match(stdout, /^files +6, /m)
    assert.strictEqual(readFileSync(join(to, "warp.h5"), "utf8"), "w")
  })

  it("makes the store of the tars as they come, to the byte that of the same scans in a folder, and leaves no tar", async () => {
    const [to, store] = [join(scratch, "coming"), join(scratch, "coming.zarr")]
    const { stdout } = await lnmHereSucceeds(ofTiny("--to", to, "--store", store))
    assert.match(stdout, /^5 subjects in /m)
    const source = { path: dataset.scans, pattern: scanPattern, mask: dataset.mask }
    const expected = await makeStoreIn(scratch, "expected", { source, space: "MNI152NLin6Asym" })
    assert.deepStrictEqual(contentOf(store), contentOf(expected))
    assert.sameMembers(readdirSync(to), ["README.txt", "fetch.json", "masks"])
    assert.isFalse(existsSync(`${store}.scans`))
  })

  it("makes the same store of tars that lie in a folder, without a network, and leaves them there", async () => {
    const [to, store] = [join(scratch, "files"), join(scratch, "here.zarr")]
    await lnmHereSucceeds(ofTiny("--to", to))
    const before = server.seen.length
    await lnmHereSucceeds(ofTiny("--from", to, "--store", store, "--workers", "1"))
    assert.strictEqual(server.seen.length, before)
    assert.deepStrictEqual(contentOf(store), contentOf(join(scratch, "coming.zarr")))
    assert.isTrue(dataset.tars.every(({ name, content }) => statSync(join(to, name)).size === content.length))
  })

  it("makes the same store where tars come while others are stored, and keeps them when told to", async () => {
    const [to, store] = [join(scratch, "ahead"), join(scratch, "ahead.zarr")]
    await lnmHereSucceeds(ofTiny("--to", to, "--store", store, "--at-once", "3", "--keep"))
    assert.deepStrictEqual(contentOf(store), contentOf(join(scratch, "coming.zarr")))
    assert.isTrue(dataset.tars.every(({ name, content }) => readFileSync(join(to, name)).equals(content)))
  })

  it("goes on after the last subject, without asking for a tar that is done", async () => {
    const [to, store] = [join(scratch, "going"), join(scratch, "going.zarr")]
    const broken = {
      ...dataset,
      tars: dataset.tars.map((tar, n) => (n === 1 ? { ...tar, content: tar.content.subarray(0, 7000) } : tar))
    }
    const half = await serveTinyDataset(join(scratch, "half"), broken)
    const args = [
      "fetch",
      "tiny",
      "--accept-terms",
      "--progress",
      "off",
      "--to",
      to,
      "--store",
      store,
      "--workers",
      "1"
    ]
    const failed = await lnmHere([...args, "--catalogue", half.catalogue])
    await half.close()
    assert.strictEqual(failed.code, 1)
    assert.match(failed.stderr, /GSP1000_2\.tar: it cannot be unpacked .*Remove it and get it again/)
    rmSync(join(to, "GSP1000_2.tar"))
    const before = server.seen.length
    const { stderr } = await lnmHereSucceeds([...args, "--catalogue", server.catalogue])
    assert.match(stderr, /going on: [23] subjects are stored already/)
    const asked = server.seen
      .slice(before)
      .flatMap(({ path }) => /datafile\/(\d+)$/.exec(path)?.slice(1).map(Number) ?? [])
    assert.deepStrictEqual(asked, [firstId + 1, firstId + 2])
    assert.deepStrictEqual(contentOf(store), contentOf(join(scratch, "coming.zarr")))
  })
})
