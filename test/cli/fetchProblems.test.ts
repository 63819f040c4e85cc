/** What `lnm fetch` says where a store, a tar or the command line is not as it should be; and tars that are unpacked where they lie. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { packTar } from "modern-tar"
import { type Dataverse, startDataverse } from "../support/dataverse.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { tinySpace, writeHdf5 } from "../support/tinyConnectome.ts"
import { makeTinyDataset, scanPattern, serveTinyDataset, type TinyDataset } from "../support/tinyDataset.ts"
import { writeFile } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

const words = {
  title: "t",
  citation: ["c"],
  licence: "l",
  access: "a",
  size: "s",
  space: tinySpace,
  mask: "m",
  preprocessing: "p"
}

let dataset: TinyDataset
let count = 0

beforeAll(async () => {
  dataset = await makeTinyDataset(scratch)
})

/** A folder with some of the tars and the mask, as they lie on a node without a network. */
const folderWith = (tars: Readonly<Record<string, Uint8Array>>, mask = true): string => {
  const folder = join(scratch, `here-${++count}`)
  mkdirSync(folder)
  for (const [name, content] of Object.entries(tars)) writeFileSync(join(folder, name), content)
  if (mask) writeFileSync(join(folder, "brain_mask.nii.gz"), readFileSync(dataset.mask))
  return folder
}

/** Runs `lnm fetch tiny --from` a folder. */
const storeFrom = (folder: string, keys: object = {}, ...more: ReadonlyArray<string>) => {
  const store = {
    tars: "*.tar",
    pattern: scanPattern,
    mask: { entry: "tiny", file: "masks/brain_mask.nii.gz" },
    subjects: 5,
    time_points: 60,
    ...keys
  }
  const source = { url: "http://127.0.0.1:9", files: ["a.tar"] }
  const catalogue = writeFile(
    join(folder, "c.yaml"),
    JSON.stringify({ entries: { tiny: { ...words, source, store } } })
  )
  const args = ["fetch", "tiny", "--catalogue", catalogue, "--from", folder, "--store", join(folder, "s.zarr")]
  return lnmHere([...args, "--progress", "off", ...more])
}

const tarsOf = () => Object.fromEntries(dataset.tars.map(({ name, content }) => [name, content]))

describe("a store of tars", () => {
  it("lists subjects that cannot be used when all others are stored, and leaves them out when told to", async () => {
    const header = { name: "sub-0009/func/sub-0009_bld001_rest_x_finalmask.nii.gz", size: 5 }
    const bad = await packTar([{ header, body: "no ni" }])
    const folder = folderWith({ ...tarsOf(), "z.tar": bad })
    const { code, stderr } = await storeFrom(folder)
    assert.strictEqual(code, 1)
    assert.match(
      stderr,
      /1 subject\(s\) cannot be used:\n {2}sub-0009: .*\nThe other 5 are stored\. Run again with --on-bad-subject skip/
    )
    const skipped = await storeFrom(folder, {}, "--on-bad-subject", "skip")
    assert.strictEqual(skipped.code, 0, skipped.stderr)
    assert.match(skipped.stdout, /^5 subjects in /m)
    assert.match(skipped.stdout, /^left out: 1\n {2}sub-0009: /m)
    const { attributes } = JSON.parse(readFileSync(join(folder, "s.zarr/zarr.json"), "utf8"))
    assert.deepStrictEqual(
      attributes.left_out.map(({ subject, file }: { subject: string; file: string }) => [subject, file]),
      [["sub-0009", header.name]]
    )
  })

  it("does not take a subject twice whose scans lie in several tars, nor one that is too long", async () => {
    const name = "sub-0001/func/sub-0001_bld003_rest_x_finalmask.nii.gz"
    const scan = readFileSync(
      join(dataset.scans, "sub-0001/func/sub-0001_bld001_rest_skip4_stc_mc_bp_finalmask.nii.gz")
    )
    const more = await packTar([{ header: { name, size: scan.length }, body: scan }])
    const twice = await storeFrom(folderWith({ ...tarsOf(), "z.tar": more }))
    assert.match(twice.stderr, /sub-0001: .*z\.tar: its scans lie in several tars/)
    const long = await storeFrom(folderWith(tarsOf()), { time_points: 30 })
    assert.match(long.stderr, /sub-0001: .*it has 60 time points, and the store was begun for 30 at most/)
  })

  it("names a tar that holds no scan, and one that is cut off", async () => {
    const { stderr } = await storeFrom(folderWith(tarsOf()), { pattern: "**/*_bold.nii.gz" })
    assert.match(stderr, /GSP1000_1\.tar: none of its 4 files matches \*\*\/\*_bold\.nii\.gz/)
    const { content } = dataset.tars[0]!
    const cut = await storeFrom(folderWith({ "a.tar": content.subarray(0, content.length / 2) }))
    assert.match(cut.stderr, /a\.tar: it cannot be unpacked/)
  })

  it("asks for the mask, the tars, and a name that is free", async () => {
    assert.match(
      (await storeFrom(folderWith(tarsOf(), false))).stderr,
      /the brain mask brain_mask\.nii\.gz is not in .*lnm fetch tiny/
    )
    assert.match((await storeFrom(folderWith({}))).stderr, /holds no file that matches \*\.tar/)
    const folder = folderWith(tarsOf())
    mkdirSync(join(folder, "s.zarr"))
    const { code, stderr } = await storeFrom(folder)
    assert.strictEqual(code, 2)
    assert.match(stderr, /s\.zarr is there already/)
  })
})

describe("the command line", () => {
  const said = async (...args: ReadonlyArray<string>) => {
    const { code, stderr } = await lnmHere(["fetch", ...args])
    assert.strictEqual(code, 2, stderr)
    return stderr
  }

  it("says what is missing or does not go together", async () => {
    assert.match(await said(), /say what to fetch/)
    assert.match(await said("gsp1000", "--from", "x"), /say which store .*--store gsp1000\.zarr/)
    assert.match(await said("mni152nlin6asym", "--store", "x.zarr"), /is no connectome/)
    assert.match(await said("gsp1000", "--store", "x"), /ends in \.zarr/)
    assert.match(await said("gsp1000", "--at-once", "9"), /give 1 to 4/)
  })
})

describe("a download", () => {
  let server: Dataverse

  afterAll(() => server.close())

  it("of a tar that is unpacked where it lies leads to a store of the folder in it, once", async () => {
    const h5 = await writeHdf5(join(scratch, "part-1.h5"), { subjects: 3 })
    const files = { "Connectome/about.json": Buffer.from("{}"), "Connectome/part-1.h5": readFileSync(h5) }
    const entries = Object.entries(files).map(([name, body]) => ({ header: { name, size: body.length }, body }))
    server = await startDataverse({ files: [{ name: "c.tar", content: Buffer.from(await packTar(entries)) }] })
    const source = { dataverse: server.address, doi: server.doi }
    const entry = { ...words, source, unpack: "*.tar", store: { folder_with: "about.json" } }
    const catalogue = writeFile(join(scratch, "unpack.yaml"), JSON.stringify({ entries: { one: entry } }))
    const to = join(scratch, "unpacked")
    const args = ["fetch", "one", "--catalogue", catalogue, "--to", to, "--accept-terms", "--progress", "off"]
    await lnmHereSucceeds(args)
    assert.sameMembers(readdirSync(to), ["Connectome", "fetch.json"])
    const { stdout } = await lnmHereSucceeds([...args, "--store", join(scratch, "one.zarr")])
    assert.match(stdout, /^3 subjects in /m)
    assert.isTrue(existsSync(join(scratch, "one.zarr/zarr.json")))
    const downloads = () => server.seen.filter(({ path }) => path.includes("/access/")).length
    assert.strictEqual(downloads(), 1)
    rmSync(join(to, "Connectome"), { recursive: true })
    await lnmHereSucceeds(args)
    assert.strictEqual(downloads(), 2)
    assert.isTrue(existsSync(join(to, "Connectome/part-1.h5")))
  })

  it("that the disk has no room for is refused before it begins", async () => {
    const huge = await startDataverse({ files: [{ name: "a.tar", content: Buffer.from("x"), listedBytes: 1e15 }] })
    const source = { dataverse: huge.address, doi: huge.doi }
    const catalogue = writeFile(join(scratch, "huge.yaml"), JSON.stringify({ entries: { huge: { ...words, source } } }))
    const to = join(scratch, "huge")
    const { code, stderr } = await lnmHere(["fetch", "huge", "--catalogue", catalogue, "--to", to, "--accept-terms"])
    await huge.close()
    assert.strictEqual(code, 2)
    assert.match(stderr, /the downloads take .* more, and the disk has .* free/)
    assert.isFalse(existsSync(to))
  })

  it("whose brain mask is not there is refused before it begins", async () => {
    const files = [{ name: "a.tar", content: Buffer.from("x") }]
    const other = await startDataverse({ files })
    const store = { tars: "*.tar", pattern: "*", mask: { entry: "none", file: "m.nii" }, subjects: 2, time_points: 9 }
    const entry = { ...words, source: { dataverse: other.address, doi: other.doi }, store }
    const catalogue = writeFile(join(scratch, "none.yaml"), JSON.stringify({ entries: { none: entry } }))
    const args = ["fetch", "none", "--catalogue", catalogue, "--store", join(scratch, "none.zarr"), "--accept-terms"]
    const { code, stderr } = await lnmHere(args)
    await other.close()
    assert.strictEqual(code, 2)
    assert.match(stderr, /there is no file m\.nii, which is needed too/)
  })

  it("of all but one tar at a time waits until that is in the store", async () => {
    const to = join(scratch, "peak")
    let most = 0
    const tiny = await serveTinyDataset(join(scratch, "served"), dataset, {
      misbehave: () => {
        const tars = existsSync(to) ? readdirSync(to).filter((name) => /\.tar(\.part)?$/.test(name)) : []
        most = Math.max(most, tars.length)
        return false
      }
    })
    const args = ["fetch", "tiny", "--catalogue", tiny.catalogue, "--to", to, "--store", join(scratch, "peak.zarr")]
    await lnmHereSucceeds([...args, "--accept-terms", "--progress", "off", "--workers", "1"])
    await tiny.close()
    assert.strictEqual(most, 1)
  })
})
