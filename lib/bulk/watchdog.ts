import {statfsSync} from 'node:fs'
import type {Limit} from '../core/bulk/events.js'
import type {AttemptLimits} from '../core/bulk/plan.js'
import {runAsMaker} from '../host/maker.js'
import {descendantsOf, describeProcess, type ProcessFacts, TICKS} from '../host/process-tree.js'

/** Of these, others have less with each moment: whoever goes beyond them is not given time to end. */
const URGENT: readonly Limit[] = ['memory', 'processes', 'disk']

/** What an attempt went beyond. */
export class LimitReached extends Error {
  readonly limit: Limit
  readonly isUrgent: boolean
  /** Of one that hangs, its processes. */
  readonly processes: string

  constructor(limit: Limit, why: string, processes = '') {
    super(why)
    this.limit = limit
    this.isUrgent = URGENT.includes(limit)
    this.processes = processes
  }
}

/** ms: a fork bomb makes some thousand processes meanwhile. */
const LOOK_EVERY = 2000

/** Whoever uses less than this part of a processor does nothing. */
const IDLE_PART = 0.01

/** Bytes of the disk that no attempt may take from the others: who has written more than its share of it, ends. */
const DISK_RESERVE = 2 ** 30
const SMALL = 256 * 2 ** 20

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`

/**
 * Looks at an attempt while it runs, and ends it by its signal when it goes beyond a limit. The processes are this one's
 * descendants; what it writes lies in a directory.
 */
export class Watchdog {
  readonly #limits: AttemptLimits
  readonly #directory: () => string | undefined
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #began = performance.now()
  readonly #free: number
  /** When something was done last, and how much processor time had been used by then. */
  #active = {at: performance.now(), ticks: 0}
  #measuring = false

  constructor(limits: AttemptLimits, home: string, directory: () => string | undefined) {
    this.#limits = limits
    this.#directory = directory
    this.#free = freeOn(home)
    this.#timer = setInterval(() => this.#look(home), LOOK_EVERY)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** It printed something. */
  printed = (): void => {
    this.#active.at = performance.now()
  }

  end(): void {
    clearInterval(this.#timer)
  }

  #look(home: string): void {
    const {time, silence, memory, processes} = this.#limits
    const now = performance.now()
    const all = descendantsOf(process.pid)
    if (now - this.#began > time * 1000) {
      const had = Math.round(all.reduce((sum, {ticks}) => sum + ticks, 0) / TICKS)
      return this.#reach(new LimitReached('time', `it took longer than ${time} s, with a processor for ${had} s of these`)) // a machine may be busy
    }
    if (all.length > processes) return this.#reach(new LimitReached('processes', `it had ${all.length} processes, of ${processes} at most`))
    const used = all.reduce((sum, one) => sum + one.memory, 0)
    if (memory !== undefined && used > memory) {
      return this.#reach(new LimitReached('memory', `it used ${gib(used)} of memory, of ${gib(memory)} at most`))
    }
    if (this.#isSilent(all, now, silence)) {
      const why = `it printed nothing and used no processor time for ${silence} s`
      return this.#reach(new LimitReached('silence', why, all.map(describeProcess).join('\n')))
    }
    void this.#lookAtDisk(home)
  }

  #isSilent(all: readonly ProcessFacts[], now: number, silence: number): boolean {
    const ticks = all.reduce((sum, one) => sum + one.ticks, 0)
    const idle = (now - this.#active.at) / 1000
    const busy = ticks - this.#active.ticks
    // Fewer ticks than before: processes went, with what they had used.
    if (busy < 0 || busy > Math.max(idle, 1) * TICKS * IDLE_PART) {
      this.#active = {at: now, ticks}
      return false
    }
    return idle > silence
  }

  /** What is written by whom is measured only where much is. */
  async #lookAtDisk(home: string): Promise<void> {
    const {disk} = this.#limits
    const directory = this.#directory()
    const free = freeOn(home)
    const isLow = free < DISK_RESERVE
    const wrote = this.#free - free
    if (this.#measuring || directory === undefined || !(isLow || (disk !== undefined && wrote > disk))) return
    this.#measuring = true
    const bytes = await sizeOf(directory, this.signal).catch(() => 0)
    this.#measuring = false
    if (disk !== undefined && bytes > disk) this.#reach(new LimitReached('disk', `it wrote ${gib(bytes)}, of ${gib(disk)} at most`))
    else if (isLow && bytes > SMALL) {
      this.#reach(new LimitReached('disk', `it wrote ${gib(bytes)}, and the disk has ${gib(free)} left`))
    }
  }

  #reach(reached: LimitReached): void {
    clearInterval(this.#timer)
    this.#controller.abort(reached)
  }
}

/** Whether so little is left that whoever writes fails. */
export const isDiskFull = (path: string): boolean => freeOn(path) < SMALL

function freeOn(path: string): number {
  const {bavail, bsize} = statfsSync(path)
  return bavail * bsize
}

/** Bytes of a tree that holds files of others: `du -s` says `BYTES<tab>PATH`. */
async function sizeOf(tree: string, signal: AbortSignal): Promise<number> {
  const {tail} = await runAsMaker(['du', '-s', '--block-size=1', '--', tree], {signal})
  return Number(tail.at(-1)?.split('\t')[0] ?? 0)
}
