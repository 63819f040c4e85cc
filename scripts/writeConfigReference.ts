/** `npm run docs:config`: makes the JSON Schema of configs and the tables of `docs/config.md` anew. */
import { readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { registry } from "../pipelines/registry.ts"
import { referenceFile, referenceText, schemaFile, schemaText } from "./configReference.ts"

const inRepository = (file: string): string => path.join(import.meta.dirname, "..", file)

writeFileSync(inRepository(schemaFile), schemaText(registry))
const page = inRepository(referenceFile)
writeFileSync(page, referenceText(readFileSync(page, "utf8"), registry))
console.log(`${schemaFile}, ${referenceFile}`)
