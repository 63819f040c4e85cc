/**
 * A cache folder that belongs to the user alone: below `$XDG_CACHE_HOME`, or `~/.cache`. Code that is read from it
 * is trusted, so it is taken only where no one else could have put anything there: never in a shared temporary folder.
 *
 * Plain JavaScript, since the launcher needs it before any source is translated. Where there is no such folder, programs do
 * without a cache and say nothing: it costs time, and no result depends on it.
 */
import { lstatSync, mkdirSync, statSync } from "node:fs"
import { homedir } from "node:os"
import path from "node:path"

/** Permission bits. */
const [onlyTheUser, writableByOthers, writableByAll, sticky] = [0o700, 0o022, 0o002, 0o1000]

/**
 * A folder of the package in the user's cache, made with mode 0700 where it is missing.
 *
 * @param {ReadonlyArray<string>} names Folders below that of the package.
 * @returns {string | undefined} Undefined where the user has no cache folder, may not write to it, or others may.
 */
export const userCacheFolder = (...names) => {
  try {
    const base = cacheHome()
    if (base === undefined || !isUsableHome(base)) return undefined
    let folder = base
    for (const name of ["lesion-network-mapping", ...names]) {
      folder = path.join(folder, name)
      makeFolderIfMissing(folder)
      const found = lstatSync(folder)
      if (!found.isDirectory() || !isOwn(found) || isWritableBy(found, writableByOthers)) return undefined
    }
    return folder
  } catch {
    return undefined
  }
}

/** The XDG specification: a path that is not absolute is ignored. */
const cacheHome = () => {
  const { XDG_CACHE_HOME } = process.env
  if (XDG_CACHE_HOME !== undefined && path.isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME
  // Throws where HOME is not set and the user has no entry in the password file.
  const home = homedir()
  return path.isAbsolute(home) ? path.join(home, ".cache") : undefined
}

/**
 * Whether it is the user's own, or can be made in a folder of the user's own. A link is followed: home folders are small on
 * clusters, and their caches often lie elsewhere. Root does not leave its folders in another user's home.
 *
 * @param {string} folder
 */
const isUsableHome = (folder) => {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) {
    if (!isOwn(statSync(path.dirname(folder)))) return false
    makeFolderIfMissing(folder)
  }
  const found = statSync(folder)
  return found.isDirectory() && isOwn(found) && (!isWritableBy(found, writableByAll) || (found.mode & sticky) !== 0)
}

/** @param {string} folder */
const makeFolderIfMissing = (folder) => {
  try {
    mkdirSync(folder, { mode: onlyTheUser })
  } catch (cause) {
    if (/** @type {NodeJS.ErrnoException} */ (cause).code !== "EEXIST") throw cause
  }
}

/**
 * Windows has no such owners; there a user's profile is closed to others.
 *
 * @param {import("node:fs").Stats} found
 */
const isOwn = (found) => process.geteuid === undefined || found.uid === process.geteuid()

/**
 * @param {import("node:fs").Stats} found
 * @param {number} bits
 */
const isWritableBy = (found, bits) => process.geteuid !== undefined && (found.mode & bits) !== 0
