/** `lnm fetch --store` of a whole connectome in one tar: its store is made as its runs are unpacked, one subject after another. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { contentOf } from "../support/folderContent.ts"
import { lnmHere, lnmHereSucceeds } from "../support/lnmHere.ts"
import { packConnectome, packedFolder, servePacked } from "../support/packedConnectome.ts"
import { makeStoreIn } from "../support/preparedStores.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"

const scratch = scratchFolder()

let server: Awaited<ReturnType<typeof servePacked>>

/** The store of the same connectome in a folder. */
let expected: Readonly<Record<string, string>>

beforeAll(async () => {
  server = await servePacked(scratch, await packConnectome(true))
  const source = { path: packedFolder }
  expected = contentOf(await makeStoreIn(scratch, "expected", { source, space: "MNI152NLin2009bAsym" }))
})

afterAll(() => server.close())

const fetching = (...more: ReadonlyArray<string>) => [
  ...["fetch", "packed", "--accept-terms", "--progress", "off", "--workers", "1"],
  ...more
]

/** What was asked of the server that is a file. */
const downloadsSince = (before: number) =>
  server.seen.slice(before).filter(({ path }) => path.includes("/access/datafile/"))

describe("a connectome in one tar", () => {
  it("becomes, while it is unpacked, the store of the same connectome in a folder, to the byte", async () => {
    const [to, store] = [join(scratch, "to"), join(scratch, "coming.zarr")]
    const { stdout } = await lnmHereSucceeds(fetching("--catalogue", server.catalogue, "--to", to, "--store", store))
    assert.match(stdout, /^3 subjects in /m)
    assert.deepStrictEqual(contentOf(store), expected)
    assert.deepStrictEqual(readdirSync(to), ["fetch.json"])
    assert.isFalse(existsSync(`${store}.scans`))
  })

  it("is refused where its tar is cut off, and stored once that is whole", async () => {
    const [folder, store] = [join(scratch, "cut"), join(scratch, "cut.zarr")]
    const whole = await packConnectome(false)
    // Without the end of the last run.
    writeFile(join(folder, "connectome.tar"), whole.subarray(0, whole.length - 3000))
    const args = fetching("--catalogue", server.catalogue, "--from", folder, "--store", store)
    const failed = await lnmHere(args)
    assert.strictEqual(failed.code, 1)
    assert.match(failed.stderr, /connectome\.tar: it cannot be unpacked/)
    writeFile(join(folder, "connectome.tar"), whole)
    await lnmHereSucceeds(args)
    assert.deepStrictEqual(contentOf(store), expected)
  })

  it("names the subjects whose runs it lacks, stores the others, and leaves these out when told to", async () => {
    const [folder, store] = [join(scratch, "lacking"), join(scratch, "lacking.zarr")]
    writeFile(join(folder, "connectome.tar"), await packConnectome(true, (name) => !name.includes("two_run2")))
    const args = fetching("--catalogue", server.catalogue, "--from", folder, "--store", store)
    const failed = await lnmHere(args)
    assert.strictEqual(failed.code, 1)
    assert.match(failed.stderr, /two: .*connectome\.tar: it does not hold Made up\/vol\/two_run2\.mat/)
    const { stdout, stderr } = await lnmHereSucceeds([...args, "--on-bad-subject", "skip"])
    assert.include(stderr, "going on: 2 subjects are stored already")
    assert.match(stdout, /^2 subjects in /m)
  })

  it("is taken from its folder where an earlier command has unpacked it, and does not come again", async () => {
    const [to, store] = [join(scratch, "unpacked"), join(scratch, "unpacked.zarr")]
    await lnmHereSucceeds(fetching("--catalogue", server.catalogue, "--to", to))
    assert.isTrue(existsSync(join(to, "Made up", "vol", "one_run1.mat")))
    const before = server.seen.length
    await lnmHereSucceeds(fetching("--catalogue", server.catalogue, "--to", to, "--store", store))
    assert.strictEqual(downloadsSince(before).length, 0)
    assert.deepStrictEqual(contentOf(store), expected)
    rmSync(store, { recursive: true })
    await lnmHereSucceeds(fetching("--catalogue", server.catalogue, "--from", to, "--store", store))
    assert.deepStrictEqual(contentOf(store), expected)
  })

  it("is refused where the tar holds none", async () => {
    const [folder, store] = [join(scratch, "none"), join(scratch, "none.zarr")]
    writeFile(join(folder, "connectome.tar"), await packConnectome(true, (name) => name.startsWith("vol/")))
    const { code, stderr } = await lnmHere(
      fetching("--catalogue", server.catalogue, "--from", folder, "--store", store)
    )
    assert.strictEqual(code, 1)
    assert.match(stderr, /none of its 4 files is called dataset_info\.json, by which the connectome is known/)
  })

  it("is refused where the catalogue names a file by which no connectome is known", async () => {
    const catalogue = join(scratch, "unknown.yaml")
    const text = readFileSync(server.catalogue, "utf8").replace("dataset_info.json", "about.json")
    writeFile(catalogue, text)
    const { code, stderr } = await lnmHere(
      fetching("--catalogue", catalogue, "--from", scratch, "--store", join(scratch, "unknown.zarr"))
    )
    assert.strictEqual(code, 2)
    assert.include(stderr, "store.folder_with: about.json: no connectome is known by such a file")
  })
})
