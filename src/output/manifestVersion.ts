/** Versions of the form of `manifest.json`. Those of earlier versions of lnm are read as the newest form; a later one is refused. */

/** The form that is written: 2 says what computed each stage (`backend`), where 1 says which kernels did (`engine`). */
export const manifestVersion = 2

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

/** The version that a manifest says; the first had no number. */
export const versionOfManifest = (manifest: unknown): unknown =>
  isObject(manifest) ? (manifest.format_version ?? 1) : 1

/** The manifest in the newest form. What is not a manifest comes back as it is. */
export const inNewestForm = (manifest: unknown): unknown => {
  if (!isObject(manifest) || versionOfManifest(manifest) !== 1 || !isObject(manifest.engine)) return manifest
  const { engine, ...rest } = manifest
  const { kernels, arithmetic, workers } = engine as Json
  const backend = { name: kernels === "TypeScript" ? "plain" : kernels, arithmetic, workers, steps: [] }
  return { ...rest, format_version: manifestVersion, backend }
}
