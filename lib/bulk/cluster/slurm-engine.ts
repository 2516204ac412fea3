import {type ClusterJob, fateOf, jobName, jobPrefix} from '../../core/bulk/cluster.js'
import type {AttemptEnd, Trouble} from '../../core/bulk/events.js'
import type {AttemptLimits} from '../../core/bulk/plan.js'
import type {Job} from '../../core/bulk/queue.js'
import type {LiveNode} from '../../core/bulk/summary.js'
import {isNoSpace} from '../../host/files.js'
import type {Cluster, JobRequest} from '../../host/slurm.js'
import type {Engine, EngineReport} from '../engine.js'
import {CLOCK, type Clock} from './clock.js'
import {ClusterNodes} from './nodes.js'
import type {AttemptOrder, ClusterChoice, SharedRun} from './shared-run.js'
import type {Tracked} from './tracked.js'

export interface SlurmEngineOptions {
  cluster: Cluster
  run: SharedRun
  choice: ClusterChoice
  limits: AttemptLimits
  /** What the node that gets it has to know of a job. */
  orderOf: (job: Job) => AttemptOrder
  /** The shell script that a job runs. */
  scriptOf: (job: Job) => string
  clock?: Clock
}

/** How often the cluster is asked for jobs, ms, and, so many times less often, for nodes. */
const LOOK_EVERY = 2000
const NODES_EVERY = 5
/** Attempts for a slot: one that runs, and two that wait for it. */
const PER_SLOT = 3
/** What did not work is not tried again before, ms. */
const PAUSE = 10_000
/** Programs of Slurm's that submit, at once. */
const SUBMITTERS = 8
/** How long a result may take to be seen after its job has ended, ms: directories of other machines are seen late. */
const LATE = 60_000
/** Seconds that a job has beyond its attempt's own limit: for the environment, and to end. */
const MARGIN = 1800
/** Bytes beyond its attempt's own limit of memory: this program's. */
const OWN_MEMORY = 512 * 2 ** 20

/** Attempts as jobs of a cluster. */
export class SlurmEngine implements Engine {
  readonly isolates = true
  readonly #options: SlurmEngineOptions
  /** Nothing more is waited for. */
  readonly #signal: AbortSignal
  readonly #clock: Clock
  readonly #nodes: ClusterNodes
  readonly #tracked = new Map<string, Tracked>()
  /** By package: where its last attempt was lost. */
  readonly #lostOn = new Map<string, string>()
  /** Those that `submit` was called for, in their order. */
  #toSubmit: Tracked[] = []
  #submitting = 0
  #looks = 0
  #looked = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined
  #isAway = false
  #pauseUntil = Number.NEGATIVE_INFINITY
  #reports: EngineReport[] = []
  #wake = () => {}
  #cancelled: 'no' | 'ask' | 'kill' = 'no'
  #failure: unknown

  private constructor(options: SlurmEngineOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
    this.#clock = options.clock ?? CLOCK
    this.#nodes = new ClusterNodes(options.cluster, options.run, options.choice)
  }

  /** Knows the cluster's nodes; waits for a cluster that does not answer. */
  static async open(options: SlurmEngineOptions, signal: AbortSignal): Promise<SlurmEngine> {
    const engine = new SlurmEngine(options, signal)
    while (!signal.aborted && !(await engine.#nodes.look())) await engine.#pause()
    return engine
  }

  slots = (): number => this.#nodes.slots()

  capacity(): number {
    return this.#options.choice.slots ?? this.slots() * PER_SLOT
  }

  submit(job: Job): void {
    const name = this.#nameOf(job)
    if (this.#tracked.has(name)) return
    const tracked: Tracked = {job, name, state: {kind: 'new'}, node: undefined, told: 'queue', endedAt: undefined}
    this.#tracked.set(name, tracked)
    this.#report({kind: 'phase', job, phase: 'queue'})
    this.#toSubmit.push(tracked)
    this.#submitSome()
  }

  async poll(timeoutMs: number): Promise<EngineReport[]> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#clock.now() - this.#looked >= LOOK_EVERY) this.#look()
    if (this.#reports.length === 0) {
      await new Promise<void>(resolve => {
        const forget = this.#clock.after(timeoutMs, resolve)
        this.#wake = () => {
          forget()
          resolve()
        }
      })
    }
    return this.#reports.splice(0)
  }

  cancel(how: 'ask' | 'kill' | 'waiting'): void {
    if (how !== 'waiting') this.#cancelled = how
    this.#toSubmit = []
    for (const one of [...this.#tracked.values()]) {
      if (one.state.kind === 'new') this.#ended(one, INTERRUPTED)
    }
    const ids = this.#idsOf(one => how !== 'waiting' || one.node === undefined)
    if (how === 'waiting') for (const one of this.#tracked.values()) if (one.node === undefined) this.#givenUp.add(one.name)
    void this.#options.cluster.cancel(ids, how).catch(() => {}) // where it does not answer: at the next look
  }

  /** Of jobs that this engine itself took back from the queue. */
  readonly #givenUp = new Set<string>()

  find = ({package: name, attempt, way}: Job): AttemptEnd | undefined => {
    const result = this.#options.run.result(name, attempt)
    return result?.way === way ? result.end : undefined
  }

  /** Those that the cluster knows, also of those that have ended: what became of them is told. It is waited for. */
  async adopt(jobs: readonly Job[]): Promise<readonly Job[]> {
    if (jobs.length === 0) return []
    let known = await this.#options.cluster.jobs()
    while (!known) {
      if (this.#signal.aborted) return []
      await this.#pause()
      known = await this.#options.cluster.jobs()
    }
    const byName = this.#latest(known)
    return jobs.filter(job => {
      const found = byName.get(this.#nameOf(job))
      if (!found) return false
      const state = {kind: 'submitted', id: found.id, since: this.#clock.now(), missed: 0} as const
      this.#tracked.set(found.name, {job, name: found.name, state, node: undefined, told: 'start', endedAt: undefined})
      return true
    })
  }

  nodes(): readonly LiveNode[] {
    const running = new Map<string, number>()
    for (const {node} of this.#tracked.values()) if (node !== undefined) running.set(node, (running.get(node) ?? 0) + 1)
    return this.#nodes.live(running)
  }

  #pause = () => new Promise<void>(resolve => void this.#clock.after(LOOK_EVERY, resolve))

  #nameOf = (job: Job) => jobName(this.#options.choice.id, job)

  #idsOf = (isMeant: (one: Tracked) => boolean) =>
    [...this.#tracked.values()].flatMap(one => (one.state.kind === 'submitted' && isMeant(one) ? [one.state.id] : []))

  /** A few at once; what the cluster does not take now is tried again after the next look that finds it there. */
  #submitSome(): void {
    while (this.#submitting < SUBMITTERS && !this.#isAway) {
      const one = this.#toSubmit.shift()
      if (!one) return
      this.#submitting++
      one.state = {kind: 'submitting'}
      this.#submitOne(one)
        .catch(error => this.#fail(error))
        .finally(() => {
          this.#submitting--
          this.#submitSome()
        })
    }
  }

  async #submitOne(one: Tracked): Promise<void> {
    const {cluster, run, orderOf} = this.#options
    try {
      run.putOrder(orderOf(one.job))
    } catch (error) {
      if (run.isThere() && !isNoSpace(error)) throw error
      this.#away(`the shared directory cannot be written: ${error instanceof Error ? error.message : String(error)}`, PAUSE)
      this.#again(one)
      return
    }
    const answer = await cluster.submit(this.#requestOf(one))
    if (answer.kind === 'not-now') {
      one.state = {kind: 'unsure', since: this.#clock.now()}
      this.#away(`Slurm takes no jobs: ${answer.why}`, PAUSE)
      return
    }
    one.state = {kind: 'submitted', id: answer.id, since: this.#clock.now(), missed: 0}
    if (this.#cancelled !== 'no') await cluster.cancel([answer.id], 'ask')
  }

  #requestOf({job, name}: Tracked): JobRequest {
    const {choice, limits, scriptOf} = this.#options
    return {
      name,
      script: scriptOf(job),
      processors: choice.processors,
      minutes: Math.ceil((limits.time + MARGIN) / 60),
      memory: limits.memory === undefined ? undefined : limits.memory + OWN_MEMORY,
      partition: choice.partition,
      exclude: this.#nodes.without(this.#lostOn.get(job.package)),
      node: job.way === 'alone' ? 'its-own' : 'shared',
    }
  }

  #look(): void {
    this.#looking ??= this.#lookAtAll()
      .catch(error => this.#fail(error))
      .finally(() => {
        this.#looked = this.#clock.now()
        this.#looking = undefined
      })
  }

  async #lookAtAll(): Promise<void> {
    const began = this.#clock.now()
    const known = await this.#options.cluster.jobs()
    if (!known) return this.#away('Slurm does not answer')
    if (this.#looks++ % NODES_EVERY === 0) await this.#nodes.look()
    this.#back()
    const jobs = this.#latest(known)
    for (const one of [...this.#tracked.values()]) this.#lookAt(one, jobs.get(one.name), began)
    if (this.#cancelled !== 'no')
      await this.#options.cluster.cancel(
        this.#idsOf(({endedAt}) => endedAt === undefined),
        'ask',
      )
    this.#submitSome()
  }

  /** Of the jobs of this run, the last of each name: a submission whose answer was lost may have been made twice. */
  #latest(known: readonly ClusterJob[]): Map<string, ClusterJob> {
    const prefix = jobPrefix(this.#options.choice.id)
    const own = known.filter(({name}) => name.startsWith(prefix))
    return new Map(own.sort((a, b) => Number(a.id) - Number(b.id)).map(job => [job.name, job]))
  }

  #lookAt(one: Tracked, found: ClusterJob | undefined, began: number): void {
    const {state} = one
    if (state.kind === 'new' || state.kind === 'submitting') return
    if (!found) {
      if (state.since >= began) return // it came after what was looked at
      if (state.kind === 'unsure') return this.#again(one)
      if (++state.missed > 1) this.#withoutJob(one, 'lost', 'Slurm does not know its job any more')
      return
    }
    one.state = {kind: 'submitted', id: found.id, since: state.since, missed: 0}
    const fate = fateOf(found)
    switch (fate.kind) {
      case 'waits':
        one.node = undefined
        return
      case 'runs':
        return this.#runs(one, found)
      case 'ended':
        one.node = found.node
        return this.#withoutJob(one, 'lost', `its job ended on ${found.node ?? 'a node'} and left no result`)
      case 'lost':
        one.node = found.node
        return this.#withoutJob(one, 'node', fate.why)
    }
  }

  #runs(one: Tracked, {node}: ClusterJob): void {
    const {run} = this.#options
    const {package: name, attempt} = one.job
    const told = run.told(name, attempt)
    const phase = told?.kind === 'phase' ? told.phase : 'start'
    if (one.told === phase && one.node === node) return
    one.told = phase
    one.node = node
    this.#report({kind: 'phase', job: one.job, phase, ...(node === undefined ? {} : {node})})
  }

  /** Its result counts, however its job ended. Without one: it may be seen late, or its node was none to build on. */
  #withoutJob(one: Tracked, trouble: Trouble, why: string): void {
    const {run} = this.#options
    if (!run.isThere()) return this.#away('the shared directory is not there')
    const end = this.find(one.job)
    if (end) return this.#ended(one, end)
    if (this.#cancelled !== 'no' || this.#givenUp.delete(one.name)) return this.#ended(one, INTERRUPTED)
    if (one.node !== undefined && this.#nodes.isUnfit(one.node) && this.slots() > 0) return this.#again(one)
    const told = run.told(one.job.package, one.job.attempt)
    if (trouble === 'lost' && told?.kind !== 'trouble') {
      one.endedAt ??= this.#clock.now()
      if (this.#clock.now() - one.endedAt < LATE) return
    }
    if (one.node !== undefined) this.#lostOn.set(one.job.package, one.node)
    const isToldOf = trouble === 'lost' && told?.kind === 'trouble'
    this.#ended(one, {kind: 'infrastructure', seconds: 0, phase: 'start', trouble, why: isToldOf ? `${told.why} (on ${one.node})` : why})
  }

  #again(one: Tracked): void {
    one.state = {kind: 'new'}
    one.node = undefined
    one.endedAt = undefined
    one.told = 'queue'
    if (this.#cancelled !== 'no') return this.#ended(one, INTERRUPTED)
    this.#toSubmit.push(one)
  }

  #ended(one: Tracked, end: AttemptEnd): void {
    this.#tracked.delete(one.name)
    this.#report({kind: 'ended', job: one.job, end})
  }

  /** `pause`: how long nothing is submitted for that, ms. */
  #away(why: string, pause = 0): void {
    this.#pauseUntil = this.#clock.now() + pause
    if (this.#isAway) return
    this.#isAway = true
    this.#report({kind: 'away', why})
  }

  #back(): void {
    if (!this.#isAway || this.#clock.now() < this.#pauseUntil || !this.#options.run.isThere()) return
    this.#isAway = false
    this.#report({kind: 'back'})
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#wake()
  }

  #report(report: EngineReport): void {
    this.#reports.push(report)
    this.#wake()
  }
}

const INTERRUPTED: AttemptEnd = {kind: 'interrupted', seconds: 0}
