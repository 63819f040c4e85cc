/** The three recipes of a container, and the bundle that all of them hold, say the same. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { repository } from "../support/runLnm.ts"

const read = (file: string): string => readFileSync(join(repository, file), "utf8")
const { name, version, license, devDependencies, files } = JSON.parse(read("package.json"))
const [dockerfile, apptainer, rootfs] = ["Dockerfile", "lnm.def", "rootfs.sh"].map((file) => read(`containers/${file}`))

/** What stands behind a word at the beginning of a line. */
const linesAfter = (text: string, word: string): ReadonlyArray<string> =>
  [...text.matchAll(new RegExp(`^${word} +(.+)$`, "gm"))].map(([, rest]) => rest!)

/** Lines of the first section of this title in the Apptainer recipe. */
const sectionOf = (title: string): ReadonlyArray<string> => {
  const lines = apptainer!.split(`\n${title}\n`)[1]!.split("\n")
  return lines.slice(0, lines.indexOf("")).map((line) => line.trim())
}

/** What the build of the Dockerfile may see. */
const context = linesAfter(read(".dockerignore").replaceAll("!", "! "), "!")

/** The release that Debian gives a name: 12 is bookworm. */
const suites: Readonly<Record<string, string>> = { 12: "bookworm", 13: "trixie" }

describe("the recipes of a container", () => {
  it("start from the same images, with the Node of package.json", () => {
    const images = linesAfter(apptainer!, "From:")
    assert.deepStrictEqual(images.length, 2)
    assert.deepStrictEqual(
      linesAfter(dockerfile!, "FROM").map((image) => image.replace(" AS build", "")),
      images
    )
    const [build, final] = images as [string, string]
    const [, major] = /^debian:(\d+)\.\d+-slim$/.exec(final)!
    assert.strictEqual(build, `node:${devDependencies.node}-${suites[major!]}-slim`)
    assert.include(rootfs, `\n  ${suites[major!]} "$root"\n`)
    assert.include(dockerfile, `org.opencontainers.image.base.name="docker.io/library/${final}"`)
  })

  it("have the labels of this version", () => {
    const labels = ["title", "description", "version", "licenses"].map((label) => {
      const [, inDocker] = new RegExp(`org\\.opencontainers\\.image\\.${label}="(.+?)"`).exec(dockerfile!)!
      const [, inApptainer] = new RegExp(`org\\.opencontainers\\.image\\.${label} (.+)`).exec(apptainer!)!
      assert.strictEqual(inDocker, inApptainer)
      return inDocker
    })
    assert.deepStrictEqual([labels[0], ...labels.slice(2)], [name, version, license])
  })

  it("take the same files, which are there, and all that the package is packed from", () => {
    const copied = sectionOf("%files").map((line) => line.split(" ") as [string, string])
    assert.deepStrictEqual(
      copied.map(([from]) => from),
      context
    )
    for (const [from, to] of copied) {
      assert.strictEqual(to, `/src/${from}`)
      assert.isTrue(existsSync(join(repository, from)), from)
    }
    const packed = new Set((files as ReadonlyArray<string>).map((file) => file.split("/")[0]!))
    packed.delete("dist")
    assert.includeMembers([...context], [...packed, "package-lock.json", "tsconfig.build.json", "src", "pipelines"])
  })

  it("make the bundle by the same commands, and put it into the same folder", () => {
    const bundle = 'npm run bundle -- --platform "linux-$(node -p process.arch)" --to /bundle'
    const commands = ["npm ci --no-audit --no-fund", bundle]
    assert.deepStrictEqual(linesAfter(dockerfile!.replace(/ \\\n */g, " "), "RUN"), [commands.join(" && ")])
    assert.deepStrictEqual(sectionOf("%post"), ["cd /src", ...commands])
    assert.include(linesAfter(dockerfile!, "COPY"), "--from=build /bundle /opt/lnm")
    assert.include(apptainer, "\n%files from build\n    /bundle /opt/lnm\n")
    assert.include(rootfs, '--to "$root/opt/lnm"')
  })

  it("run the command as it is, and not as root", () => {
    assert.deepStrictEqual(linesAfter(dockerfile!, "ENTRYPOINT"), ['["/opt/lnm/bin/lnm"]'])
    assert.deepStrictEqual(sectionOf("%runscript"), ['exec /opt/lnm/bin/lnm "$@"'])
    assert.deepStrictEqual(linesAfter(dockerfile!, "USER"), ["1000:1000"])
    for (const file of ["scripts/bundle/lnm", "containers/rootfs.sh", "containers/enter.sh"])
      assert.strictEqual(statSync(join(repository, file)).mode & 0o111, 0o111, file)
  })

  it("are told of in the documentation as they are", () => {
    const page = read("docs/install.md")
    for (const image of linesAfter(apptainer!, "From:")) assert.include(page, `\`${image}\``)
    const archives = new Set(page.match(/lesion-network-mapping-\S+?\.tar\.gz/g))
    assert.deepStrictEqual([...archives], [`${name}-${version}-linux-x64.tar.gz`])
  })
})
