import {withAdvice} from '../core/trace/advice.js'
import type {TraceHeader} from '../core/trace/format.js'
import {describeReason, type Ledger, type LedgerRow, type Reason, type Suggestion} from '../core/trace/ledger.js'

const NEXT_IN_STATS = 2
const NEXT_IN_REPORT = 10
const SCRIPTS = 3

/** A time of a trace, for people: two or three digits, and never more exact than the trace. */
export function describeTime(ms: number): string {
  if (ms >= 100_000) return `${Math.round(ms / 1000)} s`
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms >= 10_000 ? 1 : 2)} s`
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`
}

const percent = (part: number) => `${(Math.floor(part * 1000) / 10).toFixed(1)} %`

/** Where a program is emulated for one reason, that; otherwise the costliest and how many more. */
function describeReasons(reasons: readonly Reason[]): string {
  const [first, ...more] = reasons
  if (!first) return ''
  return `${describeReason(first.outcome)}${more.length > 0 ? ` (and ${more.length} more)` : ''}`
}

/** How much of the build ran native: the report's headline. */
function headline(ledger: Ledger): string {
  if (ledger.mode === 'emulated')
    return `mode emulated: ${ledger.native.execs > 0 ? 'native is what has no build for the CPU' : 'nothing is routed'}`
  if (ledger.share === undefined) return 'no program of the distribution was executed'
  return `${percent(ledger.share)} of the execs of the distribution's programs ran native`
}

const totals = ({native, emulated, own}: Ledger) => [
  `native: ${execsIn(native.time, native.execs)}`,
  `emulated, of the distribution: ${execsIn(emulated.time, emulated.execs)}`,
  `emulated, the build's own programs: ${execsIn(own.time, own.execs)}`,
]

const execsIn = (ms: number, execs: number) => `${execs} ${execs === 1 ? 'exec' : 'execs'}, ${describeTime(ms)}`

/** With what a user can do about it. */
export const describeSuggestion = ({program, execs, time, saving, reason, advice}: Suggestion & {advice: string}): string =>
  `${program}: ${execsIn(time, execs)} emulated (${describeReason(reason)}); its twin would save about ${describeTime(saving)}: ${advice}`

/** Why a program's execs were emulated, for a table. */
export function describeEmulated(row: LedgerRow): string {
  if (row.emulated.execs === 0) return ''
  if (row.origin === 'own') return "the build's own"
  return row.routing === 'never' ? 'never routed' : describeReasons(row.reasons)
}

/** At most five lines, for the end of `run --stats`. */
export function describeStats({environment}: TraceHeader, ledger: Ledger): string[] {
  const all = ledger.native.execs + ledger.emulated.execs + ledger.own.execs
  const [native, ...emulated] = totals(ledger)
  return [
    `${all} execs in ${describeTime(ledger.duration)}; ${headline(ledger)}`,
    `${native}`,
    emulated.join('; '),
    ...withAdvice(ledger.suggestions, environment).slice(0, NEXT_IN_STATS).map(describeSuggestion),
  ]
}

export interface TraceReport {
  facts: string[]
  next: string[]
  /** The first row is the columns' names. */
  ledger: string[][]
}

const cell = ({execs, time}: {execs: number; time: number}) => (execs === 0 ? ['', ''] : [String(execs), describeTime(time)])

const ledgerRow = (row: LedgerRow) => [row.program, ...cell(row.native), ...cell(row.emulated), describeEmulated(row)]

/** The report of `xbuild-env trace FILE` as text. */
export function reportTrace(header: TraceHeader, ledger: Ledger): TraceReport {
  const all = ledger.native.execs + ledger.emulated.execs + ledger.own.execs
  const cutOff = ledger.state === 'cut-off' ? ['the trace was cut off: the session was killed, or still runs'] : []
  return {
    facts: [
      `${header.environment}, ${header.mode}, ${header.started}: ${header.command.join(' ') || 'the shell'}`,
      `${all} execs in ${describeTime(ledger.duration)}; ${headline(ledger)}`,
      ...totals(ledger),
      ...cutOff,
    ],
    next: withAdvice(ledger.suggestions, header.environment)
      .slice(0, NEXT_IN_REPORT)
      .flatMap(suggestion => [
        describeSuggestion(suggestion),
        ...suggestion.scripts.slice(0, SCRIPTS).map(({script, execs, time}) => `  ${script}: ${execsIn(time, execs)}`),
      ]),
    ledger: [['PROGRAM', 'NATIVE', 'TIME', 'EMULATED', 'TIME', 'WHY EMULATED'], ...ledger.rows.map(ledgerRow)],
  }
}
