/** Hours, minutes and seconds, each once at most and in this order: `20m`, `1h30m`, `90s`. */
export const DURATION = /^(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/

/** Node's timers take at most 2^31 - 1 ms, and end at once beyond that. https://nodejs.org/api/timers.html */
export const LONGEST_SECONDS = Math.floor((2 ** 31 - 1) / 1000)

/** A duration in seconds; undefined where the text is none, or none at all. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (!match) return undefined
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map(part => Number(part ?? 0))
  return hours * 3600 + minutes * 60 + seconds || undefined
}
