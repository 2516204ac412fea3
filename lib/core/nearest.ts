/** The candidate that differs from a word in the fewest letters, if those are few: for "did you mean". */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map(candidate => ({candidate, distance: distance(word, candidate)})).sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined
}

/** Letters to insert, remove, change, or swap with the next: the "optimal string alignment" distance. */
function distance(a: string, b: string): number {
  const rows = [Array.from({length: b.length + 1}, (_, i) => i)]
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j++) {
      const change = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(change, swap, (row[j - 1] as number) + 1, at(i - 1, j) + 1))
    }
  }
  return at(a.length, b.length)
}
