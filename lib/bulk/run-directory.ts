import {readFileSync} from 'node:fs'
import {readdir, stat} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {type BulkPlan, PLAN_FORMAT} from '../core/bulk/plan.js'
import {XbuildError} from '../core/errors.js'
import {parseJson} from '../core/json.js'
import {nearest} from '../core/nearest.js'
import type {Store} from '../environment/store.js'
import {isThere, writeFileSafely} from '../host/files.js'

/** What is kept of a run. */
export class RunDirectory {
  readonly path: string
  readonly name: string
  readonly plan: string
  /** What waits for what, where that counts. */
  readonly order: string
  readonly journal: string
  /** Held by the journal's one writer. */
  readonly lock: string
  /** Who that is, for people. */
  readonly holder: string
  /** What others ask of the writer: a file each. */
  readonly requests: string
  readonly attempts: string
  /** What attempts have fetched; gone when the run is done. */
  readonly downloads: string
  /** Whose twins are fetched first. */
  readonly coming: string
  readonly page: string

  constructor(path: string) {
    this.path = path
    this.name = basename(path)
    this.plan = join(path, 'plan.json')
    this.order = join(path, 'order.json')
    this.journal = join(path, 'journal')
    this.lock = join(path, '.lock')
    this.holder = join(path, 'holder.json')
    this.requests = join(path, 'requests')
    this.attempts = join(path, 'attempts')
    this.downloads = join(path, 'downloads')
    this.coming = join(path, 'coming.json')
    this.page = join(path, 'page')
  }

  /** The results of an attempt; in the making they have another name. */
  attempt = (name: string, number: number): string => join(this.attempts, name, String(number))
}

export const runsOf = (store: Store): string => join(store.home, 'runs')

/** One path component, and no option. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/

/** Throws `bad-name`. */
export function runDirectory(store: Store, name: string): RunDirectory {
  if (NAME.test(name)) return new RunDirectory(join(runsOf(store), name))
  throw new XbuildError('bad-name', `${JSON.stringify(name)} cannot be the name of a run`, {
    hint: 'use letters, digits, dot, dash and underscore, at most 63, with a letter or digit first',
  })
}

/** The runs that there are, the newest last. */
export async function runNames(store: Store): Promise<string[]> {
  const names = isThere(runsOf(store)) ? await readdir(runsOf(store)) : []
  const there = names.filter(name => NAME.test(name) && isThere(new RunDirectory(join(runsOf(store), name)).plan))
  const made = await Promise.all(there.map(async name => ({name, time: (await stat(runDirectory(store, name).plan)).mtimeMs})))
  return made.sort((a, b) => a.time - b.time).map(({name}) => name)
}

/** The run that is meant: by default the newest. */
export async function findRun(store: Store, name: string | undefined): Promise<RunDirectory> {
  const names = await runNames(store)
  const chosen = name ?? names.at(-1)
  if (chosen === undefined) {
    throw new XbuildError('unknown-run', 'there is no run yet', {hint: 'begin one: xbuild-env packages build ENV PKG…'})
  }
  if (names.includes(chosen)) return runDirectory(store, chosen)
  const near = nearest(chosen, names)
  throw new XbuildError('unknown-run', `there is no run "${chosen}"`, {
    hint: near
      ? `did you mean ${near}?`
      : names.length > 0
        ? `there are: ${names.join(', ')}`
        : 'begin one: xbuild-env packages build ENV PKG…',
  })
}

export const writePlan = (directory: RunDirectory, plan: BulkPlan): Promise<void> =>
  writeFileSafely(directory.plan, `${JSON.stringify(plan)}\n`)

/** Plans had not these from the beginning. */
const withDefaults = (plan: BulkPlan | undefined): BulkPlan | undefined =>
  plan && {...plan, against: plan.against ?? 'archive', first: plan.first ?? 'longest'}

export function readPlan(directory: RunDirectory): BulkPlan {
  const plan = withDefaults(parseJson(readFileSync(directory.plan, 'utf8')) as BulkPlan | undefined)
  if (plan?.format === PLAN_FORMAT) return plan
  if (typeof plan?.format !== 'number') {
    throw new XbuildError('unreadable', `${directory.plan} is damaged: it is not the plan of a run`, {
      hint: `what was built lies in ${directory.attempts}; move ${directory.path} away`,
    })
  }
  throw new XbuildError('newer-format', `${directory.plan} is of format ${plan.format}, and this xbuild-env reads ${PLAN_FORMAT}`, {
    hint: 'use the xbuild-env that made it',
  })
}
