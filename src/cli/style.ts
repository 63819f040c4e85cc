/**
 * The few colours of what the command prints: Node's own, which heed NO_COLOR, FORCE_COLOR, TERM and whether the stream is a terminal. What
 * a colour says is always said in words too.
 */
import { styleText } from "node:util"

/** How text looks on a stream of this process. */
export const styleOn = (stream: NodeJS.WriteStream) => {
  const as = (style: Parameters<typeof styleText>[0]) => (text: string) => styleText(style, text, { stream })
  return {
    /** What stands at the side. */
    dim: as("dim"),
    /** What a person looks for first. */
    strong: as("bold"),
    warning: as("yellow"),
    failure: as("red")
  }
}

export type Style = ReturnType<typeof styleOn>
