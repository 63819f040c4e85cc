/**
 * The words of progress: a whole sentence for log files, and for a terminal one or two rows of it, with a bar where there is room: above
 * what is done and the time left, below how fast and in how much memory. All characters are ASCII, so that each takes one column in any
 * terminal and any language.
 */
import { formatBytes } from "./Plan.ts"
import { done, type ProgressState } from "./progressState.ts"

/** What is going on, how much of it is done, how fast, in how much memory, and how long it will take. */
export const sentence = (state: ProgressState): string =>
  `${headOf(state)}${[countOf(state), ...ratesOf(state), ...memoryOf(state), ...leftOf(state)].join(", ")}`

/** Columns that a text may take, and rows of the whole terminal. */
export interface ViewSize {
  readonly columns: number
  readonly rows: number
}

/** With fewer rows, one is enough for progress. */
const leastRowsForTwo = 6

/** One row, and a second one with rates and memory where the terminal has room; none is longer than there are columns. */
export const viewOf = (state: ProgressState, { columns, rows }: ViewSize): ReadonlyArray<string> => {
  const above = lineOf(state, columns)
  const below = rows < leastRowsForTwo ? "" : detailsOf(state, columns)
  return below === "" ? [above] : [above, below]
}

/** The most of the first row that fits into so many columns: with less room first the bar goes, then the time left, then what is going on. */
const lineOf = (state: ProgressState, columns: number): string => {
  const [head, count] = [headOf(state), countOf(state)]
  const short = [count, ...leftOf(state)].join(", ")
  const lines = [`${barOf(state)}${head}${short}`, `${head}${short}`, `${head}${count}`, count]
  return (lines.find((line) => line.length <= columns) ?? count).slice(0, columns)
}

/** How far each detail is from being needed: with less room those of the highest number go first. */
const leastNeeded = { memory: 0, limit: 1, rate: 2, lesions: 3, reading: 4, computing: 5 } as const

/** The most of the second row that fits into so many columns; empty where nothing does, or there is nothing to say. */
const detailsOf = (state: ProgressState, columns: number): string => {
  if (state.phase === done.name) return ""
  const { lesions } = state
  const [rate, reading, computing, limit] = separateRates(state)
  const details: ReadonlyArray<readonly [keyof typeof leastNeeded, string | undefined]> = [
    ["lesions", state.counting === "subjects" && lesions > 0 ? `${lesions} lesions` : undefined],
    ["rate", rate],
    ["reading", reading],
    ["computing", computing],
    ["limit", limit],
    ["memory", memoryOf(state)[0]]
  ]
  for (let most = Object.keys(leastNeeded).length; most > 0; most--) {
    const text = details
      .flatMap(([name, detail]) => (detail === undefined || leastNeeded[name] >= most ? [] : [detail]))
      .join(", ")
    if (text.length <= columns) return text
  }
  return ""
}

/** 75 becomes "1 min 15 s". */
export const formatSeconds = (seconds: number): string => {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** The phase, where it is not all there is to say. */
const headOf = ({ phase, counting, pass, passes, elapsed_seconds, subjects, lesions }: ProgressState): string => {
  if (phase === done.name) return `done in ${formatSeconds(elapsed_seconds)}${subjects + lesions > 0 ? ": " : ""}`
  return phase === null || counting === null ? "" : `${phase}${pass === null ? "" : `, pass ${pass} of ${passes}`}: `
}

const countOf = (state: ProgressState): string => {
  const { phase, counting, subjects_done, subjects, lesions_done, lesions } = state
  const [ofSubjects, ofLesions] = [`${subjects_done}/${subjects} subjects`, `${lesions_done}/${lesions} lesions`]
  if (counting === "subjects") return ofSubjects
  if (counting === "lesions") return ofLesions
  if (counting === "steps") return `${state.steps_done}/${state.steps} ${state.step_name}`
  if (phase === done.name && subjects + lesions === 0) return ""
  if (phase !== done.name) return phase ?? ""
  return lesions === 0 ? ofSubjects : `${ofSubjects}, ${ofLesions}`
}

/** Subjects or lesions a second, bytes a second, operations a second, and which of these two is the limit. */
type Rates = readonly [(string | undefined)?, string?, string?, string?]

/** Rates are shown while what they are of is counted; afterwards they would only mislead. */
const separateRates = (state: ProgressState): Rates => {
  const { counting, subjects_per_second, lesions_per_second, read_megabytes_per_second, gigaflops, limit } = state
  if (counting === "lesions") return lesions_per_second > 0 ? [`${lesions_per_second.toPrecision(3)} lesions/s`] : []
  if (counting !== "subjects") return []
  const ofSubjects = subjects_per_second > 0 ? `${subjects_per_second.toPrecision(3)} subjects/s` : undefined
  if (limit === null || state.subjects_done === state.subjects) return [ofSubjects]
  const reading = `${read_megabytes_per_second.toPrecision(3)} MB/s`
  return gigaflops === 0
    ? [ofSubjects, reading]
    : [ofSubjects, reading, `${gigaflops.toPrecision(3)} GFLOP/s`, `limited by ${limit}`]
}

const ratesOf = (state: ProgressState): ReadonlyArray<string> =>
  separateRates(state).filter((rate) => rate !== undefined)

/** Memory now and as planned, while the plan's can be compared with it. */
const memoryOf = ({ phase, memory_bytes, planned_memory_bytes }: ProgressState): ReadonlyArray<string> =>
  phase === done.name || memory_bytes === null || planned_memory_bytes === null
    ? []
    : [`memory ${formatBytes(memory_bytes)} of ${formatBytes(planned_memory_bytes)}`]

const leftOf = ({ counting, seconds_left }: ProgressState): ReadonlyArray<string> =>
  counting === null || seconds_left === null || seconds_left === 0 ? [] : [`${formatSeconds(seconds_left)} left`]

const barWidth = 24

/** A bar of what is counted, and a space; nothing where nothing is. */
const barOf = (state: ProgressState): string => {
  if (state.counting === null) return ""
  const [count, total] = {
    subjects: [state.subjects_done, state.subjects] as const,
    lesions: [state.lesions_done, state.lesions] as const,
    steps: [state.steps_done, state.steps] as const
  }[state.counting]
  const filled = total === 0 ? 0 : Math.floor((barWidth * Math.min(count, total)) / total)
  return `[${"#".repeat(filled)}${".".repeat(barWidth - filled)}] `
}
