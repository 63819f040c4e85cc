/** Waits for what a page does in its own time. */

/** How long a page may take on a machine that does much else. */
const patienceMilliseconds = 20_000

/** Asks until the answer is right; fails with the last answer where it never is. */
export const eventually = async <A>(
  ask: () => Promise<A>,
  isRight: (answer: A) => boolean,
  what: string
): Promise<A> => {
  const end = performance.now() + patienceMilliseconds
  for (;;) {
    const answer = await ask()
    if (isRight(answer)) return answer
    if (performance.now() > end) throw new Error(`${what}: still ${JSON.stringify(answer)?.slice(0, 500)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
