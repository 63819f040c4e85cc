/** Work in slices, done on a worker, where nothing else waits for its turn. Free of Effect. */

/** Does all slices of some work, one after the other. */
export const allSlices = <A>(work: Generator<void, A>): A => {
  for (;;) {
    const slice = work.next()
    if (slice.done === true) return slice.value
  }
}
