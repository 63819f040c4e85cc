/** The colour bar: which colours a map has from its threshold on, with the numbers of their ends, and in words for who does not see them. */
import type { StudyIndex, ViewedStatistic } from "../StudyIndex.ts"
import { byId } from "./byId.ts"
import { formatNumber, type Scale, valueAt } from "./scale.ts"

const barOf = (colours: ReadonlyArray<string>, from: string, to: string): HTMLElement => {
  const [figure, stripe, least, most] = [
    document.createElement("span"),
    document.createElement("i"),
    document.createElement("b"),
    document.createElement("b")
  ]
  stripe.style.background = `linear-gradient(to right, ${colours.join(", ")})`
  least.textContent = from
  most.textContent = to
  figure.append(stripe, least, most)
  return figure
}

/** Negative values to the left, in the order of the number line, where the statistic has any. */
export const presentColours = (
  { positive, negative }: StudyIndex["colours"],
  { kind, name }: ViewedStatistic,
  { threshold, limit }: Scale
): void => {
  const frame = byId("colours", HTMLElement)
  const text = (level: number) => formatNumber(valueAt(kind, level))
  const warm = barOf(positive, text(threshold), text(limit))
  const cool = barOf([...negative].reverse(), text(-limit), text(-threshold))
  frame.replaceChildren(...(kind === "signed" ? [cool, warm] : [warm]))
  const words =
    kind !== "signed"
      ? `Colours: orange red at ${name} = ${text(threshold)} to yellow at ${text(limit)} and ${kind === "probability" ? "below" : "above"}`
      : `Colours of ${name}: blue at ${text(-threshold)} to pale blue at ${text(-limit)}, orange red at ${text(threshold)} to yellow at ${text(limit)}`
  frame.setAttribute("aria-label", words)
}
