/** The candidate that is at most two typing slips away from a word, for "did you mean". */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const rated = candidates
    .filter((candidate) => Math.abs(candidate.length - word.length) <= 2)
    .map((candidate) => ({
      candidate,
      slips: distance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ slips }) => slips <= 2)
    .toSorted((left, right) => left.slips - right.slips)
  return rated[0]?.candidate
}

/** Levenshtein distance; words longer than 60 characters are cut. */
function distance(left: string, right: string): number {
  const [from, to] = [left.slice(0, 60), right.slice(0, 60)]
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [line, letter] of from.split('').entries()) {
    const next = [line + 1]
    for (let column = 1; column <= to.length; column += 1) {
      const swap = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
