/** The settings beside the map: statistic, threshold and range, background, outline, and the lesion's numbers. */
import type { StudyIndex, ViewedEntry, ViewedStatistic } from "../StudyIndex.ts"
import { byId } from "./byId.ts"
import { countShown, firstScale, formatNumber, levelOf, type Scale, valueAt } from "./scale.ts"

export interface SettingsListeners {
  readonly onStatistic: (name: string) => void
  readonly onScale: () => void
  readonly onBackground: () => void
  readonly onOutline: () => void
}

export interface Settings {
  /** Shows which statistics there are, which is chosen, and what else an entry has. */
  readonly offer: (offered: ReadonlyArray<ViewedStatistic>, chosen: ViewedStatistic, entry: ViewedEntry) => void
  /** Takes the levels of the map that is shown now: the first of its statistic decides threshold and range. */
  readonly follow: (statistic: ViewedStatistic, levels: Float32Array) => void
  readonly scale: (statistic: ViewedStatistic) => Scale
  /** Address of the chosen background, or of the entry's first. */
  readonly background: (entry: ViewedEntry) => string
  readonly showsOutline: () => boolean
  readonly toggleOutline: () => void
  /** Chooses the statistic at a place of the list. */
  readonly chooseStatistic: (place: number) => void
  /** Moves the threshold by steps of a fiftieth of the range. */
  readonly stepThreshold: (steps: number) => void
}

export const makeSettings = (study: StudyIndex, listeners: SettingsListeners): Settings => {
  const slider = byId("threshold", HTMLInputElement)
  const thresholdNumber = byId("threshold-number", HTMLInputElement)
  const limitNumber = byId("limit-number", HTMLInputElement)
  const backgrounds = byId("background", HTMLSelectElement)
  const outline = byId("show-outline", HTMLInputElement)
  const scales = new Map<string, Scale>()
  let shown: { readonly statistic: ViewedStatistic; readonly levels: Float32Array } | undefined

  const present = (): void => {
    if (shown === undefined) return
    const { statistic, levels } = shown
    const { threshold, limit } = scales.get(statistic.name)!
    slider.max = String(limit)
    slider.value = String(threshold)
    slider.setAttribute("aria-valuetext", formatNumber(valueAt(statistic.kind, threshold)))
    for (const [field, level] of [
      [thresholdNumber, threshold],
      [limitNumber, limit]
    ] as const) {
      if (document.activeElement !== field) field.value = formatNumber(valueAt(statistic.kind, level))
    }
    presentColours(study, statistic, scales.get(statistic.name)!)
    const [positive, negative] = countShown(levels, scales.get(statistic.name)!)
    byId("shown", HTMLElement).textContent =
      statistic.kind === "probability"
        ? `${positive} voxels shown`
        : `${positive} positive and ${negative} negative voxels shown`
  }
  const change = (changed: Partial<Scale>): void => {
    if (shown === undefined) return
    const { name } = shown.statistic
    const scale = { ...scales.get(name)!, ...changed }
    const isOrdered = scale.threshold >= 0 && scale.limit > scale.threshold
    const reached = changed.limit === undefined ? { ...scale, limit: scale.threshold * 1.25 + 1e-6 } : undefined
    if (!isOrdered && reached === undefined) return
    scales.set(name, isOrdered ? scale : reached!)
    present()
    listeners.onScale()
  }
  const levelIn = (field: HTMLInputElement): number | undefined => {
    const value = field.valueAsNumber
    return shown === undefined || !(value >= 0) ? undefined : levelOf(shown.statistic.kind, value)
  }
  slider.addEventListener("input", () => change({ threshold: slider.valueAsNumber }))
  thresholdNumber.addEventListener("input", () => {
    const threshold = levelIn(thresholdNumber)
    if (threshold !== undefined) change({ threshold })
  })
  limitNumber.addEventListener("input", () => {
    const limit = levelIn(limitNumber)
    if (limit !== undefined) change({ limit })
  })
  for (const field of [thresholdNumber, limitNumber]) field.addEventListener("blur", present)
  backgrounds.addEventListener("change", listeners.onBackground)
  outline.addEventListener("change", listeners.onOutline)

  return {
    offer: (offered, chosen, entry) => {
      presentStatistics(offered, chosen, listeners.onStatistic)
      presentBackgrounds(backgrounds, entry)
      presentFacts(entry)
      outline.disabled = entry.lesion === undefined
    },
    follow: (statistic, levels) => {
      if (!scales.has(statistic.name)) scales.set(statistic.name, firstScale(statistic, levels))
      shown = { statistic, levels }
      present()
    },
    scale: ({ name }) => scales.get(name)!,
    background: ({ backgrounds: known }) => (known.find(({ name }) => name === backgrounds.value) ?? known[0]!).address,
    showsOutline: () => outline.checked,
    toggleOutline: () => outline.click(),
    chooseStatistic: (place) => {
      document.querySelectorAll<HTMLInputElement>("#statistics input")[place]?.click()
    },
    stepThreshold: (steps) => {
      if (shown === undefined) return
      const { threshold, limit } = scales.get(shown.statistic.name)!
      change({ threshold: Math.max(0, threshold + (steps * limit) / 50) })
    }
  }
}

const presentStatistics = (
  offered: ReadonlyArray<ViewedStatistic>,
  chosen: ViewedStatistic,
  onStatistic: (name: string) => void
): void => {
  const frame = byId("statistics", HTMLElement)
  const hadFocus = frame.contains(document.activeElement)
  const labels = offered.map(({ name }) => {
    const input = document.createElement("input")
    input.type = "radio"
    input.name = "statistic"
    input.checked = name === chosen.name
    input.addEventListener("change", () => onStatistic(name))
    const label = document.createElement("label")
    label.append(input, name)
    return label
  })
  frame.replaceChildren(...labels)
  if (hadFocus) frame.querySelector<HTMLInputElement>("input:checked")?.focus()
  byId("description", HTMLElement).textContent = `${chosen.description}.`
  const isP = chosen.kind === "probability"
  byId("threshold-words", HTMLElement).textContent = isP ? "Shown up to p =" : "Shown from ±"
}

const presentBackgrounds = (select: HTMLSelectElement, entry: ViewedEntry): void => {
  const chosen = select.value
  select.replaceChildren(...entry.backgrounds.map(({ name }) => new Option(name, name)))
  if (entry.backgrounds.some(({ name }) => name === chosen)) select.value = chosen
}

const presentFacts = (entry: ViewedEntry): void => {
  const list = byId("facts", HTMLElement)
  const rows = entry.facts.flatMap(({ label, value }) => {
    const [term, detail] = [document.createElement("dt"), document.createElement("dd")]
    term.textContent = label
    detail.textContent = value
    return [term, detail]
  })
  list.replaceChildren(...rows)
  byId("facts-frame", HTMLElement).hidden = rows.length === 0
}

/** The colour bar: negative colours to the left of nothing, positive ones to the right, with the numbers of their ends. */
const presentColours = (
  { colours }: StudyIndex,
  { kind, name }: ViewedStatistic,
  { threshold, limit }: Scale
): void => {
  const frame = byId("colours", HTMLElement)
  const text = (level: number) => formatNumber(valueAt(kind, level))
  const bar = (of: ReadonlyArray<string>, from: string, to: string): HTMLElement => {
    const [figure, stripe, least, most] = ["span", "i", "b", "b"].map((tag) => document.createElement(tag))
    stripe!.style.background = `linear-gradient(to right, ${of.join(", ")})`
    least!.textContent = from
    most!.textContent = to
    figure!.append(stripe!, least!, most!)
    return figure!
  }
  const positive = bar(colours.positive, text(threshold), text(limit))
  const negative = bar([...colours.negative].reverse(), text(-limit), text(-threshold))
  frame.replaceChildren(...(kind === "probability" ? [positive] : [negative, positive]))
  frame.setAttribute(
    "aria-label",
    kind === "probability"
      ? `Colours: orange at p = ${text(threshold)}, yellow at ${text(limit)} and below`
      : `Colours of ${name}: blue at ${text(-threshold)} to pale blue at ${text(-limit)}, orange at ${text(threshold)} to yellow at ${text(limit)}`
  )
}
