import {join} from 'node:path'
import {setImmediate as nextTurn} from 'node:timers/promises'
import type {KnownReason} from '../core/bulk/log.js'
import type {BulkPlan} from '../core/bulk/plan.js'
import type {AttemptResult} from '../core/bulk/result.js'
import {rowsOf} from '../core/bulk/rows.js'
import {RunLedger} from '../core/bulk/run-ledger.js'
import type {PackageState, RunState} from '../core/bulk/state.js'
import {type Live, snapshotOf} from '../core/bulk/summary.js'
import {makeDirectoryAtOnce, writeFileAtOnce} from '../host/files.js'
import {readResult} from './attempt-result.js'
import {packagePage} from './package-page.js'
import {runPage} from './page-html.js'
import type {RunDirectory} from './run-directory.js'

/** How often all rows are written anew, ms: thirty thousand are three megabytes. */
const ROWS_EVERY = 10_000
/** Failures and programs that the page's first look has. */
const MOST_FAILURES = 100
const MOST_PROGRAMS = 20

/** Keeps a run's page: plain files in its directory, which any server may serve, or none. */
export class Page {
  readonly #directory: RunDirectory
  readonly #plan: BulkPlan
  readonly #reasons: readonly KnownReason[]
  readonly #ledger = new RunLedger()
  /** Of each package, what its page shows already. */
  readonly #shown = new Map<string, string>()
  #version = 0
  #rowsAt = Number.NEGATIVE_INFINITY

  constructor(directory: RunDirectory, plan: BulkPlan, reasons: readonly KnownReason[]) {
    this.#directory = directory
    this.#plan = plan
    this.#reasons = reasons
    makeDirectoryAtOnce(join(directory.path, 'packages'))
    this.#write('index.html', runPage(plan.name))
  }

  /** What an earlier writer had: a few at a time, while others have their turns. */
  async catchUp(state: RunState): Promise<void> {
    let count = 0
    for (const one of state.packages.values()) {
      if (this.#mark(one) === undefined) continue
      this.#update(one)
      if (++count % 50 === 0) await nextTurn()
    }
  }

  /** `worker`: who works on the run. */
  show(state: RunState, live: Live, worker: string | undefined, urgency: 'soon' | 'now'): void {
    for (const one of state.packages.values()) if (this.#mark(one) !== this.#shown.get(one.planned.name)) this.#update(one)
    const due = urgency === 'now' || performance.now() - this.#rowsAt > ROWS_EVERY
    if (due) {
      this.#put('packages', rowsOf(state))
      this.#version++
      this.#rowsAt = performance.now()
    }
    const {native, emulated, own} = this.#ledger
    const snapshot = snapshotOf(this.#plan, state, live, worker)
    const ledger = this.#ledger.programs(MOST_PROGRAMS)
    const failures = snapshot.failures.slice(0, MOST_FAILURES)
    this.#put('status', {...snapshot, failures, version: this.#version, ledger, time: {native, emulated, own}})
  }

  /** What has not begun has no page, but for what cannot. */
  #mark = (one: PackageState) =>
    one.attempts.length === 0 && one.state !== 'blocked'
      ? undefined
      : `${one.state} ${one.judged?.verdict} ${one.attempts.length} ${one.attempts.at(-1)?.end?.kind}`

  #update(one: PackageState): void {
    const {name} = one.planned
    const mark = this.#mark(one)
    if (mark === undefined) return
    const results = new Map<number, AttemptResult>()
    for (const {number, end} of one.attempts) {
      const result = end && readResult(this.#directory.attempt(name, number))
      if (result) results.set(number, result)
    }
    for (const result of results.values()) this.#ledger.add(result)
    this.#write(join('packages', `${name}.html`), packagePage(one, results, this.#reasons))
    this.#shown.set(name, mark) // where there was no place for it, it is written the next time
  }

  /** As data, and as a script: what lies on a disk may load no data. */
  #put(name: 'status' | 'packages', value: unknown): void {
    const text = JSON.stringify(value)
    this.#write(`${name}.json`, text)
    this.#write(`${name}.js`, `xbuild.${name}(${text})\n`)
  }

  #write(name: string, text: string): void {
    writeFileAtOnce(join(this.#directory.path, name), text)
  }
}
