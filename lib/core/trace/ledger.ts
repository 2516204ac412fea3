import type {Mode} from '../session/mode.js'
import type {Outcome, TraceHeader} from './format.js'
import type {Span, Spans} from './spans.js'

/** `own`: what the build itself made, which is emulated by its nature. */
export type Origin = 'distribution' | 'own'

/** Times are in ms, and are own times: see Span. */
export interface Sum {
  execs: number
  time: number
}

export interface Reason extends Sum {
  outcome: Exclude<Outcome, {kind: 'routed'}>
}

export interface LedgerRow {
  program: string
  origin: Origin
  /** `never`: by the profile's rules, since it names the machine, or its output depends on it. */
  routing: 'possible' | 'never'
  native: Sum
  emulated: Sum
  /** Why execs of it were emulated, the costliest first. */
  reasons: Reason[]
  /** What an emulated interpreter was given to run, the costliest first; empty for other programs. */
  scripts: (Sum & {script: string})[]
}

/** A program that would be worth a route. */
export interface Suggestion {
  program: string
  execs: number
  time: number
  /** How much less it would take as a twin, ms: an estimate. */
  saving: number
  reason: Reason['outcome']
  scripts: LedgerRow['scripts']
}

export interface Ledger {
  mode: Mode
  state: Spans['state']
  /** How long the session's command took, ms. */
  duration: number
  native: Sum
  /** Emulated programs of the distribution. */
  emulated: Sum
  /** Emulated programs of the build's own. */
  own: Sum
  /** Of the execs of the distribution's programs, the part that ran native: 0 to 1, or undefined where there are none. */
  share: number | undefined
  /** The costliest first. */
  rows: LedgerRow[]
  suggestions: Suggestion[]
}

/**
 * How many times as long a program takes under qemu. Measured: GNU sed's build, all emulated to native, 15 (README.md,
 * "How fast"); the start of true 11, and a loop of dash's 8 to 17. A round number between these: what follows from it is
 * an estimate, and called so.
 */
const SLOWDOWN = 12

/** What is not worth a line of the report, ms. */
const SMALLEST_SAVING = 1

/** Below these a distribution keeps its programs, hier(7); /usr/local is the administrator's, or the build's. */
const DISTRIBUTION = /^\/(usr|bin|sbin|lib(32|64|x32)?|opt)\//
const LOCAL = /^\/usr\/local\//

export const originOf = (program: string): Origin => (DISTRIBUTION.test(program) && !LOCAL.test(program) ? 'distribution' : 'own')

const INTERPRETERS = /\/(perl|python|ruby|tclsh|guile|lua|php|sh|dash|bash|ksh|zsh|m?awk|gawk)[\d.]*$/
/** Options whose program is the next argument itself. */
const INLINE = /^-\w*[ceE]$/

/** What an interpreter was told to run; undefined for any other program. */
export function scriptOf(program: string, words: readonly string[]): string | undefined {
  if (!INTERPRETERS.test(program)) return undefined
  for (const word of words.slice(1)) {
    if (INLINE.test(word)) return `${word} …`
    if (!word.startsWith('-')) return word.includes('\n') || word.includes(' ') ? '(inline)' : word
  }
  return '(standard input)'
}

/** What a reason is called, without what it is about. */
export function describeReason(outcome: Reason['outcome']): string {
  switch (outcome.kind) {
    case 'no-route':
      return 'no route'
    case 'changed':
      return "not the package's file"
    case 'variable':
      return `variable ${nameOf(outcome.variable)}`
    case 'locale':
      return `locale ${outcome.variable}`
    case 'argument':
      return `argument ${outcome.argument}`
    case 'twin-failed':
      return 'its twin is gone or damaged'
    case 'secure':
      return "other rights than its caller's"
    case 'preload':
      return '/etc/ld.so.preload'
    case 'requested':
      return outcome.why
    case 'entry':
      return `entry ${outcome.entry}`
  }
}

/** Of LD_PRELOAD also the libraries: each may be another's business. man 8 ld.so: by spaces and colons. */
function nameOf(variable: string): string {
  const [name = '', ...value] = variable.split('=')
  if (name !== 'LD_PRELOAD') return name
  const libraries = value
    .join('=')
    .split(/[\s:]+/)
    .filter(Boolean)
  return `${name}: ${libraries.map(path => path.replace(/.*\//, '')).join(', ')}`
}

function addTo<K, V extends Sum>(sums: Map<K, V>, key: K, empty: () => V, time: number): V {
  const sum = sums.get(key) ?? empty()
  sums.set(key, sum)
  count(sum, time)
  return sum
}

function count(sum: Sum, time: number): void {
  sum.execs++
  sum.time += time
}

const none = (): Sum => ({execs: 0, time: 0})
const costliestFirst = <T extends Sum>(sums: Iterable<T>): T[] => [...sums].sort((a, b) => b.time - a.time || b.execs - a.execs)

function groupByProgram(spans: readonly Span[]): Map<string, Span[]> {
  const groups = new Map<string, Span[]>()
  for (const span of spans) {
    const group = groups.get(span.program)
    if (group) group.push(span)
    else groups.set(span.program, [span])
  }
  return groups
}

function makeRow(program: string, spans: readonly Span[], routing: LedgerRow['routing']): LedgerRow {
  const [native, emulated] = [none(), none()]
  const reasons = new Map<string, Reason>()
  const scripts = new Map<string, Sum & {script: string}>()
  for (const {outcome, own, arguments: words} of spans) {
    if (outcome.kind === 'routed') {
      count(native, own)
      continue
    }
    count(emulated, own)
    addTo(reasons, describeReason(outcome), () => ({outcome, ...none()}), own)
    const script = scriptOf(program, words)
    if (script !== undefined) addTo(scripts, script, () => ({script, ...none()}), own)
  }
  return {
    program,
    origin: originOf(program),
    routing,
    native,
    emulated,
    reasons: costliestFirst(reasons.values()),
    scripts: costliestFirst(scripts.values()),
  }
}

const sumOf = (sums: readonly Sum[]): Sum =>
  sums.reduce((all, {execs, time}) => ({execs: all.execs + execs, time: all.time + time}), none())

/** What a twin would save: all but one part in SLOWDOWN. Start and work are alike in this, so that one factor does. */
function suggest(row: LedgerRow): Suggestion[] {
  const reason = row.reasons[0]?.outcome
  const saving = row.emulated.time * (1 - 1 / SLOWDOWN)
  if (row.origin !== 'distribution' || row.routing === 'never' || !reason || saving < SMALLEST_SAVING) return []
  return [{program: row.program, execs: row.emulated.execs, time: row.emulated.time, saving, reason, scripts: row.scripts}]
}

/** `isNever` tells of the programs that the profile's rules never route. */
export function makeLedger(header: TraceHeader, built: Spans, isNever: (program: string) => boolean = () => false): Ledger {
  const byProgram = groupByProgram(built.spans)
  const total = (row: LedgerRow) => row.native.time + row.emulated.time
  const rows = [...byProgram]
    .map(([program, spans]) => makeRow(program, spans, isNever(program) ? 'never' : 'possible'))
    .sort((a, b) => total(b) - total(a))
  const of = (origin: Origin) => rows.filter(row => row.origin === origin)
  const native = sumOf(of('distribution').map(row => row.native))
  const emulated = sumOf(of('distribution').map(row => row.emulated))
  const all = native.execs + emulated.execs
  return {
    mode: header.mode,
    state: built.state,
    duration: built.end,
    native: sumOf(rows.map(row => row.native)),
    emulated,
    own: sumOf(of('own').map(row => row.emulated)),
    share: all === 0 ? undefined : native.execs / all,
    rows,
    suggestions: header.mode === 'emulated' ? [] : rows.flatMap(suggest).sort((a, b) => b.saving - a.saving),
  }
}
