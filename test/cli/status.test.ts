import { assert, describe, it } from "@effect/vitest"
import { goesOn } from "../../src/cli/status.ts"
import type { PartState, RunStatus } from "../../src/cluster/runStatus.ts"

const statusOf = (states: ReadonlyArray<PartState>, merge: RunStatus["merge"]): RunStatus => ({
  parts: states.map((state, n) => ({
    ...{ part: n + 1, state, host: undefined, subjects: 1, subjectsDone: 0 },
    ...{ rate: undefined, because: undefined }
  })),
  counts: "subjects",
  merged: false,
  merge,
  secondsLeft: undefined
})

const waiting = { state: "waiting", because: undefined } as const

describe("lnm status --watch", () => {
  it("ends where nothing is at work and nothing waits", () => {
    assert.isFalse(goesOn(statusOf(["done", "failed"], undefined)))
    assert.isFalse(goesOn(statusOf(["done", "done"], { state: "failed", because: undefined })))
    assert.isTrue(goesOn(statusOf(["done", "waiting"], undefined)))
    assert.isTrue(goesOn(statusOf(["done", "failed"], waiting)))
  })
})
