/** Threshold and range: a slider, numbers to be typed, and the colour bar. Each statistic keeps its own from lesion to lesion. */
import type { StudyIndex, ViewedStatistic } from "../StudyIndex.ts"
import { byId } from "./byId.ts"
import { presentColours } from "./colourBar.ts"
import { changedScale, countShown, firstScale, formatNumber, levelOf, type Scale, valueAt } from "./scale.ts"

export interface ScaleControls {
  /** Takes the levels of the map that is shown now, and gives its scale: the first map of a statistic decides threshold and range. */
  readonly follow: (statistic: ViewedStatistic, levels: Float32Array) => Scale
  /** Moves the threshold by fiftieths of the range. */
  readonly stepThreshold: (steps: number) => void
}

/** Of the range, that one press of a key moves the threshold by. */
const keyShare = 1 / 50

export const makeScaleControls = (colours: StudyIndex["colours"], onScale: (scale: Scale) => void): ScaleControls => {
  const slider = byId("threshold", HTMLInputElement)
  const thresholdNumber = byId("threshold-number", HTMLInputElement)
  const limitNumber = byId("limit-number", HTMLInputElement)
  const scales = new Map<string, Scale>()
  let shown: { readonly statistic: ViewedStatistic; readonly levels: Float32Array } | undefined

  const present = (): void => {
    if (shown === undefined) return
    const { statistic, levels } = shown
    const scale = scales.get(statistic.name)!
    const text = (level: number) => formatNumber(valueAt(statistic.kind, level))
    slider.max = String(scale.limit)
    slider.value = String(scale.threshold)
    slider.setAttribute("aria-valuetext", text(scale.threshold))
    // What is being typed is left alone.
    if (document.activeElement !== thresholdNumber) thresholdNumber.value = text(scale.threshold)
    if (document.activeElement !== limitNumber) limitNumber.value = text(scale.limit)
    presentColours(colours, statistic, scale)
    const [positive, negative] = countShown(levels, scale)
    byId("shown", HTMLElement).textContent =
      statistic.kind === "signed"
        ? `${positive} positive and ${negative} negative voxels shown`
        : `${positive} voxels shown`
  }
  const change = (wanted: Partial<Scale>): void => {
    if (shown === undefined) return
    const { name } = shown.statistic
    const scale = changedScale(scales.get(name)!, wanted)
    if (scale === undefined) return
    scales.set(name, scale)
    present()
    onScale(scale)
  }
  /** The level that is typed; undefined where that is no number. */
  const levelIn = (field: HTMLInputElement): number | undefined =>
    shown === undefined || Number.isNaN(field.valueAsNumber)
      ? undefined
      : levelOf(shown.statistic.kind, field.valueAsNumber)
  slider.addEventListener("input", () => change({ threshold: slider.valueAsNumber }))
  thresholdNumber.addEventListener("input", () => change({ threshold: levelIn(thresholdNumber) ?? Number.NaN }))
  limitNumber.addEventListener("input", () => change({ limit: levelIn(limitNumber) ?? Number.NaN }))
  for (const field of [thresholdNumber, limitNumber]) field.addEventListener("blur", present)
  return {
    follow: (statistic, levels) => {
      const scale = scales.get(statistic.name) ?? firstScale(statistic, levels)
      scales.set(statistic.name, scale)
      shown = { statistic, levels }
      present()
      return scale
    },
    stepThreshold: (steps) => {
      if (shown === undefined) return
      const { threshold, limit } = scales.get(shown.statistic.name)!
      change({ threshold: Math.max(0, threshold + steps * keyShare * limit) })
    }
  }
}
