/** Tells a file that is not there from one that the system does not let us see: only the first may count as nothing. */

/** Whether the system says that there is no such file, or that a part of its path is none. */
export const isMissing = (cause: unknown): boolean => {
  const { code } = (cause ?? {}) as { readonly code?: unknown }
  return code === "ENOENT" || code === "ENOTDIR"
}

/** For `catch`: undefined where there is no such file; anything else that the system says is thrown on. */
export const unlessMissing = (cause: unknown): undefined => {
  if (!isMissing(cause)) throw cause
  return undefined
}

/** The same where the step gave something of the file: whether it is there. */
export const isThere = (look: Promise<unknown>): Promise<boolean> => look.then(() => true, unlessMissing).then(Boolean)
