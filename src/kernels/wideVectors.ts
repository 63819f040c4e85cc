/**
 * 256-bit vectors in WebAssembly, which has only 128-bit ones: V8 can make one instruction of two on adjacent vectors, behind a flag
 * that is still experimental.
 *
 * The flag counts while a module is compiled, so it is set for that long only, and the whole module is compiled by the optimising
 * compiler at once, which is also the only one that widens.
 */
import { readFileSync } from "node:fs"
import { setFlagsFromString } from "node:v8"
import { webAssembly } from "./kernelInstances.ts"

/** Major versions of V8 known to have the flag (Node 24 to 26): one that does not know a flag complains of it on standard error. */
const firstVersion = 13
const lastVersion = 14

/** The flags, as they are while a module is compiled and by default. */
const flags = [
  { during: "--experimental-wasm-revectorize", after: "--no-experimental-wasm-revectorize" },
  { during: "--no-liftoff", after: "--liftoff" },
  { during: "--no-wasm-lazy-compilation", after: "--wasm-lazy-compilation" }
]

/** Why this process has no 256-bit vectors; undefined where it has. Costs nothing but a look at the processor's description. */
export const whyNotWide = (): string | undefined => {
  const version = process.versions.v8
  const major = Number.parseInt(version, 10)
  if (process.arch !== "x64") return `V8 makes them on x86-64 only, and this is ${process.arch}`
  if (!(major >= firstVersion && major <= lastVersion)) return `V8 ${version} is not known to make them`
  return hasAvx2() ? undefined : "this processor has none (AVX2)"
}

/** Whether the processor has AVX2 and FMA. Where the system does not tell, it is taken to have them, as all since 2015 have: else it is slower. */
const hasAvx2 = (): boolean => {
  if (process.platform !== "linux") return true
  try {
    const description = readFileSync("/proc/cpuinfo", "latin1")
    return /^flags\s*:.*\bfma\b.*\bavx2\b/m.test(description)
  } catch {
    return true
  }
}

/** Compiles a build with 256-bit vectors. Throws where it is damaged. */
export const compileWide = (bytes: Uint8Array): WebAssembly.Module => {
  for (const { during } of flags) setFlagsFromString(during)
  try {
    return new webAssembly.Module(bytes)
  } finally {
    for (const { after } of flags) setFlagsFromString(after)
  }
}
