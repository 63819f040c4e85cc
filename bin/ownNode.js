// Finds the Node that `npm ci` installs beside the sources: the npm package `node`, whose install script fetches the binary.
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The package's binary; where its script has fetched it but could not link it, as on a disk without links, the fetched one. */
export const findOwnNode = () => {
  const fetched = `${process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node"}-${process.platform}-${process.arch}`
  return ["node", `node/node_modules/${fetched}`, fetched]
    .map((name) => fileURLToPath(new URL(`../node_modules/${name}/bin/node`, import.meta.url)))
    .find((file) => existsSync(file))
}

/** Whether the package is there, with or without its binary. */
export const isOwnNodeInstalled = () => existsSync(new URL("../node_modules/node/package.json", import.meta.url))
