import {XbuildError} from '../core/errors.js'
import {brokenStep, type LastBuild, type LastStep, parseLastBuild} from '../core/project/last-build.js'
import type {Step} from '../core/project/project.js'
import {isThere, readFileIfThere} from '../host/files.js'
import {takeLock} from '../host/lock.js'
import {runSession, type SessionOptions, type SessionResult} from '../host/session.js'
import {withPlace} from '../session/held-place.js'
import type {BuildPaths} from './paths.js'
import type {StepPlace} from './place.js'
import {planStep} from './run-step.js'
import {endView, reopenView} from './view.js'

/** What is known of a target's last build; undefined where there was none. */
export async function readLastBuild({last}: BuildPaths): Promise<LastBuild | undefined> {
  return parseLastBuild((await readFileIfThere(last)) ?? '')
}

export type LookInput = Omit<StepPlace, 'record' | 'locks' | 'jobs'>

/** What is told before the shell begins. */
export interface LookNews {
  step: Step
  /** How it ended in the last build; undefined where that had no such step. */
  last: LastStep | undefined
  view: 'whole' | 'killed'
  conflicts: readonly string[]
}

/** What is run: the shell that the user of the environment has, but no login shell, which would set variables of its own. */
const SHELL = ['sh', '-c', 'exec "$SHELL"']

/**
 * Runs a shell where a step of a target's last build ran: in its view of the tree, with what the steps before it left in the
 * environment, and with its variables. What is changed in the tree, the next build finds.
 */
export async function lookInto(
  input: LookInput,
  last: LastBuild,
  step: Step,
  tell: (news: LookNews) => void,
  {terminal, ...options}: SessionOptions & {terminal: boolean},
): Promise<SessionResult> {
  const {store, paths, target} = input
  const lock = await takeLock(paths.lock, 'exclusive', 'no')
  if (!lock) {
    throw new XbuildError('in-use', `${target.name} of this project is being built, or looked at, already`, {
      hint: 'wait for that to end, or name another target: xbuild-env build --shell TARGET',
    })
  }
  try {
    if (!(await store.names()).includes(last.environment)) throw notBuilt(target.name, `its environment ${last.environment} was removed`)
    return await withPlace(input, last.environment, 'ephemeral', async held => {
      const view = await reopenView(paths, new AbortController().signal)
      if (!view) throw notBuilt(target.name)
      tell({step, last: last.steps.find(one => one.step === step.name), view: view.state, conflicts: view.conflicts})
      const place = {...input, ...held, jobs: last.jobs, locks: [lock, ...held.locks]}
      const plan = await planStep(place, SHELL, {XBUILD_STEP: step.name, XBUILD_SCRIPT: step.run})
      try {
        return await runSession({...plan, terminal}, {...options, locks: place.locks})
      } finally {
        if (view.state === 'whole') await endView(paths, view)
      }
    })
  } finally {
    await lock.release()
  }
}

export const notBuilt = (target: string, why = 'there is nothing of a build of it') =>
  new XbuildError('usage', `${target}: ${why}`, {hint: `build it first: xbuild-env build ${target}`, exitCode: 1})

/** The step that a look is about where none is named: at which the last build ended, else the last that it ran. */
export function chooseStep(steps: readonly Step[], last: LastBuild): Step | undefined {
  const broken = brokenStep(last) ?? last.steps.findLast(({result}) => result !== 'left-out' && result !== 'unchanged')
  return steps.find(({name}) => name === broken?.step) ?? steps.at(-1)
}

/** Of a step, the logs of its runs that are there: that of its first, and of those in which tests were run again. */
export function logsOf(log: (run: number) => string): string[] {
  const logs: string[] = []
  for (let run = 0; isThere(log(run)); run++) logs.push(log(run))
  return logs
}
