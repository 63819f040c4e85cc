/** Copies the sources with builds of the kernels that are not theirs, as an old checkout has them. */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { repository } from "./runLnm.ts"

/** A copy of all that the command runs from. */
export const copySources = (to: string): string => {
  for (const name of ["bin", "configs", "pipelines", "src", "package.json"]) {
    cpSync(join(repository, name), join(to, name), { recursive: true })
  }
  symlinkSync(join(repository, "node_modules"), join(to, "node_modules"))
  return to
}

/** Builds of the engine's kernels, and of those that prepare a connectome. */
export const builds = {
  engine: ["engine-fast-128", "engine-fast-256", "engine-strict-128", "engine-strict-256"],
  panels: ["panels"]
} as const

/** Rewrites the builds of a copy of the sources. */
export const alterBuilds = (
  sources: string,
  names: ReadonlyArray<string>,
  alter: (build: Buffer<ArrayBuffer>) => void
): void => {
  for (const name of names) {
    const file = join(sources, "src/kernels/assembly/build", `${name}.wasm`)
    const bytes = readFileSync(file)
    alter(bytes)
    writeFileSync(file, bytes)
  }
}

/** Gives an export another name of the same length, so that it is missing. */
export const renameExport =
  (name: string) =>
  (build: Buffer<ArrayBuffer>): void => {
    const length = Buffer.byteLength(name)
    const at = build.indexOf(Buffer.concat([Buffer.of(length), Buffer.from(name)]))
    if (at < 0) throw new Error(`the build exports no ${name}`)
    build.write("_".repeat(length), at + 1)
  }

/** Bytes of a constant of the global section: f64.const, the number, end. */
const float64Constant = (value: number): Buffer => {
  const bytes = Buffer.alloc(10, 0x44)
  bytes.writeDoubleLE(value, 1)
  bytes[9] = 0x0b
  return bytes
}

/** Changes an exported float64 constant. */
export const changeConstant =
  (from: number, to: number) =>
  (build: Buffer<ArrayBuffer>): void => {
    const at = build.indexOf(float64Constant(from))
    if (at < 0) throw new Error(`the build has no constant ${from}`)
    float64Constant(to).copy(build, at)
  }
