import {saysNoSpace} from '../no-space.js'
import type {Phase, Trouble} from './events.js'

/** A known reason of failures: profiles/reasons.json. */
export interface KnownReason {
  id: string
  /** Of a line of the log. */
  pattern: RegExp
  /** What it means, as a full clause. */
  reason: string
  /** What helps. */
  remedy: string
  /** Whose fault it is where the package fails natively too. */
  fault: 'sandbox' | 'infrastructure' | undefined
}

/** Words of apt and dpkg-source for what is nobody's package's fault, the more telling first. */
const TROUBLES: readonly (readonly [Trouble, RegExp])[] = [
  ['damaged', /Hash Sum mismatch|File has unexpected size|Clearsigned file isn't valid|GPG error|is not signed|NO_PUBKEY|BADSIG/],
  ['damaged', /dpkg-source: error: .*(checksum|has size|signature)/],
  [
    'away',
    /Could not resolve|Temporary failure resolving|Could not connect|Unable to connect|Connection (timed out|refused|failed|reset)|Network is unreachable|No route to host|\b50[0-9] +[A-Z][a-z]/,
  ],
  ['gone', /Can not find version|\b404 +Not Found|\b410 +Gone|Unable to find a source package for|does not have a Release file/],
  ['away', /Failed to fetch/],
]

/** What of the infrastructure failed while a build was being prepared; undefined where it was something else. */
export function findTrouble(lines: readonly string[]): {trouble: Trouble; line: string} | undefined {
  const full = lines.find(saysNoSpace)
  if (full !== undefined) return {trouble: 'disk', line: full}
  for (const [trouble, pattern] of TROUBLES) {
    const said = lines.filter(one => pattern.test(one))
    const line = said.find(one => one.includes('://')) ?? said[0] // that of what
    if (line !== undefined) return {trouble, line: line.trim()}
  }
  return undefined
}

/** apt-get of dependencies that the archives cannot satisfy. */
const UNMET =
  /unmet dependencies|but it is not (installable|going to be installed)|has no installation candidate|Unable to correct problems|cannot be satisfied|is not available, but is referred to/

export const saysUnmet = (line: string) => UNMET.test(line)

/** Lines at a log's end in which a reason is looked for: what came earlier was got over. */
const LATE = 1000

/** Of the known reasons that a log has, the first in their order: the more telling ones come first. */
export function findReason(lines: readonly string[], known: readonly KnownReason[]): KnownReason | undefined {
  const late = lines.slice(-LATE)
  return known.find(({pattern}) => late.some(line => pattern.test(line)))
}

/** For people. */
export const PHASES: Readonly<Record<Phase, string>> = {
  queue: 'waiting for a node',
  start: 'starting',
  fetch: 'fetching',
  unpack: 'unpacking',
  stubs: 'making stub packages',
  look: 'looking at what it needs',
  twins: 'looking for twins',
  install: 'installing what it needs',
  build: 'building',
  results: 'keeping results',
  compare: "comparing with the archive's packages",
}
