import {readdirSync, readFileSync, rmSync} from 'node:fs'
import {rm, writeFile} from 'node:fs/promises'
import {hostname} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {RunEvent} from '../core/bulk/events.js'
import type {FaultOf} from '../core/bulk/judge.js'
import type {Job} from '../core/bulk/queue.js'
import {isRunning, RunState} from '../core/bulk/state.js'
import {XbuildError} from '../core/errors.js'
import {parseJson} from '../core/json.js'
import {isThere, makeDirectory, makeDirectoryAtOnce, writeFileAtOnce} from '../host/files.js'
import {isLocked, type Lock, takeLock} from '../host/lock.js'
import type {Engine} from './engine.js'
import {JournalWriter, readJournal} from './journal.js'
import {readOrder} from './order-file.js'
import {type RunDirectory, readPlan} from './run-directory.js'
import {isRequest, type Request, type RunEnd, type RunningAttempt, Scheduler} from './scheduler.js'

/** Whoever writes a run's journal. */
export interface Holder {
  pid: number
  host: string
  /** As ISO 8601. */
  since: string
}

export interface RunOptions {
  engine: Engine
  processors: number
  faultOf: FaultOf
  /** Lines of the journal that are none, by their numbers: what they told of is not known. */
  onDamaged: (lines: readonly number[]) => void
  /** Called once, before anything begins. */
  onOpened: (state: RunState) => void
  /** In the terms of the state, what is going on: called often. */
  onRound: (state: RunState, running: ReadonlyMap<string, RunningAttempt>) => void
  interrupted: AbortSignal
  killed: AbortSignal
  /** What is asked for first. */
  requests: readonly Request[]
}

/** Holds a run, as its one writer. Throws `in-use`, saying who holds it. */
export async function holdRun(directory: RunDirectory): Promise<Lock> {
  const lock = await tryHoldRun(directory)
  if (lock) return lock
  throw heldBy(directory)
}

/** undefined where somebody else holds it. */
export async function tryHoldRun(directory: RunDirectory): Promise<Lock | undefined> {
  const lock = await takeLock(directory.lock, 'exclusive', 'no')
  if (!lock) return undefined
  await rm(directory.requests, {recursive: true, force: true}) // nobody is left who was asked
  await makeDirectory(directory.requests)
  const holder: Holder = {pid: process.pid, host: hostname(), since: new Date().toISOString()}
  await writeFile(directory.holder, JSON.stringify(holder))
  return lock
}

const heldBy = (directory: RunDirectory) => {
  const {name} = directory
  const holder = readHolder(directory)
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'another process'
  return new XbuildError('in-use', `the run "${name}" is held by ${who}`, {
    hint: `look at it: xbuild-env packages status ${name}; end it: xbuild-env packages stop ${name}`,
  })
}

function readHolder({holder}: RunDirectory): Holder | undefined {
  const known = isThere(holder) ? (parseJson(readFileSync(holder, 'utf8')) as Holder | undefined) : undefined
  return typeof known?.pid === 'number' ? known : undefined
}

/** Who works on a run now; where that cannot be read, somebody does all the same. */
export const workerOf = async (directory: RunDirectory): Promise<Holder | undefined> =>
  isThere(directory.lock) && (await isLocked(directory.lock))
    ? (readHolder(directory) ?? {pid: 0, host: 'an unknown machine', since: ''})
    : undefined

/** The state of a run, for whoever only looks: what is judged is in the journal. */
export function readState(directory: RunDirectory, plan = readPlan(directory)): RunState {
  const state = new RunState(plan)
  state.applyAll(readJournal(directory.journal).events)
  return state
}

/** Begins a run or goes on with it; the caller holds it. */
export async function workOn(directory: RunDirectory, options: RunOptions): Promise<{end: RunEnd; state: RunState}> {
  const state = new RunState(readPlan(directory), options.faultOf)
  const {events, whole, damaged} = readJournal(directory.journal)
  state.applyAll(events)
  if (damaged.length > 0) options.onDamaged(damaged)
  const journal = new JournalWriter(directory.journal, whole)
  const record = (event: RunEvent) => {
    journal.add(event)
    state.apply(event)
  }
  try {
    for (const event of findResults(state, options.engine)) record(event)
    const adopted = await options.engine.adopt(openJobs(state))
    const running = adopted.map(job => job.package)
    record({kind: 'opened', at: Date.now(), pid: process.pid, ...(running.length > 0 ? {running} : {})})
    options.onOpened(state)
    const first = [...options.requests]
    const {engine, processors, interrupted, killed} = options
    const end = await new Scheduler({
      engine,
      journal,
      state,
      order: readOrder(directory),
      adopted,
      processors,
      interrupted,
      killed,
      onRound: running => options.onRound(state, running),
      requests: () => [...first.splice(0), ...takeRequests(directory)],
    }).run()
    record({kind: 'closed', at: Date.now(), why: end})
    journal.sync()
    options.onRound(state, new Map())
    return {end, state}
  } finally {
    journal.close()
  }
}

/** Attempts that ended while nobody wrote it down: their results are whole, or not there. */
const findResults = (state: RunState, engine: Engine): RunEvent[] =>
  openJobs(state).flatMap((job): RunEvent[] => {
    const end = engine.find(job)
    return end ? [{kind: 'ended', at: Date.now(), package: job.package, attempt: job.attempt, end}] : []
  })

/** Attempts of which nobody wrote down that they ended. */
const openJobs = (state: RunState): Job[] =>
  [...state.packages.values()].filter(isRunning).flatMap(({planned: {name, version}, attempts}): Job[] => {
    const attempt = attempts.at(-1)
    return attempt ? [{package: name, version, attempt: attempt.number, way: attempt.way}] : []
  })

/** ms: whoever works on a run looks for requests once a second. */
const LOOK_EVERY = 200

/** Asks whoever works on a run for something: whether that was taken up, or nobody is there any more. */
export async function ask(directory: RunDirectory, request: Request): Promise<'taken' | 'nobody'> {
  const path = putRequest(directory, request)
  while (isThere(path)) {
    if (!(await workerOf(directory))) {
      rmSync(path, {force: true})
      return 'nobody'
    }
    await sleep(LOOK_EVERY)
  }
  return 'taken'
}

function putRequest({requests}: RunDirectory, request: Request): string {
  const path = join(requests, `${Date.now()}-${process.pid}`)
  makeDirectoryAtOnce(requests)
  writeFileAtOnce(path, JSON.stringify(request))
  return path
}

function takeRequests({requests}: RunDirectory): Request[] {
  const names = readdirSync(requests).filter(name => !name.startsWith('.'))
  return names.sort().flatMap(name => {
    const path = join(requests, name)
    const request = parseJson(readFileSync(path, 'utf8'))
    rmSync(path)
    return isRequest(request) ? [request] : []
  })
}
