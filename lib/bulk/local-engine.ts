import {freemem} from 'node:os'
import {dirname, join} from 'node:path'
import type {AttemptEnd, Phase} from '../core/bulk/events.js'
import {PHASES} from '../core/bulk/log.js'
import type {Job} from '../core/bulk/queue.js'
import {isNoSpace, makeDirectoryAtOnce} from '../host/files.js'
import {startWorker, type Worker} from '../host/worker.js'
import {NO_SPACE, readResult} from './attempt-result.js'
import type {Engine, EngineReport} from './engine.js'
import type {RunDirectory} from './run-directory.js'

export interface LocalEngineOptions {
  directory: RunDirectory
  /** Attempts at once; undefined: by processors and memory. */
  slots: number | undefined
  processors: number
}

/** Bytes that an attempt is taken to need: g++ under a linker's run, seen in builds of C++ packages. */
const MEMORY_OF_ATTEMPT = 1.5 * 2 ** 30

/** Attempts on this machine: each a process of its own. */
export class LocalEngine implements Engine {
  readonly #options: LocalEngineOptions
  readonly #workers = new Map<Job, Worker>()
  /** Those whose attempts found no place for their results. */
  readonly #withoutSpace = new Set<Job>()
  #reports: EngineReport[] = []
  #wake = () => {}
  #isCancelled = false

  constructor(options: LocalEngineOptions) {
    this.#options = options
  }

  slots(): number {
    const {slots, processors} = this.#options
    if (slots !== undefined) return slots
    const byMemory = this.#workers.size + Math.floor(freemem() / MEMORY_OF_ATTEMPT)
    return Math.max(1, Math.min(processors, byMemory))
  }

  capacity = (): number => this.slots()
  readonly isolates = false

  submit(job: Job, jobs: number): void {
    const {directory} = this.#options
    const place = directory.attempt(job.package, job.attempt)
    const args = ['packages', '__attempt', directory.path, job.package, String(job.attempt), job.way, String(jobs)]
    try {
      makeDirectoryAtOnce(dirname(place))
      const worker = startWorker(args, join(dirname(place), 'messages'), line => this.#read(job, line))
      this.#workers.set(job, worker)
      worker.ended.then(
        code => this.#ended(job, code),
        error => this.#report({kind: 'ended', job, end: lost(String(error))}),
      )
    } catch (error) {
      if (!isNoSpace(error)) throw error
      this.#report({kind: 'ended', job, end: DISK_FULL})
    }
  }

  async poll(timeoutMs: number): Promise<EngineReport[]> {
    if (this.#reports.length === 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, timeoutMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return this.#reports.splice(0)
  }

  /** None waits. */
  cancel(how: 'ask' | 'kill' | 'waiting'): void {
    if (how === 'waiting') return
    this.#isCancelled = true
    for (const worker of this.#workers.values()) worker.end(how)
  }

  find = ({package: name, attempt, way}: Job): AttemptEnd | undefined => {
    const result = readResult(this.#options.directory.attempt(name, attempt))
    return result?.way === way ? result.end : undefined
  }

  /** They have ended with whoever began them. */
  adopt = async (): Promise<readonly Job[]> => []

  nodes = () => undefined

  #read(job: Job, line: string): void {
    if (line === NO_SPACE) this.#withoutSpace.add(job)
    if (isPhase(line)) this.#report({kind: 'phase', job, phase: line})
  }

  /** What has no result was interrupted, where all are, or lost. */
  #ended(job: Job, code: number): void {
    this.#workers.delete(job)
    const noResult = this.#withoutSpace.delete(job) ? DISK_FULL : lost(`the attempt's process ended with ${code}`)
    const without: AttemptEnd = this.#isCancelled ? {kind: 'interrupted', seconds: 0} : noResult
    const end = this.find(job) ?? without
    this.#report({kind: 'ended', job, end})
  }

  #report(report: EngineReport): void {
    this.#reports.push(report)
    this.#wake()
  }
}

const lost = (why: string): AttemptEnd => ({kind: 'infrastructure', seconds: 0, phase: 'start', trouble: 'lost', why})

const DISK_FULL: AttemptEnd = {kind: 'infrastructure', seconds: 0, phase: 'start', trouble: 'disk', why: 'the disk is full'}

const isPhase = (line: string): line is Phase => Object.hasOwn(PHASES, line)
