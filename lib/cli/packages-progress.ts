import type {Engine} from '../bulk/engine.js'
import {keepSnapshot} from '../bulk/kept-snapshot.js'
import {liveOf, writeLive} from '../bulk/live.js'
import type {Page} from '../bulk/page.js'
import type {RunDirectory} from '../bulk/run-directory.js'
import type {RunningAttempt} from '../bulk/scheduler.js'
import type {BulkPlan} from '../core/bulk/plan.js'
import type {RunState, StateName} from '../core/bulk/state.js'
import {failureOf, type Live, snapshotOf} from '../core/bulk/summary.js'
import {isNoSpace} from '../host/files.js'
import {LiveLines, note} from './output.js'
import {describeSnapshot} from './packages-table.js'

/** How often what goes on is shown, ms. */
const EVERY = 1000

/** Shows how a run goes: on a terminal a table that changes, elsewhere a line for each package that ends. */
export class PackagesProgress {
  readonly #plan: BulkPlan
  readonly #engine: Engine
  readonly #directory: RunDirectory
  readonly #page: Page
  readonly #lines = new LiveLines()
  readonly #told = new Map<string, StateName>()
  #waits: string | undefined
  #shown = 0

  constructor(plan: BulkPlan, engine: Engine, directory: RunDirectory, page: Page) {
    this.#plan = plan
    this.#engine = engine
    this.#directory = directory
    this.#page = page
  }

  show = (state: RunState, running: ReadonlyMap<string, RunningAttempt>): void => {
    const now = performance.now()
    if (now - this.#shown < EVERY && state.closed === undefined) return
    this.#shown = now
    const live = liveOf(running, this.#engine.slots(), this.#engine.nodes())
    this.#write(state, live)
    if (!this.#lines.isLive) this.#tellWaits(state)
    this.#tellEnds(state)
    if (!this.#lines.isLive) return
    this.#lines.show(describeSnapshot(snapshotOf(this.#plan, state, live, `process ${process.pid}`), this.#lines.room))
  }

  /** A page that finds no place on the disk is written later; a build goes on without it. */
  #write(state: RunState, live: Live): void {
    const worker = state.closed === undefined ? `process ${process.pid}` : undefined
    try {
      writeLive(this.#directory, live)
      this.#page.show(state, live, worker, worker === undefined ? 'now' : 'soon')
      if (worker === undefined) keepSnapshot(this.#directory, snapshotOf(this.#plan, state, live, undefined))
    } catch (error) {
      if (!isNoSpace(error)) throw error
    }
  }

  say(line: string): void {
    this.#lines.clear()
    note(line)
  }

  end(): void {
    this.#lines.clear()
  }

  #tellWaits({waits}: RunState): void {
    if (waits === this.#waits) return
    this.#waits = waits
    note(waits === undefined ? 'goes on' : `waits: ${waits}`)
  }

  #tellEnds(state: RunState): void {
    for (const [name, one] of state.packages) {
      const before = this.#told.get(name)
      if (before === one.state || one.state === 'queued') continue
      this.#told.set(name, one.state)
      if (this.#lines.isLive) continue
      if (one.state === 'building') note(`${name}: begun`)
      else if (one.state === 'built') note(`${name}: built`)
      else note(`${name}: ${one.state}: ${failureOf(one).verdict ?? ''} ${failureOf(one).how}`)
    }
  }
}
