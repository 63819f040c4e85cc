/** What a report could not show, and why: of many lesions alike one sentence. */

/** Lesions that a note names; more are counted. */
const mostNamed = 5

export class ReportNotes {
  readonly #lesionsOf = new Map<string, Array<string>>()

  /** @param lesion the lesion that it is about; undefined: it is about all */
  add(note: string, lesion?: string): void {
    const lesions = this.#lesionsOf.get(note) ?? []
    if (lesion !== undefined) lesions.push(lesion)
    this.#lesionsOf.set(note, lesions)
  }

  /** A sentence each, in the order in which they came first. */
  get all(): ReadonlyArray<string> {
    return [...this.#lesionsOf].map(([note, lesions]) => {
      if (lesions.length === 0) return note
      const rest = lesions.length - mostNamed
      return `${note}: ${lesions.slice(0, mostNamed).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.`
    })
  }
}
