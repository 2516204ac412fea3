import {ask, holdRun, readState, workerOf} from '../bulk/run.js'
import {findRun, type RunDirectory, readPlan} from '../bulk/run-directory.js'
import type {Request} from '../bulk/scheduler.js'
import {VERDICTS} from '../core/bulk/events.js'
import type {RunState} from '../core/bulk/state.js'
import {XbuildError} from '../core/errors.js'
import {nearest} from '../core/nearest.js'
import {openContext} from './context.js'
import {note} from './output.js'
import {findPackage} from './packages-why.js'
import {type WorkOptions, work} from './packages-work.js'

export async function packagesStop(run: string | undefined, {now}: {now?: boolean}): Promise<number> {
  const {store} = await openContext()
  const directory = await findRun(store, run)
  const {name} = readPlan(directory)
  const worker = await workerOf(directory)
  if (!worker || (await ask(directory, {kind: now ? 'stop-now' : 'stop'})) === 'nobody') {
    note(`nobody works on the run "${name}"`)
    return 0
  }
  note(`asked process ${worker.pid} on ${worker.host} to stop; go on later: xbuild-env packages resume ${name}`)
  return 0
}

export async function packagesResume(run: string | undefined, options: WorkOptions): Promise<number> {
  const context = await openContext()
  const directory = await findRun(context.store, run)
  return work(context, directory, await holdRun(directory), options)
}

interface RetryOptions extends WorkOptions {
  run?: string
  failed?: boolean
  verdict?: string
}

/** Whoever works on the run takes it up; where nobody does, this goes on with the run. */
export async function packagesRetry(names: readonly string[], options: RetryOptions): Promise<number> {
  const context = await openContext()
  const directory = await findRun(context.store, options.run)
  const state = readState(directory)
  const chosen = chooseAgain(directory, state, names, options)
  const request: Request = {kind: 'again', packages: chosen}
  if ((await workerOf(directory)) && (await ask(directory, request)) === 'taken') {
    note(`${chosen.length} packages will be built again by whoever works on the run`)
    return 0
  }
  return work(context, directory, await holdRun(directory), options, [request])
}

function chooseAgain(directory: RunDirectory, state: RunState, names: readonly string[], {failed, verdict}: RetryOptions): string[] {
  if (verdict !== undefined && !VERDICTS.some(one => one === verdict)) {
    throw new XbuildError('usage', `there is no verdict "${verdict}"`, {hint: `they are: ${VERDICTS.join(', ')}`})
  }
  const unknown = names.find(name => !state.packages.has(name))
  if (unknown !== undefined) {
    const near = nearest(unknown, [...state.packages.keys()])
    throw new XbuildError('unknown-package', `the run "${readPlan(directory).name}" has no package "${unknown}"`, {
      hint: near ? `did you mean ${near}?` : 'xbuild-env packages status lists those that failed',
    })
  }
  const isMeant = (name: string) => {
    const one = state.packages.get(name)
    return (
      names.includes(name) || (failed === true && one?.state === 'failed') || (verdict !== undefined && one?.judged?.verdict === verdict)
    )
  }
  const chosen = [...state.packages.keys()].filter(isMeant)
  if (chosen.length > 0) return chosen
  throw new XbuildError('usage', 'there is nothing to be built again', {hint: 'name packages, or --failed, or --verdict NAME'})
}

/** The attempt is made anew: what it was made in is gone. */
export async function packagesShell(name: string, run: string | undefined): Promise<number> {
  const {directory, one} = await findPackage(name, run)
  const {environment, settings} = readPlan(directory)
  const {version, path} = one.planned
  const {deb} = await import('./deb.js')
  return deb(environment, path ?? `${name}=${version}`, {checks: settings.checks === 'run', out: 'out', shell: true})
}
