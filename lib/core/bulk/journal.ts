import {type AttemptEnd, type RunEvent, VERDICTS, WAYS} from './events.js'

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

/** Of what the one writer wrote, the fields that are looked into: a line that lacks one is none of its own. */
function isEvent(value: unknown): value is RunEvent {
  const {kind, package: name, attempt, way, end, packages, verdict, why, running} = fieldsOf(value)
  if (typeof kind !== 'string' || !KINDS.has(kind)) return false
  if (kind === 'again') return isNames(packages)
  if (kind === 'opened') return running === undefined || isNames(running)
  if (kind === 'begun') return typeof name === 'string' && Number.isSafeInteger(attempt) && isOf(WAYS, way)
  if (kind === 'ended') return typeof name === 'string' && Number.isSafeInteger(attempt) && isEnd(end)
  if (kind === 'judged') return typeof name === 'string' && typeof why === 'string' && isOf(VERDICTS, verdict)
  return true
}

/** How an attempt ended, as the journal and results have it. */
export function isEnd(value: unknown): value is AttemptEnd {
  const {kind, seconds, phase, why, trouble} = fieldsOf(value)
  if (typeof kind !== 'string' || !isOf(ENDS, kind) || typeof seconds !== 'number') return false
  if (kind === 'built' || kind === 'interrupted') return true
  if (typeof why !== 'string') return false
  return kind === 'blocked' || (typeof phase === 'string' && (kind !== 'infrastructure' || typeof trouble === 'string'))
}

const ENDS: readonly AttemptEnd['kind'][] = ['built', 'failed', 'limit', 'blocked', 'infrastructure', 'interrupted']

const isNames = (value: unknown) => Array.isArray(value) && value.every(one => typeof one === 'string')
const fieldsOf = (value: unknown) => Object(value) as Record<string, unknown>
const isOf = (words: readonly string[], value: unknown) => typeof value === 'string' && words.includes(value)
