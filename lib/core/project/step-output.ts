import {findError} from '../first-error.js'
import {printable, shortened} from '../printable.js'
import type {StepOutput} from './build-result.js'

/** Lines of a failed step's end that reports show. */
const SHOWN = 50

/** Characters of a line that are shown, and in which an error is looked for: a program may print millions without an end of line. */
const LINE = 2000

/** What tells why a step failed, of all that it printed. */
export function stepOutput(text: string): StepOutput {
  const lines = text
    .replace(/\n$/, '')
    .split('\n')
    .map(line => shortened(line, LINE))
  if (text === '') return {end: [], lines: 0}
  const error = findError(lines.map(printable))
  return {end: lines.slice(-SHOWN).map(printable), lines: lines.length, ...(error ? {error} : {})}
}
