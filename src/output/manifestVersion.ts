/** Versions of the form of `manifest.json`. Those of earlier versions of lnm are read as the newest form; a later one is refused. */

/**
 * The form that is written: 3 says by which method each input was hashed, which before was SHA-256 of all of it; 2 says what computed each
 * stage (`backend`), where 1 says which kernels did (`engine`).
 */
export const manifestVersion = 3

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

/** The version that a manifest says; the first had no number. */
export const versionOfManifest = (manifest: unknown): unknown =>
  isObject(manifest) ? (manifest.format_version ?? 1) : 1

/** The manifest in the newest form. What is not a manifest comes back as it is. */
export const inNewestForm = (manifest: unknown): unknown => withMethods(withBackend(manifest))

/** From version 1 to 2. */
const withBackend = (manifest: unknown): unknown => {
  if (!isObject(manifest) || versionOfManifest(manifest) !== 1 || !isObject(manifest.engine)) return manifest
  const { engine, ...rest } = manifest
  const { kernels, arithmetic, workers } = engine as Json
  const backend = { name: kernels === "TypeScript" ? "plain" : kernels, arithmetic, workers, steps: [] }
  return { ...rest, format_version: 2, backend }
}

/** From version 2 to 3. */
const withMethods = (manifest: unknown): unknown => {
  if (!isObject(manifest) || versionOfManifest(manifest) !== 2) return manifest
  const withMethod = (input: unknown): unknown => (isObject(input) ? { ...input, method: "sha256" } : input)
  const inputs = Array.isArray(manifest.inputs) ? manifest.inputs.map(withMethod) : manifest.inputs
  return { ...manifest, format_version: manifestVersion, inputs }
}
