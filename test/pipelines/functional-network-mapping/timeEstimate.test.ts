/** The arithmetic of times, on speeds that are made up. */
import { assert, describe, it } from "@effect/vitest"
import {
  computingOf,
  distanceOf,
  estimateTime,
  type MeasuredSpeed,
  type PassSize
} from "../../../pipelines/functional-network-mapping/timeEstimate.ts"

const size: PassSize = {
  timePoints: 100,
  voxels: 1000,
  lesions: 12,
  bytesPerSubject: 4e5,
  refiningBytesPerSubject: 0,
  imageBytesPerLesion: 1e4,
  workers: 2
}

const speed: MeasuredSpeed = {
  size,
  secondsPerSubject: 0.1,
  readingShare: 0.25,
  refiningSecondsPerSubject: 0,
  secondsPerLesion: 0.5,
  otherSeconds: 2
}

const work = { size, subjects: 50, passes: 1, lesions: 12, openingSeconds: 1 }

const assertTimes = (found: ReturnType<typeof estimateTime>, passes: number, maps: number, other = 3) => {
  assert.closeTo(found.passesSeconds, passes, 1e-9)
  assert.closeTo(found.mapsSeconds, maps, 1e-9)
  assert.closeTo(found.otherSeconds, other, 1e-9)
  assert.closeTo(found.seconds, passes + maps + other, 1e-9)
}

describe("estimateTime", () => {
  it("of a run of the same size is what was measured", () => {
    assertTimes(estimateTime(speed, work), 5, 6)
  })

  it("grows with subjects, passes and lesions", () => {
    assertTimes(estimateTime(speed, { ...work, subjects: 100, passes: 3, lesions: 36 }), 30, 18)
  })

  it("lets reading grow with the bytes of a subject, and computing with what is computed, each by its share", () => {
    assertTimes(estimateTime(speed, { ...work, size: { ...size, bytesPerSubject: 8e5 } }), 5 * (0.25 * 2 + 0.75), 6)
    const larger = { ...size, voxels: 2000, bytesPerSubject: 4e5 }
    assertTimes(estimateTime(speed, { ...work, size: larger }), 5 * (0.25 + 0.75 * 2), 6)
  })

  it("lets the maps of a lesion grow with the bytes of its images", () => {
    assertTimes(estimateTime(speed, { ...work, size: { ...size, imageBytesPerLesion: 3e4 } }), 5, 18)
  })

  it("shares passes and maps among the workers", () => {
    assertTimes(estimateTime(speed, { ...work, size: { ...size, workers: 4 } }), 2.5, 3)
  })

  it("adds the pass that refines seeds, by the bytes that it reads", () => {
    const refined = {
      ...speed,
      size: { ...size, refiningBytesPerSubject: 1e5 },
      refiningSecondsPerSubject: 0.04
    }
    const wanted = { ...size, refiningBytesPerSubject: 2e5 }
    assertTimes(estimateTime(refined, { ...work, size: wanted }), 5 + 50 * 0.08, 6)
  })
})

describe("the size of a pass", () => {
  it("computes whole blocks of lesions, and something for each time point beside them", () => {
    const computed = (lesions: number) => computingOf({ ...size, lesions })
    assert.strictEqual(computed(7), computed(12))
    assert.strictEqual(computed(18) - computed(12), computed(12) - computed(6))
    assert.isBelow(computed(96) / computed(6), 16)
  })

  it("is nearest to itself, and further from what differs more", () => {
    assert.strictEqual(distanceOf(size, size), 0)
    const far = distanceOf(size, { ...size, lesions: 960, bytesPerSubject: 4e6 })
    assert.isAbove(far, distanceOf(size, { ...size, lesions: 96 }))
    assert.closeTo(distanceOf(size, { ...size, workers: 4 }), Math.log(2), 1e-12)
  })
})
