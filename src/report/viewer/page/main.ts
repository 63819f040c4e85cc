/**
 * The viewer's page: asks the server for the study, and keeps list, map, settings and what is read out in step. What is shown is a
 * lesion, a statistic, a threshold and a place; everything else follows.
 */
import type { StudyIndex, ViewedEntry, ViewedStatistic } from "../StudyIndex.ts"
import { byId } from "./byId.ts"
import { makeEntryList } from "./entryList.ts"
import { fetchJson } from "./fetchFrom.ts"
import { makeHelp } from "./help.ts"
import { listenToKeys } from "./keys.ts"
import { makeMapView } from "./mapView.ts"
import { makeReadout } from "./readout.ts"
import { makeSettings } from "./settings.ts"

const problem = byId("problem", HTMLElement)

const tell = (error: unknown): void => {
  problem.textContent = error instanceof Error ? error.message : String(error)
}

const start = async (): Promise<void> => {
  const study = await fetchJson<StudyIndex>("/study.json")
  byId("folder", HTMLElement).textContent = study.folder
  byId("about", HTMLElement).textContent = study.about
  byId("entries-title", HTMLElement).textContent = study.listed
  document.title = `${study.folder} · lnm view`
  const view = await makeMapView(study.colours)
  const readout = makeReadout()
  let entry: ViewedEntry = study.entries[0]!
  let statistic: ViewedStatistic = study.statistics.find(({ name }) => name === "t") ?? study.statistics[0]!

  /** The statistics that an entry has; the one that was shown before stays, where it is among them. */
  const offer = (): void => {
    const offered = study.statistics.filter(({ name }) => name in entry.maps)
    statistic = offered.find(({ name }) => name === statistic.name) ?? offered[0]!
    settings.offer(offered, statistic, entry)
  }
  const show = async (): Promise<void> => {
    problem.textContent = ""
    const [shown, of] = [entry, statistic]
    const title = `${shown.name}: ${of.name}`
    const levels = await view.show(shown, of, settings.background(shown)).catch((error) => {
      byId("title", HTMLElement).textContent = title
      readout.clear()
      void view.setLesion(undefined)
      throw error
    })
    if (levels === undefined) return
    byId("title", HTMLElement).textContent = title
    view.setScale(settings.follow(of, levels))
    readout.announce(title)
    await Promise.all([view.setLesion(shown.lesion), readout.take(shown, of)])
  }
  const showOrTell = (): void => {
    const shown = entry
    show().catch((error) => {
      // What cannot be had of a lesion that is not shown any more is of no interest.
      if (shown === entry) tell(error)
    })
  }
  const settings = makeSettings(study, {
    onStatistic: (name) => {
      statistic = study.statistics.find((row) => row.name === name)!
      offer()
      showOrTell()
    },
    onScale: view.setScale,
    onBackground: showOrTell,
    onOutline: () => view.showOutline(settings.showsOutline())
  })
  const list = makeEntryList(study.entries, (chosen) => {
    entry = chosen
    offer()
    showOrTell()
  })
  const help = makeHelp()
  view.onLocation((place) => readout.show(place))
  listenToKeys({ ...view, ...list, ...settings, openHelp: help.open })
  list.choose(0)
}

start().catch(tell)
