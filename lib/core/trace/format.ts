import {XbuildError} from '../errors.js'
import type {Mode} from '../session/mode.js'

/**
 * A trace file: one line of JSON, then the records that shims/trace.h describes, which has the same numbers; a test
 * compares them. A file that was cut off is read up to its last whole record.
 */
export const TRACE_FORMAT = 1

export const KINDS = {start: 1, exec: 2, end: 3, finish: 4} as const
export const OUTCOMES = {
  routed: 0,
  noRoute: 1,
  changed: 2,
  variable: 3,
  locale: 4,
  argument: 5,
  failed: 6,
  requested: 7,
  preload: 8,
  secure: 9,
  entry: 10,
} as const

/** sizeof (struct trace_record) */
export const RECORD_SIZE = 32

/** What a trace file begins with, whatever its version. */
const MARK = '{"file":"xbuild-env trace","format":'

/** What the first line says. */
export interface TraceHeader {
  environment: string
  profile: string
  /** In mode emulated the table has no routes: `no-route` then says nothing of the program. */
  mode: Mode
  /** When the session was started, as ISO 8601. */
  started: string
  command: readonly string[]
  /** Of xbuild-env, which has recorded it; older ones did not say. */
  version?: string
  /** Of the current directory's checkout, where it is in one. */
  commit?: string
}

/** How a program was run, and where it was not its twin, why. */
export type Outcome =
  | {kind: 'routed'; twin: string}
  | {kind: 'no-route'}
  /** The file is another than the one that the route was made for. */
  | {kind: 'changed'}
  /** NAME=value of a variable that reaches into the program. */
  | {kind: 'variable'; variable: string}
  /** NAME=value of a locale whose data a twin cannot read. */
  | {kind: 'locale'; variable: string}
  | {kind: 'argument'; argument: string}
  /** The twin could not be executed, or is not as it was made. */
  | {kind: 'twin-failed'}
  /** The twin began, found that it cannot do what the program does, and became it. */
  | {kind: 'requested'; why: string}
  /** The root has libraries loaded into every program: /etc/ld.so.preload. */
  | {kind: 'preload'}
  /** The program has other rights than its caller. */
  | {kind: 'secure'}
  /** It was handed to the interpreter of an entry of the activator. */
  | {kind: 'entry'; entry: string}

/** Times are in ms since the session's command was started; pids are those of the session. */
export type TraceEvent =
  | {
      kind: 'exec'
      time: number
      pid: number
      /** The nearest ancestor that made an exec; 0 where none is known. */
      parent: number
      user: number
      program: string
      /** From argv[0] on, the first 200 bytes. */
      arguments: string[]
      outcome: Outcome
    }
  | {kind: 'end'; time: number; pid: number}
  | {kind: 'finish'; time: number}

export interface Trace {
  header: TraceHeader
  /** In the order of their times. */
  events: TraceEvent[]
}

export const encodeTraceHeader = (header: TraceHeader): Buffer =>
  Buffer.from(`${JSON.stringify({file: 'xbuild-env trace', format: TRACE_FORMAT, ...header})}\n`)

/** Whether a file that begins so is a trace, of any version. */
export const isTrace = (beginning: Buffer): boolean => beginning.subarray(0, MARK.length).toString('latin1') === MARK

/** Throws `bad-trace` and `newer-format`. `name` is the file's, for the message. */
export function parseTrace(bytes: Buffer, name: string): Trace {
  const lineEnd = bytes.indexOf(0x0a)
  if (!isTrace(bytes) || lineEnd === -1) {
    throw new XbuildError('bad-trace', `${name} is not a trace`, {hint: 'make one: xbuild-env run --trace FILE ENV -- CMD'})
  }
  const header = parseHeader(bytes.subarray(0, lineEnd).toString(), name)
  return {header, events: parseRecords(bytes.subarray(lineEnd + 1))}
}

function parseHeader(line: string, name: string): TraceHeader {
  let found: Partial<TraceHeader> & {format?: unknown}
  try {
    found = JSON.parse(line)
  } catch (error) {
    throw new XbuildError('bad-trace', `${name} is a damaged trace: its first line is not JSON`, {hint: 'record it again', cause: error})
  }
  const {format, environment, profile, mode, started, command, version, commit} = found
  if (typeof format !== 'number' || format > TRACE_FORMAT) {
    throw new XbuildError('newer-format', `${name} was made by a newer xbuild-env (format ${format}; this one reads ${TRACE_FORMAT})`, {
      hint: 'read it with that version, or record it again',
    })
  }
  const isWhole = [environment, profile, started].every(value => typeof value === 'string') && Array.isArray(command)
  if (!isWhole || (mode !== 'hybrid' && mode !== 'emulated')) {
    throw new XbuildError('bad-trace', `${name} is a damaged trace: its first line lacks something`, {hint: 'record it again'})
  }
  const others = Object.entries({version, commit}).filter(([, value]) => typeof value === 'string')
  return {environment, profile, mode, started, command, ...Object.fromEntries(others)} as TraceHeader
}

/** Up to the first record that is not whole: there the file was cut off. */
function parseRecords(bytes: Buffer): TraceEvent[] {
  const events: TraceEvent[] = []
  let start: bigint | undefined
  for (let at = 0; at + RECORD_SIZE <= bytes.length; ) {
    const size = bytes.readUInt16LE(at)
    if (size < RECORD_SIZE || at + size > bytes.length) break
    const record = bytes.subarray(at, at + size)
    start ??= record.readBigUInt64LE(8)
    const event = parseRecord(record, Number(record.readBigUInt64LE(8) - start) / 1e6)
    if (event) events.push(event)
    at += size
  }
  return events.sort((a, b) => a.time - b.time)
}

function parseRecord(record: Buffer, time: number): TraceEvent | undefined {
  const pid = record.readUInt32LE(4)
  switch (record[2]) {
    case KINDS.exec: {
      let at = RECORD_SIZE
      const [program = '', twin = '', detail = '', words = ''] = [24, 26, 28, 30].map(field => {
        const from = at
        at += record.readUInt16LE(field)
        return record.subarray(from, at).toString()
      })
      const outcome = parseOutcome(record[3], twin, detail)
      const [parent, user] = [record.readUInt32LE(16), record.readUInt32LE(20)]
      return {kind: 'exec', time, pid, parent, user, program, arguments: words.split('\0'), outcome}
    }
    case KINDS.end:
      return {kind: 'end', time, pid}
    case KINDS.finish:
      return {kind: 'finish', time}
    default: // the start, from which times are counted
      return undefined
  }
}

function parseOutcome(number: number | undefined, twin: string, detail: string): Outcome {
  switch (number) {
    case OUTCOMES.routed:
      return {kind: 'routed', twin}
    case OUTCOMES.changed:
      return {kind: 'changed'}
    case OUTCOMES.variable:
      return {kind: 'variable', variable: detail}
    case OUTCOMES.locale:
      return {kind: 'locale', variable: detail}
    case OUTCOMES.argument:
      return {kind: 'argument', argument: detail}
    case OUTCOMES.failed:
      return {kind: 'twin-failed'}
    case OUTCOMES.secure:
      return {kind: 'secure'}
    case OUTCOMES.preload:
      return {kind: 'preload'}
    case OUTCOMES.requested:
      return {kind: 'requested', why: detail}
    case OUTCOMES.entry:
      return {kind: 'entry', entry: detail}
    default:
      return {kind: 'no-route'}
  }
}
