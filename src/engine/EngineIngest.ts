/** Ingest with the reading on the engine's workers, side by side, of a source that can be read in parts. */
import { Effect } from "effect"
import type { Connectome, ConnectomeUnreadable, ReadingPart } from "../connectome/Connectome.ts"
import type { Chunk, SubjectRange } from "../elements/Chunk.ts"
import type { ChunkPool } from "../runtime/ChunkPool.ts"
import type { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import { ingestWith } from "../stages/Ingest.ts"
import { Engine } from "./Engine.ts"

export const engineIngest = (
  connectome: Connectome,
  parts: NonNullable<Connectome["parts"]>
): Stage<SubjectRange, Chunk, ConnectomeUnreadable, ChunkPool | Progress | Engine> =>
  ingestWith(connectome, (first, into) =>
    Effect.flatMap(Engine, (engine) =>
      Effect.map(
        Effect.forEach(parts(first, into), (part) => readPart(engine, part), { concurrency: "unbounded" }),
        (done) => done.reduce((sum, { seconds }) => sum + seconds, 0)
      )
    )
  )

const readPart = ({ run }: Engine["Service"], { reader, block, into, unreadable }: ReadingPart) => {
  const subjects = into.map(({ byteOffset, length }) => ({ address: byteOffset, length }))
  return Effect.mapError(run({ kind: "read", reader, block, subjects }), ({ cause }) => unreadable(cause))
}
