/** The keyboard: what keys do, in one table that the help shows too. */
import type { EntryList } from "./entryList.ts"
import type { MapView } from "./mapView.ts"
import type { Settings } from "./settings.ts"

export interface Actions extends Pick<MapView, "move" | "moveToPeak" | "moveToLesion"> {
  readonly chooseNext: EntryList["chooseNext"]
  readonly focusFilter: EntryList["focusFilter"]
  readonly toggleOutline: Settings["toggleOutline"]
  readonly chooseStatistic: Settings["chooseStatistic"]
  readonly stepThreshold: Settings["stepThreshold"]
  readonly openHelp: () => void
}

interface Key {
  /** As the help shows them. */
  readonly keys: ReadonlyArray<string>
  readonly words: string
  /** What to do for a key; undefined: not this row's key. */
  readonly does: (key: string, shift: boolean) => ((actions: Actions) => void) | undefined
}

/** Steps of keys that go back and forth. */
const step = (key: string, back: string, forth: string): 1 | -1 | undefined =>
  key === back ? -1 : key === forth ? 1 : undefined

const stepping =
  (back: string, forth: string, shifted: boolean, act: (actions: Actions, steps: 1 | -1) => void): Key["does"] =>
  (key, shift) => {
    const steps = shift === shifted ? step(key, back, forth) : undefined
    return steps === undefined ? undefined : (actions) => act(actions, steps)
  }

const pressing =
  (wanted: string, act: (actions: Actions) => void): Key["does"] =>
  (key) =>
    key === wanted ? act : undefined

export const keys: ReadonlyArray<Key> = [
  {
    keys: ["↑", "↓"],
    words: "Lesion before, next lesion",
    does: stepping("ArrowUp", "ArrowDown", false, (a, n) => a.chooseNext(n))
  },
  {
    keys: ["←", "→"],
    words: "To the left, to the right",
    does: stepping("ArrowLeft", "ArrowRight", false, (a, n) => a.move(n, 0, 0))
  },
  {
    keys: ["Page ↓", "Page ↑"],
    words: "Down, up",
    does: stepping("PageDown", "PageUp", false, (a, n) => a.move(0, 0, n))
  },
  {
    keys: ["Shift Page ↓", "Shift Page ↑"],
    words: "To the back, to the front",
    does: stepping("PageDown", "PageUp", true, (a, n) => a.move(0, n, 0))
  },
  {
    keys: ["L"],
    words: "To the middle of the lesion",
    does: pressing("l", (a) => void a.moveToLesion().catch(() => {}))
  },
  { keys: ["P"], words: "To the strongest voxel of the map", does: pressing("p", (a) => a.moveToPeak()) },
  {
    keys: ["1", "2", "…"],
    words: "Statistic, in the order of the list",
    does: (key) => (/^[1-9]$/.test(key) ? (a) => a.chooseStatistic(Number(key) - 1) : undefined)
  },
  { keys: ["−"], words: "Lower the threshold", does: pressing("-", (a) => a.stepThreshold(-1)) },
  { keys: ["+"], words: "Raise the threshold", does: pressing("+", (a) => a.stepThreshold(1)) },
  { keys: ["O"], words: "Outline of the lesion, on or off", does: pressing("o", (a) => a.toggleOutline()) },
  { keys: ["/"], words: "Filter the lesions", does: pressing("/", (a) => a.focusFilter()) },
  { keys: ["?"], words: "This help", does: pressing("?", (a) => a.openHelp()) }
]

/** Elements that have a use of their own for keys. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLSelectElement ||
  (target instanceof HTMLInputElement && target.type !== "checkbox") ||
  (target instanceof Element && target.closest("dialog[open]") !== null)

export const listenToKeys = (actions: Actions): void => {
  // Before NiiVue, which has keys of its own.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      for (const { does } of keys) {
        const act = does(key, event.shiftKey)
        if (act === undefined) continue
        event.preventDefault()
        event.stopPropagation()
        return act(actions)
      }
    },
    { capture: true }
  )
}
