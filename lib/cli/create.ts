import {readProfile, rootKind} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import {parseMode, runningOf} from '../core/session/mode.js'
import {createEnvironment, planCreate} from '../environment/create.js'
import {chooseBinfmt} from '../host/binfmt.js'
import {requireExecutable} from '../host/mount-options.js'
import {checkPackageNames, findRepository} from '../session/install.js'
import {addRepository} from '../session/repository.js'
import {openContext} from './context.js'
import {describeCreate} from './describe.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import {green, LiveLine, note, print, since} from './output.js'

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

const STEPS = {twins: 'twin set', 'host-root': "root of the host's architecture", root: 'root', environment: 'environment'} as const

export async function create(profileName: string, options: CreateOptions): Promise<number> {
  const {store, settings} = await openContext(options.mirror === undefined ? {} : {mirror: options.mirror})
  await requireExecutable(store.home)
  const include = options.include ?? []
  checkPackageNames(include)
  const profile = await readProfile(profileName, options.suite)
  if (options.userland && rootKind(profile) === 'debian') {
    throw new XbuildError('usage', `the programs of ${profileName} come from the archive`, {hint: 'leave --userland out'})
  }
  const name = options.name ?? profileName
  const {suite} = profile.suite
  const repository = options.repository === undefined ? undefined : findRepository(options.repository, suite)
  // What is to come from the repository cannot come with the root.
  const later = repository && rootKind(profile) === 'debian' ? include : []
  const {programs} = profile
  const mode = parseMode(options.mode)
  runningOf({name, programs}, mode) // refuses what it cannot have
  const plan = planCreate(store, {
    name,
    profile,
    binfmt: await chooseBinfmt(settings.binfmt, {profile: profileName, programs}),
    mode,
    mirror: settings.mirror,
    include: later.length > 0 ? [] : include,
    repository: repository?.path,
  })
  if (options.dryRun) {
    if (options.json) printAs('create --dry-run', describeCreate(plan))
    else print(describeCreate(plan).lines.join('\n'))
    return 0
  }
  const live = new LiveLine()
  const interruption = onInterruption('nothing was made')
  const onLine = (line: string) => (options.verbose ? note(line) : live.show(`${STEPS.environment}: ${line}`))
  const start = performance.now()
  let stepStart = start
  const record = await createEnvironment(store, plan, {
    onStep: (step, state) => {
      live.clear()
      if (state === 'making') stepStart = performance.now()
      if (state === 'making' && !process.stderr.isTTY) note(`making the ${STEPS[step]}`)
      if (state === 'made' && step !== 'environment') note(`${green('made')} the ${STEPS[step]} in ${since(stepStart)}`)
    },
    onLine: (step, line) => {
      if (options.verbose) note(line)
      else live.show(`${STEPS[step]}: ${line}`)
    },
    ...(repository
      ? {complete: record => addRepository({store, record, binfmt: settings.binfmt}, later, onLine, interruption.signal)}
      : {}),
    signal: interruption.signal,
  }).finally(interruption.forget)
  live.clear()
  if (options.userland) return (await import('./userland.js')).userland(record.name, options)
  if (options.json) printAs('create', record)
  else
    note(
      `${green('created')} environment ${record.name} (${profile.target.label}, ${profile.suite.label}) in ${since(start)}\n  enter it: xbuild-env shell ${record.name}`,
    )
  return 0
}
