/** Tars are read as GNU tar, POSIX tar and this project's library write them; damaged ones are never taken for whole. */
import { execFileSync } from "node:child_process"
import { linkSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { packTar } from "modern-tar"
import { listTar, unpackTar } from "../../../src/fetch/tar/tarMembers.ts"
import { scratchFolder } from "../../support/scratchFolder.ts"
import { writeFile } from "../../support/tinyStudy.ts"

const scratch = scratchFolder()
const never = new AbortController().signal

const longName = `${"a-folder-with-a-long-name/".repeat(6)}sub-01_${"x".repeat(90)}.nii.gz`
const changed = new Date("2019-05-06T07:08:09Z")
const contents: Readonly<Record<string, string>> = {
  "sub-01/func/short.nii.gz": "short",
  [longName]: "long ".repeat(3000),
  "empty.txt": ""
}

/** A folder with a file of each kind, and a link and a folder, which are no files. */
const source = join(scratch, "source")
for (const [name, text] of Object.entries(contents)) {
  const file = writeFile(join(source, name), text)
  utimesSync(file, changed, changed)
}
mkdirSync(join(source, "nothing"))
symlinkSync("empty.txt", join(source, "link.txt"))

const unpack = async (tar: string, folder: string, wants: (name: string) => boolean = () => true) => {
  const names: Array<string> = []
  const members = unpackTar(tar, ({ name }) => (wants(name) ? join(folder, name) : undefined))
  for await (const { name } of members) names.push(name)
  return names
}

const rejection = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => assert.fail("it did not fail"),
    (cause: Error) => cause.message
  )

describe("the members of a tar", () => {
  for (const format of ["gnu", "posix", "ustar"]) {
    it(`are listed and unpacked whole, of format ${format}`, async () => {
      const [tar, folder] = [join(scratch, `${format}.tar`), join(scratch, `out-${format}`)]
      // The oldest format has no room for the long name.
      const names = Object.keys(contents).filter((name) => format !== "ustar" || name.length < 200)
      execFileSync("tar", [
        "-C",
        source,
        `--format=${format}`,
        "-cf",
        tar,
        "./nothing",
        "./link.txt",
        ...names.map((name) => `./${name}`)
      ])
      const members = await listTar(tar, never)
      assert.deepStrictEqual(
        members.map(({ name, bytes }) => [name, bytes]),
        names.map((name) => [name, contents[name]!.length])
      )
      assert.deepStrictEqual(await unpack(tar, folder), names)
      for (const name of names) {
        assert.strictEqual(readFileSync(join(folder, name), "utf8"), contents[name])
        assert.strictEqual(statSync(join(folder, name)).mtimeMs, changed.getTime())
      }
    })
  }

  it("are left out where they are not wanted", async () => {
    const tar = join(scratch, "gnu.tar")
    assert.deepStrictEqual(await unpack(tar, join(scratch, "some"), (name) => name === "empty.txt"), ["empty.txt"])
  })

  describe("larger than what is read at a time", () => {
    const tar = join(scratch, "large.tar")
    const names = ["a.bin", "b.bin", "c.bin", "d.bin"]
    const bodyOf = (name: string) => Buffer.alloc(3_500_000, name)

    beforeAll(async () => {
      const entries = names.map((name) => ({ header: { name, size: bodyOf(name).length }, body: bodyOf(name) }))
      writeFileSync(tar, await packTar(entries))
    })

    it("come whole after others that are left out", async () => {
      const folder = join(scratch, "large")
      assert.strictEqual((await listTar(tar, never)).length, names.length)
      assert.deepStrictEqual(await unpack(tar, folder, (name) => "bd".includes(name[0]!)), ["b.bin", "d.bin"])
      for (const name of ["b.bin", "d.bin"]) assert.isTrue(readFileSync(join(folder, name)).equals(bodyOf(name)))
    })

    it("can be left after the first", async () => {
      for (let time = 0; time < 5; time++) {
        const folder = join(scratch, `first-${time}`)
        for await (const { name } of unpackTar(tar, ({ name: member }) => join(folder, member))) {
          assert.strictEqual(name, "a.bin")
          break
        }
        // What is left of the reading ends now, and must not fail where nobody hears it.
        await setTimeout(5)
      }
    })
  })

  it("that are hard links or sparse are refused by name", async () => {
    const folder = join(scratch, "odd")
    const file = writeFile(join(folder, "a.nii"), "a")
    linkSync(file, join(folder, "b.nii"))
    execFileSync("truncate", ["-s", "1M", join(folder, "c.nii")])
    const [links, sparse] = [join(scratch, "links.tar"), join(scratch, "sparse.tar")]
    execFileSync("tar", ["-C", folder, "-cf", links, "a.nii", "b.nii"])
    execFileSync("tar", ["-C", folder, "--format=posix", "-S", "-cf", sparse, "c.nii"])
    assert.match(await rejection(listTar(links, never)), /a hard link, b\.nii.*unpack it with tar/)
    assert.match(await rejection(listTar(sparse, never)), /a sparse file.*c\.nii.*unpack it with tar/)
  })

  it("that lead out of the folder are refused before anything is written there", async () => {
    for (const name of ["../out.txt", "a/../../out.txt", "/tmp/out.txt"]) {
      const tar = join(scratch, "out.tar")
      writeFileSync(tar, await packTar([{ header: { name, size: 3 }, body: "out" }]))
      assert.match(await rejection(unpack(tar, join(scratch, "inside"))), /leads out of its folder/)
    }
  })

  it("are not those of a tar that is cut off, damaged, packed or none", async () => {
    const whole = readFileSync(join(scratch, "gnu.tar"))
    const damaged = Buffer.from(whole)
    damaged[1024 + 150] = 0x41
    const bad = {
      cut: whole.subarray(0, 9000),
      "cut in a header": whole.subarray(0, 700),
      damaged,
      packed: execFileSync("gzip", ["-c", join(scratch, "gnu.tar")]),
      page: Buffer.from("<html>Please log in</html>".repeat(100))
    }
    for (const [name, content] of Object.entries(bad)) {
      const tar = join(scratch, "bad.tar")
      writeFileSync(tar, content)
      assert.notStrictEqual(await rejection(listTar(tar, never)), "", name)
      assert.notStrictEqual(await rejection(unpack(tar, join(scratch, "bad"))), "", name)
    }
  })
})
