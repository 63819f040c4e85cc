/**
 * The viewer's own files: its page, style and scripts, and NiiVue, which draws the maps. In a checkout scripts are TypeScript, whose
 * types are taken away when they are read; in the package they are compiled.
 *
 * Source of NiiVue: https://github.com/niivue/niivue, the file that its package holds for use without a bundler
 */
import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { stripTypeScriptTypes } from "node:module"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { reasonOf } from "../../files/reasonOf.ts"
import { ResourceUnavailable, type ViewerResource, type ViewerResources } from "./ViewerResource.ts"

const folder = path.join(import.meta.dirname, "page")

const script = "text/javascript; charset=utf-8"

/** Media types by the end of a name; files of other kinds are not served. */
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": script,
  ".ts": script
}

const readOwn = (file: string) =>
  Effect.tryPromise({
    try: () => readFile(file),
    catch: (cause) =>
      new ResourceUnavailable({
        problem: `${file}: ${reasonOf(cause, "reading")}. Install lnm again: npm ci, or npm install.`
      })
  })

/** Without the warning that Node may still change how it does this: in a checkout the Node is pinned. */
const withoutTypes = (source: string): string => {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = emitWarning
  }
}

const resourceOf = (file: string): ViewerResource => ({
  type: types[path.extname(file)]!,
  read: file.endsWith(".ts")
    ? Effect.map(readOwn(file), (source) => Buffer.from(withoutTypes(source.toString())))
    : readOwn(file)
})

/** NiiVue's self-contained build; its exports name only the one that needs a bundler. */
const niivueFile = fileURLToPath(new URL("../../dist/index.js", import.meta.resolve("@niivue/niivue")))

const isServed = (name: string): boolean => path.extname(name) in types && !name.endsWith(".d.ts")

export interface PageFiles {
  readonly resources: ViewerResources
  /** What the page may load and run, as a Content-Security-Policy: nothing but what this server has. */
  readonly policy: string
}

export const pageFiles = Effect.fn("pageFiles")(function* () {
  const names = (yield* Effect.promise(() => readdir(folder))).filter(isServed)
  const html = yield* readOwn(path.join(folder, "index.html"))
  const resources = new Map<string, ViewerResource>([
    ["/", { type: types[".html"]!, read: Effect.succeed(html) }],
    ["/niivue.js", resourceOf(niivueFile)]
  ])
  for (const name of names) {
    const resource = resourceOf(path.join(folder, name))
    resources.set(`/page/${name}`, resource)
    // The page asks for its compiled script; in a checkout that is made of the source.
    resources.set(`/page/${name.replace(/\.ts$/, ".js")}`, resource)
  }
  return { resources, policy: policyFor(html.toString()) } satisfies PageFiles
})

/** The only script inside of the page is the one that says where NiiVue lies. */
const policyFor = (html: string): string => {
  const hashes = [...html.matchAll(/<script[^>]*>([^<]+)<\/script>/g)].map(
    ([, text]) => `'sha256-${createHash("sha256").update(text!).digest("base64")}'`
  )
  return [
    "default-src 'none'",
    `script-src 'self' ${hashes.join(" ")}`,
    "style-src 'self'",
    // NiiVue holds its fonts as data.
    "img-src 'self' data: blob:",
    "connect-src 'self' data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; ")
}
