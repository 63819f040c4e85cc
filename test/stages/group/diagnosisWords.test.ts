/** Sentences of the diagnosis call maps as a person would. */
import { assert, it } from "@effect/vitest"
import { mapInWords } from "../../../src/stages/group/diagnosisWords.ts"

it("names maps by what they are of, the overlap by its level", () => {
  assert.strictEqual(mapInWords("desc-aphasia_stat-t"), "t of aphasia")
  assert.strictEqual(mapInWords("desc-mean_stat-z"), "z of mean")
  assert.strictEqual(mapInWords("desc-overlap_stat-tsigned7"), "overlap at |t| ≥ 7")
  assert.strictEqual(mapInWords("desc-overlap_stat-tsigned7p5"), "overlap at |t| ≥ 7.5")
})
