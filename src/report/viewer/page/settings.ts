/** The settings beside the map: statistic, threshold and range, background, outline, and the lesion's numbers. */
import type { StudyIndex, ViewedEntry, ViewedStatistic } from "../StudyIndex.ts"
import { byId } from "./byId.ts"
import type { Scale } from "./scale.ts"
import { makeScaleControls, type ScaleControls } from "./scaleControls.ts"

export interface SettingsListeners {
  readonly onStatistic: (name: string) => void
  readonly onScale: (scale: Scale) => void
  readonly onBackground: () => void
  readonly onOutline: () => void
}

export interface Settings extends ScaleControls {
  /** Shows which statistics there are, which is chosen, and what else an entry has. */
  readonly offer: (offered: ReadonlyArray<ViewedStatistic>, chosen: ViewedStatistic, entry: ViewedEntry) => void
  /** Address of the chosen background, or of the entry's first. */
  readonly background: (entry: ViewedEntry) => string
  readonly showsOutline: () => boolean
  readonly toggleOutline: () => void
  /** Chooses the statistic at a place of the list. */
  readonly chooseStatistic: (place: number) => void
}

export const makeSettings = ({ colours }: StudyIndex, listeners: SettingsListeners): Settings => {
  const backgrounds = byId("background", HTMLSelectElement)
  const outline = byId("show-outline", HTMLInputElement)
  backgrounds.addEventListener("change", listeners.onBackground)
  outline.addEventListener("change", listeners.onOutline)
  return {
    ...makeScaleControls(colours, listeners.onScale),
    offer: (offered, chosen, entry) => {
      presentStatistics(offered, chosen, listeners.onStatistic)
      presentBackgrounds(backgrounds, entry)
      presentFacts(entry)
      outline.disabled = entry.lesion === undefined
    },
    background: ({ backgrounds: known }) => (known.find(({ name }) => name === backgrounds.value) ?? known[0]!).address,
    showsOutline: () => outline.checked,
    toggleOutline: () => outline.click(),
    chooseStatistic: (place) => {
      document.querySelectorAll<HTMLInputElement>("#statistics input")[place]?.click()
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
  byId("threshold-words", HTMLElement).textContent = thresholdWords[chosen.kind]
}

const thresholdWords = { signed: "Shown from ±", positive: "Shown from", probability: "Shown up to p =" } as const

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
