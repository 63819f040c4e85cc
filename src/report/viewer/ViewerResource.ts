/** What the viewer's server can give: for each address that it knows, what is there and how it is read. Nothing else is ever read. */
import { type Effect, Schema } from "effect"

/** There is nothing to show any more, and why: the file is gone, has changed, or cannot be read. */
export class ResourceUnavailable extends Schema.TaggedError<ResourceUnavailable>()("ResourceUnavailable", {
  problem: Schema.String
}) {
  override get message(): string {
    return this.problem
  }
}

export interface ViewerResource {
  /** Media type. */
  readonly type: string
  readonly read: Effect.Effect<Uint8Array, ResourceUnavailable>
}

/** By the path of the address, which begins with a slash. */
export type ViewerResources = ReadonlyMap<string, ViewerResource>
