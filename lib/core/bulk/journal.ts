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
  const text = bytes.toString('utf8', 0, whole)
  const all = decodeAll(text)
  if (all) return {...read, events: all}
  const lines = text.split('\n')
  lines.pop() // what follows the last line's end: nothing
  for (const [i, line] of lines.entries()) {
    const event = decodeLine(line)
    if (event) read.events.push(event)
    else read.damaged.push(i + 1)
  }
  return read
}

/** All lines as one list, which takes a third of the time; undefined where one of them is damaged. */
function decodeAll(text: string): RunEvent[] | undefined {
  try {
    const events: unknown[] = JSON.parse(`[${text.slice(0, -1).replaceAll('\n', ',')}]`)
    return events.length === countLines(text) && events.every(isEvent) ? events : undefined
  } catch {
    return undefined
  }
}

/** Two halves of a line may be one object. */
function countLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
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
