import type {RunEvent} from './events.js'

/** One line: JSON has no line breaks of its own. */
export const encodeEvent = (event: RunEvent): string => `${JSON.stringify(event)}\n`

export interface ReadJournal {
  events: RunEvent[]
  /** Bytes of the lines that are whole: what follows was being written when the power went. */
  whole: number
  /** Lines in the middle that are none, by number from 1: a disk's fault, or somebody's editor. */
  damaged: number[]
}

const KINDS: ReadonlySet<string> = new Set<RunEvent['kind']>(['opened', 'begun', 'ended', 'judged', 'again', 'waits', 'goes-on', 'closed'])

const NEWLINE = 0x0a

/** Reads a journal; a last line that is cut does not count. */
export function decodeJournal(bytes: Buffer): ReadJournal {
  const whole = bytes.lastIndexOf(NEWLINE) + 1
  const read: ReadJournal = {events: [], whole, damaged: []}
  let number = 0
  for (let start = 0; start < whole; ) {
    const end = bytes.indexOf(NEWLINE, start)
    number++
    const event = decodeLine(bytes.toString('utf8', start, end))
    if (event) read.events.push(event)
    else read.damaged.push(number)
    start = end + 1
  }
  return read
}

function decodeLine(line: string): RunEvent | undefined {
  try {
    const event: unknown = JSON.parse(line)
    return isEvent(event) ? event : undefined
  } catch {
    return undefined
  }
}

/** What the one writer wrote has the rest of an event's fields too. */
const isEvent = (event: unknown): event is RunEvent =>
  typeof event === 'object' && event !== null && 'kind' in event && typeof event.kind === 'string' && KINDS.has(event.kind)
