import { symlinkSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { walkFolder } from "../../src/imaging/walkFolder.ts"
import { folderWith } from "../support/searchableFolder.ts"

const everything = { wants: () => "file" as const, reaches: () => true }

describe("walkFolder", () => {
  it.effect("gives up, and says so, where folders link to one another in more ways than can be gone", () =>
    Effect.gen(function* () {
      const names = Array.from("abcdef")
      const folder = yield* folderWith(...names.map((name) => `${name}/${name}.nii`))
      for (const from of names) {
        for (const to of names) if (from !== to) symlinkSync(join("..", to), join(folder, from, `to-${to}`))
      }
      const all = yield* Effect.promise(() => walkFolder(folder, everything))
      assert.deepStrictEqual(
        all.files.map(({ relative }) => relative),
        names.map((name) => `${name}/${name}.nii`)
      )
      assert.deepStrictEqual(all.problems, [])
      const { problems } = yield* Effect.promise(() => walkFolder(folder, { ...everything, mostByLink: 50 }))
      assert.lengthOf(problems, 1)
      assert.strictEqual(problems[0]!.problem, "is one of more than 50 folders that links lead to")
    }).pipe(Effect.scoped)
  )
})
