/** A path or another argument as a shell takes it: as it is where no character means anything to the shell, else in quotes. */
import { hasControlCharacter, printable } from "../runtime/printable.ts"

const plainCharacters = /^[\p{L}\p{N}_@%+=:,./-]+$/u

/** One that begins with `-` would be taken for an option. */
const asPath = (text: string): string => (text.startsWith("-") ? `./${text}` : text)

/**
 * For the shells of POSIX; a name with control characters for bash and zsh, which know escapes between `$'` and `'`. Windows' shells take
 * double quotes.
 */
export const shellQuoted = (text: string, platform: NodeJS.Platform = process.platform): string => {
  const argument = asPath(text)
  if (platform === "win32") return /^[\p{L}\p{N}_@+=:,./\\-]+$/u.test(argument) ? argument : `"${printable(argument)}"`
  if (plainCharacters.test(argument)) return argument
  if (hasControlCharacter(argument)) {
    return `$'${printable(argument.replaceAll("\\", "\\\\").replaceAll("'", "\\'"))}'`
  }
  return `'${argument.replaceAll("'", "'\\''")}'`
}
