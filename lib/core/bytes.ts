const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** A size for people, by thousands as disks are sold: `812 kB`, `1.3 GB`. */
export function inUnits(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  const number = bytes / 1000 ** power
  return `${power > 2 && number < 100 ? number.toFixed(1) : number.toFixed(0)} ${UNITS[power]}`
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0)

/** `12 of 48 MB (25 %)`, of more than nothing. */
export const describeShare = (got: number, all: number) => `${megabytes(got)} of ${megabytes(all)} MB (${Math.floor((100 * got) / all)} %)`
