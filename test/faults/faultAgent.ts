/**
 * Loaded into a command before anything else, in its main thread and its workers: makes one fault happen, as the environment describes it,
 * and writes down what the process changes below a folder and reads of HDF5 files.
 *
 * A change is an opening for writing, a write, a flush, a rename, a removal, or the making of a folder.
 */
import fs from "node:fs"
import fsPromises, { type FileHandle } from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import { isMainThread, parentPort } from "node:worker_threads"

/** LNM_FAULT, as JSON. */
interface Fault {
  readonly kind: "none" | "kill" | "full" | "removeFolder" | "readError" | "shortRead" | "workerDies"
  /** At which change, read, or message to a worker; the first is 1. */
  readonly at?: number
  readonly folder: string
  readonly log: string
}

const { kind, at = Number.POSITIVE_INFINITY, folder, log } = JSON.parse(process.env.LNM_FAULT!) as Fault
const { appendFileSync, rmSync, readSync, openSync, closeSync } = fs

const note = (line: string): void => appendFileSync(log, `${line}\n`)

const failure = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: made by a test, ${syscall}`), { code, syscall })

const isBelow = (file: unknown): boolean => file === folder || String(file).startsWith(`${folder}/`)

let changes = 0

/** Called before a change, which may not come to be. */
const change = (what: string, file: unknown): void => {
  if (!isBelow(file)) return
  changes++
  note(`${what} ${file}`)
  if (kind === "full" && changes >= at && what !== "remove") throw failure("ENOSPC", what)
  if (changes !== at) return
  if (kind === "kill") process.kill(process.pid, "SIGKILL")
  if (kind === "removeFolder") rmSync(folder, { recursive: true, force: true })
}

type AnyFunction = (...args: ReadonlyArray<unknown>) => unknown

const methodsOf = (object: object) => object as Record<string, AnyFunction>

/** Makes a function of `node:fs/promises` tell of its change first. */
const tellOf = (name: string, what: string, position = 0): void => {
  const original = methodsOf(fsPromises)[name]!
  methodsOf(fsPromises)[name] = async (...args) => {
    change(what, args[position])
    return await original(...args)
  }
}

tellOf("writeFile", "write")
tellOf("appendFile", "write")
tellOf("mkdir", "make")
tellOf("rm", "remove")
tellOf("rename", "rename", 1)

const changingMethods = {
  write: "write",
  writev: "write",
  writeFile: "write",
  truncate: "write",
  sync: "flush",
  datasync: "flush"
}

const handles = new WeakMap<object, unknown>()
let handlesTell = false

const letHandlesTell = (handle: FileHandle): void => {
  if (handlesTell) return
  handlesTell = true
  const methods = methodsOf(Object.getPrototypeOf(handle))
  for (const [name, what] of Object.entries(changingMethods)) {
    const original = methods[name]!
    methods[name] = async function (this: object, ...args) {
      if (handles.has(this)) change(what, handles.get(this))
      return await original.apply(this, args as Array<unknown>)
    }
  }
}

const isForWriting = (flags: unknown): boolean =>
  typeof flags === "string"
    ? /[wa+]/.test(flags)
    : (Number(flags) & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0

const { open } = fsPromises
fsPromises.open = async (file, flags = "r", mode) => {
  const writes = isForWriting(flags) && isBelow(file)
  if (writes) change("open", file)
  const handle = await open(file, flags, mode)
  letHandlesTell(handle)
  if (writes) handles.set(handle, file)
  return handle
}

const hdf5Files = new Set<number>()
let reads = 0

fs.openSync = (file, ...rest) => {
  const descriptor = openSync(file, ...rest)
  if (String(file).endsWith(".h5")) hdf5Files.add(descriptor)
  return descriptor
}

fs.closeSync = (descriptor) => {
  hdf5Files.delete(descriptor)
  closeSync(descriptor)
}

// Workers read the time series; what the main thread reads is the description of the files.
if (!isMainThread) {
  fs.readSync = ((descriptor: number, ...rest: ReadonlyArray<unknown>) => {
    const read = () => (readSync as AnyFunction)(descriptor, ...rest) as number
    if (!hdf5Files.has(descriptor)) return read()
    reads++
    if (reads >= at && kind === "readError") throw failure("EIO", "read")
    if (reads >= at && kind === "shortRead") return 0
    const bytes = read()
    note(`read ${bytes}`)
    return bytes
  }) as typeof readSync
}

if (!isMainThread && kind === "workerDies") {
  const port = parentPort!
  const { on } = port
  let messages = 0
  port.on = ((event: string, listener: AnyFunction) =>
    (on as AnyFunction).call(port, event, (...args: ReadonlyArray<unknown>) => {
      messages++
      if (messages === at) process.exit(1)
      return listener(...args)
    })) as typeof on
}

syncBuiltinESMExports()
