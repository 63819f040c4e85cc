/**
 * What a directory entry is, beyond a file and a folder. A pipe or a device is never opened as an image: to open a pipe
 * waits until somebody writes into it.
 */
import type { Dirent, Stats } from "node:fs"

/** The name of what is no file and no folder; undefined for those. */
export const specialKind = (entry: Dirent | Stats): string | undefined =>
  entry.isFIFO()
    ? "a pipe (FIFO)"
    : entry.isSocket()
      ? "a socket"
      : entry.isCharacterDevice() || entry.isBlockDevice()
        ? "a device"
        : undefined
