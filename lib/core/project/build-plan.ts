import {XbuildError} from '../errors.js'
import {nearest} from '../nearest.js'
import type {Project, ProjectTarget, Step} from './project.js'

/** What of a project is to be built. */
export interface Selection {
  /** Names; all targets where there is none. */
  targets: readonly string[]
  /** This step alone. */
  step: string | undefined
  /** This step and those behind it. */
  from: string | undefined
}

/** The targets and steps that are meant, in the project's order. Throws `usage`. */
export function select({targets, steps}: Project, selection: Selection): {targets: ProjectTarget[]; steps: Step[]} {
  const names = targets.map(({name}) => name)
  const stepNames = steps.map(({name}) => name)
  for (const name of selection.targets) refuseUnknown('target', name, names)
  if (selection.step !== undefined && selection.from !== undefined) {
    throw new XbuildError('usage', '--step and --from exclude each other', {hint: '--step: one step alone; --from: it and all after it'})
  }
  const first = selection.step ?? selection.from
  if (first !== undefined) refuseUnknown('step', first, stepNames)
  const from = first === undefined ? 0 : stepNames.indexOf(first)
  return {
    targets: targets.filter(({name}) => selection.targets.length === 0 || selection.targets.includes(name)),
    steps: selection.step === undefined ? steps.slice(from) : steps.slice(from, from + 1),
  }
}

function refuseUnknown(what: 'target' | 'step', word: string, known: readonly string[]): void {
  if (known.includes(word)) return
  const near = nearest(word, known)
  throw new XbuildError('usage', `this project has no ${what} "${word}"`, {
    hint: near ? `did you mean ${near}?` : `there are: ${known.join(', ')}`,
  })
}

/** How the processors are shared. */
export interface Jobs {
  /** Targets that are built at once. */
  targets: number
  /** Jobs of each: `$XBUILD_JOBS`. */
  each: number
}

/**
 * Side by side, targets fill each other's gaps: configure works on one processor alone. Where a build is made in the tree
 * itself, and where one job is asked for, it is one target after the other.
 */
export function shareJobs(targets: number, jobs: number, sources: Project['sources']): Jobs {
  const atOnce = jobs === 1 || sources === 'in-place' ? 1 : Math.max(targets, 1)
  return {targets: atOnce, each: Math.ceil(jobs / atOnce)}
}
