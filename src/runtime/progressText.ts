/**
 * The words of a progress line: a whole sentence for log files, and for a terminal as much of it as fits into one row, with a bar where
 * there is room. All characters are ASCII, so that each takes one column in any terminal and any language.
 */
import { done, type ProgressState } from "./progressState.ts"

/** What is going on, how much of it is done, how fast, and how long it will take. */
export const sentence = (state: ProgressState): string =>
  `${headOf(state)}${[countOf(state), ...ratesOf(state), ...leftOf(state)].join(", ")}`

/** The most that fits into so many columns: with less room first the rates go, then the bar, then what is going on. */
export const lineOf = (state: ProgressState, columns: number): string => {
  const [head, count, left] = [headOf(state), countOf(state), leftOf(state)]
  const short = [count, ...left].join(", ")
  const lines = [
    `${barOf(state)}${sentence(state)}`,
    `${barOf(state)}${head}${short}`,
    `${head}${short}`,
    `${head}${count}`,
    count
  ]
  return (lines.find((line) => line.length <= columns) ?? count).slice(0, columns)
}

/** 75 becomes "1 min 15 s". */
export const formatSeconds = (seconds: number): string => {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** The phase, where it is not all there is to say. */
const headOf = ({ phase, counting, pass, passes, elapsed_seconds }: ProgressState): string => {
  if (phase === done.name) return `done in ${formatSeconds(elapsed_seconds)}: `
  return phase === null || counting === null ? "" : `${phase}${pass === null ? "" : `, pass ${pass} of ${passes}`}: `
}

const countOf = ({ phase, counting, subjects_done, subjects, lesions_done, lesions }: ProgressState): string => {
  const [ofSubjects, ofLesions] = [`${subjects_done}/${subjects} subjects`, `${lesions_done}/${lesions} lesions`]
  if (counting === "subjects") return ofSubjects
  if (counting === "lesions") return ofLesions
  if (phase !== done.name) return phase ?? ""
  return lesions === 0 ? ofSubjects : `${ofSubjects}, ${ofLesions}`
}

/** Rates are shown while what they are of is counted; afterwards they would only mislead. */
const ratesOf = (state: ProgressState): ReadonlyArray<string> => {
  const { counting, subjects_per_second, lesions_per_second, read_megabytes_per_second, gigaflops, limit } = state
  if (counting === "lesions") return lesions_per_second > 0 ? [`${lesions_per_second.toPrecision(3)} lesions/s`] : []
  if (counting === null) return []
  const ofSubjects = subjects_per_second > 0 ? [`${subjects_per_second.toPrecision(3)} subjects/s`] : []
  if (limit === null || state.subjects_done === state.subjects) return ofSubjects
  const reading = `${read_megabytes_per_second.toPrecision(3)} MB/s`
  return gigaflops === 0
    ? [...ofSubjects, reading]
    : [...ofSubjects, reading, `${gigaflops.toPrecision(3)} GFLOP/s`, `limited by ${limit}`]
}

const leftOf = ({ counting, seconds_left }: ProgressState): ReadonlyArray<string> =>
  counting === null || seconds_left === null || seconds_left === 0 ? [] : [`${formatSeconds(seconds_left)} left`]

const barWidth = 24

/** A bar of what is counted, and a space; nothing where nothing is. */
const barOf = ({ counting, subjects, subjects_done, lesions, lesions_done }: ProgressState): string => {
  if (counting === null) return ""
  const [count, total] = counting === "subjects" ? [subjects_done, subjects] : [lesions_done, lesions]
  const filled = total === 0 ? 0 : Math.floor((barWidth * Math.min(count, total)) / total)
  return `[${"#".repeat(filled)}${".".repeat(barWidth - filled)}] `
}
