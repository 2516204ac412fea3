import {rm} from 'node:fs/promises'
import {availableParallelism} from 'node:os'
import {readChoice} from '../bulk/cluster/shared-run.js'
import {fetchComing} from '../bulk/coming.js'
import {LocalEngine} from '../bulk/local-engine.js'
import {Page} from '../bulk/page.js'
import {workOn} from '../bulk/run.js'
import {type RunDirectory, readPlan} from '../bulk/run-directory.js'
import type {Request, RunEnd} from '../bulk/scheduler.js'
import {faultsOf, readReasons} from '../config/reasons.js'
import type {RunState} from '../core/bulk/state.js'
import type {Lock} from '../host/lock.js'
import {parseJobs} from './build-input.js'
import type {Context} from './context.js'
import {printAs} from './json.js'
import {MakingLine} from './making-line.js'
import {green, note, red} from './output.js'
import {type Knows, openSlurm} from './packages-engine.js'
import {PackagesProgress} from './packages-progress.js'
import {summaryOf} from './packages-summary.js'

export interface WorkOptions {
  jobs?: string
  slots?: string
  json?: boolean
}

/** Works on a run until it is done, or told to end; releases it then. */
export async function work(
  {store, settings}: Context,
  directory: RunDirectory,
  lock: Lock,
  {jobs, slots, json}: WorkOptions,
  requests: readonly Request[] = [],
): Promise<number> {
  const processors = jobs === undefined ? availableParallelism() : parseJobs(jobs)
  const plan = readPlan(directory)
  const choice = readChoice(directory)
  const knows: Knows = {state: undefined}
  const reasons = await readReasons()
  const page = new Page(directory, plan, reasons)
  let progress: PackagesProgress | undefined
  const signals = listen(() => {
    const told = 'ending what is being built; a second Ctrl-C ends it at once'
    if (progress) progress.say(told)
    else note(told)
  })
  try {
    const engine = choice
      ? await openSlurm(store, directory, plan, choice, knows, signals.interrupted)
      : new LocalEngine({directory, slots: slots === undefined ? undefined : parseJobs(slots), processors})
    progress = new PackagesProgress(plan, engine, directory, page)
    // Nodes fetch their own.
    if (!choice) await fetchTwins({store, binfmt: settings.binfmt, environment: plan.environment}, directory, signals.interrupted)
    // Interrupted meanwhile, the run ends as soon as it begins.
    const {end, state} = await workOn(directory, {
      engine,
      processors,
      faultOf: faultsOf(reasons),
      onDamaged: lines => note(describeDamaged(lines)),
      onOpened: state => {
        knows.state = state
        void page.catchUp(state).catch(() => {}) // the page shows them when they change
      },
      requests,
      onRound: progress.show,
      ...signals,
    })
    progress.end()
    if (end === 'done') await rm(directory.downloads, {recursive: true, force: true})
    return report(plan.name, end, state, signals.interrupted, json === true)
  } finally {
    progress?.end()
    signals.forget()
    await lock.release()
  }
}

/** Where they cannot be had, each attempt looks for its own. */
async function fetchTwins(place: Parameters<typeof fetchComing>[0], directory: RunDirectory, signal: AbortSignal): Promise<void> {
  const live = new MakingLine('twins')
  const onFetch = (packages: readonly string[]) => note(`fetching the twins of ${packages.length} packages for the whole run …`)
  try {
    await fetchComing(place, directory, {onFetch, onLine: live.onLine, signal})
  } catch (error) {
    if (!signal.aborted) note(`twins are fetched when they are needed: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    live.stop()
  }
}
const describeDamaged = (lines: readonly number[]) =>
  `xbuild-env: ${lines.length === 1 ? 'a line' : `${lines.length} lines`} of the journal cannot be read (line ${lines[0]}${lines.length > 1 ? ' and others' : ''}): what it told of is not known; results that are whole count all the same`

/** 128 + SIGINT */
const INTERRUPTED = 130

function report(name: string, end: RunEnd, state: RunState, interrupted: AbortSignal, json: boolean): number {
  const summary = summaryOf(name, state)
  if (json) printAs('packages build', summary)
  const {built, failed, blocked, queued, judging} = state.counts
  const told = [`${built} built`, `${failed} failed`, `${blocked} blocked`, `${queued + judging} left`].filter(
    text => !text.startsWith('0 '),
  )
  note(`${failed + blocked + queued === 0 ? green('done:') : red(`${end}:`)} ${told.join(', ')}`)
  const odd = summary.packages.filter(({verified}) => verified === 'different' || verified === 'hybrid-only')
  for (const {package: one, verified} of odd) note(`  ${one}: hybrid and emulated: ${verified}`)
  for (const {package: one, verdict, why} of summary.failures) note(`  ${one}: ${verdict ?? 'not judged yet'}: ${why}`)
  if (end !== 'done') note(`  go on: xbuild-env packages resume ${name}`)
  if (interrupted.aborted) return INTERRUPTED
  if (end === 'trouble') return 125
  return end === 'done' && failed + blocked + odd.length === 0 ? 0 : 1
}

/** Ctrl-C and its like: the first asks, the second kills. */
function listen(onFirst: () => void): {interrupted: AbortSignal; killed: AbortSignal; forget: () => void} {
  const [asked, killed] = [new AbortController(), new AbortController()]
  const handler = () => {
    if (asked.signal.aborted) return killed.abort()
    asked.abort()
    onFirst()
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, handler)
  return {interrupted: asked.signal, killed: killed.signal, forget: () => names.forEach(name => void process.off(name, handler))}
}
