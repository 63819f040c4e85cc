/** The list of lesions: buttons, filtered by what is typed, the one that is shown marked. Names are put in as text, never as markup. */
import type { ViewedEntry } from "../StudyIndex.ts"
import { byId } from "./byId.ts"

export interface EntryList {
  /** Shows an entry by its place in the whole list. */
  readonly choose: (place: number) => void
  /** Shows the next of those that the filter leaves, or the one before. */
  readonly chooseNext: (step: 1 | -1) => void
  readonly focusFilter: () => void
}

/** How much of the names' ends is the same for all, from an underscore on, and tells nothing in a list. */
const commonEnd = (names: ReadonlyArray<string>): number => {
  const [first = "", ...others] = names
  if (others.length === 0) return 0
  let start = 0
  while (!others.every((name) => name.length > first.length - start && name.endsWith(first.slice(start)))) start++
  const at = first.indexOf("_", Math.max(1, start))
  return at < 0 ? 0 : first.length - at
}

export const makeEntryList = (
  entries: ReadonlyArray<ViewedEntry>,
  onChoice: (entry: ViewedEntry) => void
): EntryList => {
  const list = byId("entries", HTMLUListElement)
  const filter = byId("filter", HTMLInputElement)
  const count = byId("count", HTMLElement)
  let current = -1
  const end = commonEnd(entries.map(({ name }) => name))
  const buttons = entries.map(({ name }, place) => {
    const button = document.createElement("button")
    button.type = "button"
    button.textContent = name.slice(0, name.length - end)
    button.title = name
    button.addEventListener("click", () => choose(place))
    const item = document.createElement("li")
    item.append(button)
    list.append(item)
    return button
  })
  const choose = (place: number): void => {
    if (place === current) return
    const hadFocus = list.contains(document.activeElement)
    buttons[current]?.removeAttribute("aria-current")
    current = place
    const button = buttons[place]!
    button.setAttribute("aria-current", "true")
    button.scrollIntoView({ block: "nearest" })
    if (hadFocus) button.focus()
    onChoice(entries[place]!)
  }
  const applyFilter = (): void => {
    const wanted = filter.value.trim().toLowerCase()
    for (const button of buttons) button.parentElement!.hidden = !button.title.toLowerCase().includes(wanted)
    const shown = buttons.filter((button) => !button.parentElement!.hidden).length
    count.textContent = shown === entries.length ? `${shown} in all` : `${shown} of ${entries.length}`
  }
  filter.addEventListener("input", applyFilter)
  applyFilter()
  return {
    choose,
    chooseNext: (step) => {
      let place = current + step
      while (buttons[place]?.parentElement?.hidden) place += step
      if (buttons[place] !== undefined) choose(place)
    },
    focusFilter: () => filter.focus()
  }
}
