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
  const lines = bytes.toString('utf8', 0, whole).split('\n')
  lines.pop() // what follows the last line's end: nothing
  for (const [i, line] of lines.entries()) {
    const event = decodeLine(line)
    if (event) read.events.push(event)
    else read.damaged.push(i + 1)
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
