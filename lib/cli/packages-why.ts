import {join} from 'node:path'
import {HANG_FILE, LOG_FILE, readResult} from '../bulk/attempt-result.js'
import {readOrder} from '../bulk/order-file.js'
import {readState} from '../bulk/run.js'
import {findRun, type RunDirectory, readPlan} from '../bulk/run-directory.js'
import {readReasons} from '../config/reasons.js'
import {describeComparison} from '../core/bulk/archive-comparison.js'
import type {KnownReason} from '../core/bulk/log.js'
import type {AttemptResult} from '../core/bulk/result.js'
import {type Attempt, isSettled, type PackageState, type RunState, tellingAttempt} from '../core/bulk/state.js'
import {describeEnd, failureOf} from '../core/bulk/summary.js'
import {XbuildError} from '../core/errors.js'
import {nearest} from '../core/nearest.js'
import {isThere} from '../host/files.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import {print, printLog} from './output.js'
import {describeSeconds} from './packages-table.js'

export interface FoundPackage {
  directory: RunDirectory
  state: RunState
  one: PackageState
  reasons: readonly KnownReason[]
}

/** A package of a run. Throws `unknown-package`, with the nearest. */
export async function findPackage(name: string, run: string | undefined): Promise<FoundPackage> {
  const {store} = await openContext()
  const directory = await findRun(store, run)
  const reasons = await readReasons()
  const state = readState(directory)
  const one = state.packages.get(name)
  if (one) return {directory, state, one, reasons}
  const near = nearest(name, [...state.packages.keys()])
  throw new XbuildError('unknown-package', `the run "${readPlan(directory).name}" has no package "${name}"`, {
    hint: near ? `did you mean ${near}?` : `xbuild-env packages status ${readPlan(directory).name} lists what it has`,
  })
}

export async function packagesWhy(name: string, run: string | undefined, {json}: {json?: boolean}): Promise<number> {
  const found = await findPackage(name, run)
  const {one, reasons} = found
  const failure = failureOf(one)
  const telling = tellingAttempt(one)
  const result = telling && readResult(found.directory.attempt(name, telling.number))
  const reason = reasons.find(({id}) => id === failure.reason)
  if (json) {
    printAs('packages why', {
      ...failure,
      state: one.state,
      attempts: one.attempts,
      reason: reason && {...reason, pattern: undefined},
      result,
    })
    return 0
  }
  const judged = one.judged ? `: ${one.judged.verdict}, ${one.judged.why}` : ''
  print(`${name} ${one.planned.version}: ${one.state}${judged}`)
  for (const attempt of one.attempts) print(`  attempt ${attempt.number}, ${attempt.way}: ${describeAttempt(attempt)}`)
  if (one.planned.blocked !== undefined) print(`  what it needs cannot be installed: ${one.planned.blocked}`)
  if (reason) print(`  reason: ${reason.reason}\n  what helps: ${reason.remedy}`)
  const open = waitsFor(found)
  if (open.length > 0) print(`  waits for ${open.join(', ')}`)
  print(`  needed by ${one.planned.dependents} source packages of the archive`)
  if (result) tellResult(found, result)
  return 0
}

/** What has to be settled before it begins. */
function waitsFor({directory, state, one}: FoundPackage): string[] {
  if (one.state !== 'queued') return []
  const needs = readOrder(directory)?.needs ?? new Map<string, ReadonlySet<string>>()
  const isOpen = (name: string): boolean => {
    const other = state.packages.get(name)
    return other ? !isSettled(other) : [...(needs.get(name) ?? [])].some(isOpen) // all of a cycle
  }
  return [...(needs.get(one.planned.name) ?? [])].filter(isOpen)
}

const describeAttempt = ({end, without}: Attempt) => (without ? `with the archive's ${without.join(', ')}: ` : '') + describeItsEnd(end)

const describeItsEnd = (end: Attempt['end']) =>
  end ? `${describeEnd(end)}${end.seconds > 0 ? `, ${describeSeconds(end.seconds)}` : ''}` : 'is going on'

function tellResult({directory, one}: FoundPackage, {attempt, error, failedTests, twinsFailed, archive = []}: AttemptResult): void {
  const place = directory.attempt(one.planned.name, attempt)
  if (twinsFailed !== undefined) print(`  it was slower than it could be: ${twinsFailed}`)
  for (const test of failedTests) print(`  test failed: ${test}`)
  if (isThere(join(place, HANG_FILE))) print(`  what it did when it hung: ${join(place, HANG_FILE)}`)
  for (const compared of archive) {
    print(`  ${compared.package} and the archive's ${compared.version}: ${describeComparison(compared)}`)
    for (const {place, detail} of compared.differences) print(`    ${place}: ${detail}`)
  }
  if (!error) return
  print(`  the first error, in line ${error.line} of ${join(place, LOG_FILE)}:`)
  for (const [i, line] of error.lines.entries()) print(`${error.from + i === error.line ? '> ' : '  '}${line}`)
}

export async function packagesLog(name: string, run: string | undefined, options: {attempt?: string}): Promise<number> {
  const {directory, one} = await findPackage(name, run)
  const number = options.attempt === undefined ? tellingAttempt(one)?.number : Number(options.attempt)
  const path = number === undefined ? undefined : join(directory.attempt(name, number), LOG_FILE)
  if (path === undefined || !isThere(path)) {
    throw new XbuildError('unknown-package', `${name} has no log${number === undefined ? ' yet' : ` of attempt ${number}`}`, {
      hint: `its attempts: ${one.attempts.map(attempt => attempt.number).join(', ') || 'none yet'}`,
    })
  }
  await printLog(path)
  return 0
}
