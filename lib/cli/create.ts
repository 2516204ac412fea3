import {type Profile, readProfile, rootKind} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import {parseMode, runningOf} from '../core/session/mode.js'
import {shellLine} from '../core/shell-words.js'
import {type CreatePlan, createEnvironment, planCreate} from '../environment/create.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {stubsLeft} from '../environment/stubs-left.js'
import {chooseBinfmt} from '../host/binfmt.js'
import {requireExecutable} from '../host/mount-options.js'
import {withEnvironment} from '../session/hold.js'
import {checkPackageNames, findRepository} from '../session/install.js'
import {fetchAfter} from '../session/lasting.js'
import {addRepository} from '../session/repository.js'
import {type Context, openContext} from './context.js'
import {CreateProgress} from './create-progress.js'
import {describeCreate} from './describe.js'
import {PACKAGE_EVENTS} from './enter-report.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import {watchMirror} from './mirror-watch.js'
import {ask, canAsk, green, note, print, printError, since, speak} from './output.js'
import {describeStubs} from './stubs-report.js'

export interface CreateOptions {
  name?: string
  suite?: string
  mirror?: string
  mode?: string
  userland?: boolean
  include?: string[]
  repository?: string
  dryRun?: boolean
  json?: boolean
  verbose?: boolean
}

export async function create(profileName: string, options: CreateOptions): Promise<number> {
  if (options.verbose) speak('verbose')
  const context = await openContext(options.mirror === undefined ? {} : {mirror: options.mirror})
  await requireExecutable(context.store.home)
  checkPackageNames(options.include ?? [])
  const profile = await readProfile(profileName, options.suite)
  const plan = await planAsked(context, profile, options)
  if (options.dryRun) {
    if (options.json) printAs('create --dry-run', describeCreate(plan))
    else print(describeCreate(plan).lines.join('\n'))
    return 0
  }
  const start = performance.now()
  const made = await makeTold(context, profile, options, plan).catch(error => makeOfOtherSuite(context, profile, options, error))
  const record = options.include === undefined ? made : await withTwins(context, made)
  if (options.userland) return (await import('./userland.js')).userland(record.name, options)
  if (options.json) printAs('create', record)
  else await tellCreated(context, record, start)
  return 0
}

/** The root's packages have their twins: those that were asked for beside them may lack theirs. */
async function withTwins({store, settings}: Context, {name}: EnvironmentRecord): Promise<EnvironmentRecord> {
  await withEnvironment(store, name, 'lasting', ({record}) => fetchAfter({store, record, binfmt: settings.binfmt}, PACKAGE_EVENTS))
  return store.read(name)
}

async function tellCreated({store}: Context, record: EnvironmentRecord, start: number): Promise<void> {
  const {name, profile, suite, repository} = record
  const {target, suite: made} = await readProfile(profile, suite)
  note(`${green('created')} environment ${name} (${target.label}, ${made.label}) in ${since(start)}\n  enter it: xbuild-env shell ${name}`)
  const stubs = repository === undefined ? [] : await stubsLeft(store, record)
  if (stubs.length > 0) note(describeStubs(stubs))
}

async function planAsked({store, settings}: Context, profile: Profile, options: CreateOptions): Promise<CreatePlan> {
  const {programs, target} = profile
  if (options.userland && rootKind(profile) === 'debian') {
    throw new XbuildError('usage', `the programs of ${target.name} come from the archive`, {hint: 'leave --userland out'})
  }
  const name = options.name ?? target.name
  const mode = parseMode(options.mode)
  runningOf({name, programs}, mode) // refuses what it cannot have
  const binfmt = await chooseBinfmt(settings.binfmt, {profile: target.name, programs})
  const repository = options.repository === undefined ? undefined : findRepository(options.repository, profile.suite.suite)
  const include = isLater(profile, options) ? [] : (options.include ?? [])
  return planCreate(store, {name, profile, binfmt, mode, mirror: settings.mirror, include, repository: repository?.path})
}

/** What is to come from a repository cannot come with the root. */
const isLater = (profile: Profile, {repository}: CreateOptions) => repository !== undefined && rootKind(profile) === 'debian'

async function makeTold(
  {store, settings}: Context,
  profile: Profile,
  options: CreateOptions,
  plan: CreatePlan,
): Promise<EnvironmentRecord> {
  const progress = new CreateProgress()
  const interruption = onInterruption('nothing was made')
  const mirror = watchMirror(plan, text => progress.say(text))
  const signal = AbortSignal.any([interruption.signal, mirror.signal])
  const later = isLater(profile, options) ? (options.include ?? []) : []
  const onLine = (line: string) => progress.events.onLine?.('environment', line)
  try {
    return await createEnvironment(store, plan, {
      ...progress.events,
      signal,
      ...(plan.repository === undefined
        ? {}
        : {complete: record => addRepository({store, record, binfmt: settings.binfmt}, later, onLine, signal)}),
    })
  } finally {
    mirror.stop()
    interruption.forget()
    progress.stop()
  }
}

/** Where the archive does not have a suite, or its index is broken: another suite of the target that it has. */
async function makeOfOtherSuite(context: Context, profile: Profile, options: CreateOptions, error: unknown): Promise<EnvironmentRecord> {
  if (!(error instanceof XbuildError) || error.reason !== 'archive' || Object.keys(profile.target.suites).length < 2) throw error
  const {findOtherSuite} = await import('../environment/other-suite.js')
  note(`${profile.suite.label} cannot be had for ${profile.target.name}; looking for a suite that can …`)
  const interruption = onInterruption('nothing was made')
  const other = await findOtherSuite(context.store, profile, context.settings.mirror, interruption.signal).finally(interruption.forget)
  if (!other) throw error
  const {suite, label} = other.suite
  if (canAsk()) {
    printError(error)
    if (await ask(`${label} (${suite}) can be had. Make it of that?`))
      return makeTold(context, other, options, await planAsked(context, other, options))
  }
  throw new XbuildError('archive', error.message, {hint: `of ${label} it can be made: ${withSuite(profile, suite, options)}`})
}

/** The command that was given, with a suite. */
function withSuite({target}: Profile, suite: string, {name, mirror, include, repository, userland}: CreateOptions): string {
  return shellLine([
    ...['xbuild-env', 'create', target.name, '--suite', suite],
    ...(name === undefined ? [] : ['--name', name]),
    ...(mirror === undefined ? [] : ['--mirror', mirror]),
    ...(include === undefined ? [] : ['--include', include.join()]),
    ...(repository === undefined ? [] : ['--repository', repository]),
    ...(userland ? ['--userland'] : []),
  ])
}
