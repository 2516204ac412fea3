import {readFileSync} from 'node:fs'
import {type FirstError, findFirstError} from '../core/first-error.js'
import {printable} from '../core/printable.js'
import {isThere} from '../host/files.js'

/** A log's lines as they are looked at: of more than twice so many, the first and the last. */
export interface LogLines {
  lines: readonly string[]
  /** How many are left out behind the first KEPT. */
  dropped: number
}

/** A build may print nothing but ends of lines: StepLog keeps 64 MiB of these. */
const KEPT = 100_000
/** Bytes of a line, as StepLog shows them. */
const LONGEST = 4096
const NEWLINE = 0x0a

/** Of no log, none. */
export function readLogLines(path: string, kept = KEPT): LogLines {
  const bytes = isThere(path) ? readFileSync(path) : Buffer.alloc(0)
  if (bytes.length === 0) return {lines: [], dropped: 0}
  let count = 1
  for (const byte of bytes) if (byte === NEWLINE) count++
  const dropped = Math.max(0, count - 2 * kept)
  const lines: string[] = []
  for (let start = 0, number = 0; number < count; number++) {
    const found = bytes.indexOf(NEWLINE, start)
    const end = found === -1 ? bytes.length : found
    if (number < kept || number >= kept + dropped) lines.push(printable(bytes.toString('utf8', start, Math.min(end, start + LONGEST))))
    start = end + 1
  }
  return {lines, dropped}
}

/** By the numbers that the lines have in the log. */
export function firstErrorIn({lines, dropped}: LogLines, kept = KEPT): FirstError | undefined {
  const found = findFirstError(lines)
  if (found === undefined || found.line <= kept) return found
  return {...found, line: found.line + dropped, from: found.from + dropped}
}
