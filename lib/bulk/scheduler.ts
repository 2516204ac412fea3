import type {Order} from '../core/bulk/cycles.js'
import {type AttemptEnd, PASSING, type Phase, type RunEvent} from '../core/bulk/events.js'
import {type Job, Queue} from '../core/bulk/queue.js'
import {isSettled, type RunState} from '../core/bulk/state.js'
import {isNoSpace} from '../host/files.js'
import type {Engine, EngineReport} from './engine.js'
import type {JournalWriter} from './journal.js'

/** An attempt that runs. Times are performance.now()'s. */
export interface RunningAttempt {
  job: Job
  phase: Phase
  since: number
  phaseSince: number
  /** Of a cluster. */
  node?: string
}

export interface SchedulerOptions {
  engine: Engine
  journal: JournalWriter
  state: RunState
  /** What waits for what; by default nothing does. */
  order?: Order | undefined
  /** Attempts that run already. */
  adopted?: readonly Job[]
  /** Processors that attempts share. */
  processors: number
  /** Called after each round in which something happened, and about once a second. */
  onRound: (running: ReadonlyMap<string, RunningAttempt>) => void
  /** What others have asked for since the last round. */
  requests: () => Request[]
  /** Asks attempts to end; a second one ends them at once. */
  interrupted: AbortSignal
  killed: AbortSignal
}

/** `stop`: nothing more begins. `stop-now`: what runs is ended, too. */
export type Request = {kind: 'stop' | 'stop-now'} | {kind: 'again'; packages: readonly string[]}

/** What somebody has left as one. */
export function isRequest(value: unknown): value is Request {
  const {kind, packages} = Object(value) as Record<string, unknown>
  if (kind === 'again') return Array.isArray(packages) && packages.every(name => typeof name === 'string')
  return kind === 'stop' || kind === 'stop-now'
}

/** How a run was left. */
export type RunEnd = 'done' | 'stopped' | 'trouble'

/** ms */
const ROUND = 1000
/** How long what happened may be unsynced, ms: results are whole without it, and each wait for the disk is long. */
const SYNC_EVERY = 200
/** Seconds that are waited where a mirror or the disk fails: twice as many each time. */
const FIRST_WAIT = 30
const LONGEST_WAIT = 300
/** Waits one after the other in which nothing went on: an hour and a half in all. */
const MOST_WAITS = 20

/** Begins attempts and keeps the journal, until nothing is left to be done. */
export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #queue: Queue
  readonly #running = new Map<string, RunningAttempt>()
  #stopping = false
  #synced = 0
  #waits = 0
  #waitUntil: number | undefined

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#queue = new Queue(options.state, options.order)
    for (const job of options.adopted ?? []) this.#start(job)
  }

  async run(): Promise<RunEnd> {
    const {engine, interrupted, killed, onRound} = this.#options
    const stop = () => {
      this.#stopping = true
      engine.cancel('ask')
    }
    if (interrupted.aborted) stop()
    interrupted.addEventListener('abort', stop)
    killed.addEventListener('abort', () => engine.cancel('kill'))
    this.#judgeAll()
    for (;;) {
      this.#takeRequests()
      this.#begin()
      const wait = this.#sync()
      onRound(this.#running)
      const end = this.#end()
      if (end) return end
      for (const report of await engine.poll(wait)) this.#take(report)
    }
  }

  /** Returns how long may be waited for something to happen, ms. */
  #sync(): number {
    const {journal} = this.#options
    const due = this.#synced + SYNC_EVERY - performance.now()
    if (due > 0 && journal.isPending) return due
    this.#write()
    return ROUND
  }

  #write(): void {
    this.#synced = performance.now()
    try {
      this.#options.journal.sync()
    } catch (error) {
      if (!isNoSpace(error)) throw error
      this.#waitUntil ??= performance.now() + FIRST_WAIT * 1000 // what is built meanwhile has no place either
    }
  }

  #end(): RunEnd | undefined {
    if (this.#running.size > 0) return undefined
    if (this.#waits > MOST_WAITS) return 'trouble'
    if (this.#stopping) return 'stopped'
    return this.#queue.size === 0 ? 'done' : undefined
  }

  #begin(): void {
    if (this.#stopping || this.#isWaiting()) return
    const {engine, processors} = this.#options
    const slots = Math.max(engine.slots(), 1)
    const most = Math.max(engine.capacity(), 1)
    while (this.#running.size < most && !this.#isAlone()) {
      const job = this.#queue.take(engine.isolates ? 0 : this.#running.size)
      if (!job) return
      const without = this.#queue.without(job.package)
      const {package: name, attempt, way} = job
      this.#record({kind: 'begun', at: Date.now(), package: name, attempt, way, ...(without.length > 0 ? {without} : {})})
      if (this.#options.order) this.#write() // by which it finds what was built
      this.#start(job)
      const wanted = Math.min(slots, this.#running.size + this.#queue.size)
      engine.submit(job, job.way === 'alone' ? processors : Math.max(1, Math.floor(processors / wanted)))
    }
  }

  #start(job: Job): void {
    const now = performance.now()
    this.#running.set(job.package, {job, phase: 'start', since: now, phaseSince: now})
  }

  #isAlone(): boolean {
    if (this.#options.engine.isolates) return false
    return [...this.#running.values()].some(({job}) => job.way === 'alone')
  }

  #isWaiting(): boolean {
    if (this.#waitUntil === undefined) return false
    if (performance.now() < this.#waitUntil) return true
    this.#waitUntil = undefined
    this.#record({kind: 'goes-on', at: Date.now()})
    return false
  }

  #take(report: EngineReport): void {
    if (report.kind === 'away') return this.#record({kind: 'waits', at: Date.now(), why: report.why})
    if (report.kind === 'back') return this.#record({kind: 'goes-on', at: Date.now()})
    const {job} = report
    const running = this.#running.get(job.package)
    if (!running || running.job.attempt !== job.attempt) return
    if (report.kind === 'phase') {
      enterPhase(running, report.phase, report.node)
      return
    }
    this.#running.delete(job.package)
    this.#record({kind: 'ended', at: Date.now(), package: job.package, attempt: job.attempt, end: report.end})
    this.#waitIfTroubled(report.end)
    this.#goOn(job.package)
  }

  /** What comes next for a package that is not being built. */
  #goOn(name: string): void {
    const one = this.#options.state.packages.get(name)
    if (!one) return
    const step = this.#options.state.step(one)
    if (step.kind === 'attempt') this.#queue.put(one)
    if (step.kind === 'judged' && !one.judged) {
      this.#record({kind: 'judged', at: Date.now(), package: name, verdict: step.verdict, why: step.why})
    }
    if (isSettled(one)) this.#settled(name)
  }

  /** What was built without it is built again, before what waits for both may begin. */
  #settled(name: string): void {
    const again = this.#queue.again(name)
    if (again.length > 0) this.#again(again)
    this.#queue.settled(name)
  }

  /** Of a run that was killed, what had ended and was not judged yet. */
  #judgeAll(): void {
    for (const [name, one] of this.#options.state.packages) {
      const isOpen = !one.judged && this.#options.state.step(one).kind === 'judged'
      if (isOpen || (this.#options.order?.cuts.size && isSettled(one))) this.#goOn(name)
    }
  }

  /** A mirror that is away, a full disk, or an environment that somebody works in, would fail all others too. */
  #waitIfTroubled(end: AttemptEnd): void {
    if (end.kind !== 'infrastructure' || !PASSING.includes(end.trouble)) {
      if (end.kind !== 'interrupted') this.#waits = 0
      return
    }
    if (this.#waitUntil !== undefined) return
    const seconds = Math.min(FIRST_WAIT * 2 ** this.#waits, LONGEST_WAIT)
    this.#waits++
    if (this.#waits > MOST_WAITS) this.#stopping = true
    this.#waitUntil = performance.now() + seconds * 1000
    this.#record({kind: 'waits', at: Date.now(), why: end.why})
  }

  #takeRequests(): void {
    for (const request of this.#options.requests()) {
      if (request.kind === 'again') this.#again(request.packages)
      else this.#stopping = true
      if (request.kind === 'stop') this.#options.engine.cancel('waiting')
      if (request.kind === 'stop-now') this.#options.engine.cancel('ask')
    }
  }

  /** Those that are being built at the moment are left as they are. */
  #again(names: readonly string[]): void {
    const idle = names.filter(name => !this.#running.has(name))
    if (idle.length === 0) return
    this.#record({kind: 'again', at: Date.now(), packages: idle})
    for (const name of idle) this.#goOn(name)
  }

  #record(event: RunEvent): void {
    this.#options.journal.add(event)
    this.#options.state.apply(event)
  }
}

/** What has waited for a slot begins when it has one. */
function enterPhase(running: RunningAttempt, phase: Phase, node: string | undefined): void {
  running.phaseSince = performance.now()
  if (running.phase === 'queue') running.since = running.phaseSince
  running.phase = phase
  if (node !== undefined) running.node = node
}
