import {setImmediate as nextTurn} from 'node:timers/promises'
import type {Engine, EngineReport} from '../../../lib/bulk/engine.js'
import type {AttemptEnd} from '../../../lib/core/bulk/events.js'
import {type BulkPlan, PLAN_FORMAT, type PlannedPackage} from '../../../lib/core/bulk/plan.js'
import type {Job} from '../../../lib/core/bulk/queue.js'

export const planned = (name: string, more: Partial<PlannedPackage> = {}): PlannedPackage => ({
  name,
  version: '1-1',
  section: 'misc',
  size: 1000,
  expected: 10,
  dependents: 0,
  ...more,
})

export const planOf = (packages: readonly PlannedPackage[], policy: Partial<BulkPlan['policy']> = {}): BulkPlan => ({
  format: PLAN_FORMAT,
  name: 'imitated',
  made: '2026-11-30T00:00:00.000Z',
  environment: 'mips64el',
  architecture: 'mips64el',
  suite: 'bookworm',
  native: 'amd64',
  settings: {
    checks: 'run',
    profiles: [],
    traces: 'kept',
    archive: 'not-compared',
    limits: {time: 3600, silence: 600, memory: undefined, processes: 100, disk: undefined},
  },
  policy: {retries: 1, budget: 1e6, experiments: ['alone', 'native', 'emulated'], ...policy},
  against: 'archive',
  first: 'longest',
  packages,
  left: [],
})

export const built: AttemptEnd = {kind: 'built', seconds: 1}
export const failed: AttemptEnd & {kind: 'failed'} = {kind: 'failed', seconds: 1, phase: 'build', why: 'it ended with 2', exitCode: 2}
export const trouble = (kind: 'gone' | 'away' | 'lost' | 'busy'): AttemptEnd => ({
  kind: 'infrastructure',
  seconds: 1,
  phase: 'fetch',
  trouble: kind,
  why: kind,
})

/** Runs nothing: each attempt ends as it is told, some turns later, several at a time. */
export class ImitatedEngine implements Engine {
  readonly submitted: Job[] = []
  /** How many ran at once, at most; and beside one that was to be alone. */
  most = 0
  besideAlone = 0
  #running: Job[] = []
  readonly #slots: number
  readonly #end: (job: Job) => AttemptEnd

  constructor(slots: number, end: (job: Job) => AttemptEnd) {
    this.#slots = slots
    this.#end = end
  }

  slots = () => this.#slots
  capacity = () => this.#slots
  readonly isolates = false
  find = () => undefined
  adopt = async () => []
  nodes = () => undefined

  submit(job: Job): void {
    this.submitted.push(job)
    this.#running.push(job)
    this.most = Math.max(this.most, this.#running.length)
    if (this.#running.some(({way}) => way === 'alone')) this.besideAlone = Math.max(this.besideAlone, this.#running.length - 1)
  }

  /** What runs ends as it is told. */
  cancel(): void {}

  async poll(): Promise<EngineReport[]> {
    await nextTurn()
    const ended = this.#running.splice(0, 1 + (this.submitted.length % 3))
    return ended.map(job => ({kind: 'ended', job, end: this.#end(job)}))
  }
}
