/** What is read out of the map at the crosshair: where it is, the value, the parcels. Also told to screen readers, once it stays. */
import type { ParcelsOnGrid, ViewedEntry, ViewedStatistic } from "../StudyIndex.ts"
import { byId } from "./byId.ts"
import { fetchJson } from "./fetchFrom.ts"
import type { Place } from "./mapView.ts"
import { formatNumber, valueAt } from "./scale.ts"

export interface Readout {
  readonly show: (place: Place) => void
  /** Takes the parcellations of an entry, and shows the place anew. Fails where one cannot be had any more. */
  readonly take: (entry: ViewedEntry, statistic: ViewedStatistic) => Promise<void>
  readonly announce: (text: string) => void
  /** Shows nothing: there is no map. */
  readonly clear: () => void
}

interface Parcels {
  readonly parcellation: string
  readonly names: ReadonlyArray<string>
  /** Shape: (voxels). Which parcel, counted from 1. */
  readonly parcelOf: Int32Array
}

const unpack = (parcellation: string, { names, runs }: ParcelsOnGrid): Parcels => {
  let elements = 0
  for (let n = 1; n < runs.length; n += 2) elements += runs[n]!
  const parcelOf = new Int32Array(elements)
  let at = 0
  for (let n = 0; n < runs.length; n += 2) {
    parcelOf.fill(runs[n]!, at, at + runs[n + 1]!)
    at += runs[n + 1]!
  }
  return { parcellation, names, parcelOf }
}

/** Time that a place must stay before it is told to screen readers. */
const settledMilliseconds = 400

export const makeReadout = (): Readout => {
  const seen = byId("location", HTMLElement)
  const announced = byId("announced", HTMLElement)
  const known = new Map<string, Promise<Parcels>>()
  let [parcels, place]: [ReadonlyArray<Parcels>, Place | undefined] = [[], undefined]
  let statistic: ViewedStatistic | undefined
  let latest: ReadonlyArray<Promise<Parcels>> = []
  let timer: ReturnType<typeof setTimeout> | undefined

  const announce = (text: string): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      announced.textContent = text
    }, settledMilliseconds)
  }
  const textOf = ({ mm, element, level }: Place): string => {
    const [x, y, z] = mm.map((part) => String(Math.round(part) || 0).replace("-", "−"))
    const value =
      Number.isNaN(level) || statistic === undefined ? "outside" : formatNumber(valueAt(statistic.kind, level))
    const names = parcels.flatMap(({ parcellation, names, parcelOf }) => {
      const parcel = parcelOf[element]
      return parcel ? [`${parcellation}: ${names[parcel - 1]}`] : []
    })
    return [`x ${x}, y ${y}, z ${z} mm`, `${statistic?.name ?? ""} = ${value.replace("-", "−")}`, ...names].join(
      "  ·  "
    )
  }
  const present = (): void => {
    if (place === undefined || statistic === undefined) return
    seen.textContent = textOf(place)
  }
  return {
    show: (shown) => {
      place = shown
      present()
      announce(seen.textContent ?? "")
    },
    take: async (entry, chosen) => {
      statistic = chosen
      present()
      const wanted = entry.parcellations.map(({ name, address }) => {
        const asked = known.get(address) ?? fetchJson<ParcelsOnGrid>(address).then((found) => unpack(name, found))
        known.set(address, asked)
        return asked
      })
      latest = wanted
      const settled = await Promise.allSettled(wanted)
      if (latest !== wanted) return
      parcels = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
      present()
      const failed = settled.find((result) => result.status === "rejected")
      if (failed !== undefined) throw failed.reason
    },
    announce,
    clear: () => {
      ;[place, latest] = [undefined, []]
      seen.textContent = ""
      announce("")
    }
  }
}
