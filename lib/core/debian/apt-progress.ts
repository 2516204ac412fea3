/** How far apt has come with a download, read from what it prints. man 1 apt-get, --quiet */

export interface Downloaded {
  /** Bytes. */
  got: number
  all: number
}

/** `Need to get 1,234 kB/5,678 kB of archives.`: apt-pkg's SizeToStr counts by thousands. */
const NEED = /^Need to get ([\d.,]+) ?([kMGT]?)B/

/** `Get:12 http://deb.debian.org/debian bookworm/main amd64 sed amd64 4.9-1 [327 kB]` */
const GET = /^Get:\d+ .* \[([\d.,]+) ?([kMGT]?)B\]$/

const POWERS = ['', 'k', 'M', 'G', 'T']

const bytesOf = (number: string, unit: string) => Number(number.replaceAll(',', '')) * 1000 ** POWERS.indexOf(unit)

/** After another line. apt tells of a file when it begins with it. */
export function afterLine(before: Downloaded, line: string): Downloaded {
  const [, needed, unit = ''] = NEED.exec(line) ?? []
  if (needed !== undefined) return {...before, all: before.all + bytesOf(needed, unit)}
  const [, size, power = ''] = GET.exec(line) ?? []
  return size === undefined ? before : {...before, got: Math.min(before.all, before.got + bytesOf(size, power))}
}

/** Lines that say nothing else. */
export const isOfDownload = (line: string) => NEED.test(line) || GET.test(line)
