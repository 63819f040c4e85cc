/** For `node --import`: prints on standard error the URL of every module that was loaded, when the process ends. */
import { registerHooks } from "node:module"

const urls: Array<string> = []

registerHooks({
  load: (url, context, nextLoad) => {
    urls.push(url)
    return nextLoad(url, context)
  }
})

process.on("exit", () => process.stderr.write(`${urls.join("\n")}\n`))
