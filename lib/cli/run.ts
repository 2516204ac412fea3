import {realpathSync} from 'node:fs'
import {posix, resolve} from 'node:path'
import {EXIT, XbuildError} from '../core/errors.js'
import {parseMode} from '../core/session/mode.js'
import {describeOperation, isHostRoot, type SessionPlan, tracedPlan} from '../core/session/plan.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {lastRawArguments, rawArgument, rawVariable} from '../host/arguments.js'
import {isThere} from '../host/files.js'
import type {SessionResult} from '../host/session.js'
import {withEnvironment} from '../session/hold.js'
import {type PackageEvents, runAsked} from '../session/lasting.js'
import type {HeldPlace, SessionPlace} from '../session/place.js'
import type {Bind} from '../session/plan.js'
import {type EnterHooks, type EnterOptions, enter, prepareSession} from '../session/run.js'
import {type Context, openContext} from './context.js'
import type {Limited, LimitOptions} from './limits.js'
import {note, print, printJson} from './output.js'

export interface RunOptions extends LimitOptions {
  mode?: string
  ephemeral?: boolean
  bind?: string[]
  env?: string[]
  user?: string
  workdir?: string
  network?: boolean
  trace?: string
  stats?: boolean
  dryRun?: boolean
  json?: boolean
}

/** Directories that a session has its own of, or that a project's mount would hide. */
const SYSTEM_DIRECTORIES = [
  '/',
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/home',
  '/lib',
  '/lib64',
  '/media',
  '/mnt',
  '/opt',
  '/proc',
  '/run',
  '/sbin',
  '/srv',
  '/sys',
  '/tmp',
  '/usr',
  '/var',
]
const SYSTEM_TREES = ['/bin/', '/boot/', '/dev/', '/etc/', '/lib/', '/proc/', '/run/', '/sbin/', '/sys/', '/usr/']

export const isSystemDirectory = (directory: string) =>
  SYSTEM_DIRECTORIES.includes(directory) ||
  SYSTEM_TREES.some(tree => directory.startsWith(tree) && !directory.startsWith('/usr/local/src/'))

/** The project: the current directory, at its own path. */
function projectDirectory(): string | undefined {
  let directory: string
  try {
    directory = process.cwd()
    realpathSync(directory)
  } catch (error) {
    throw new XbuildError('bad-directory', 'the current directory no longer exists', {hint: 'change to one that does', cause: error})
  }
  return isSystemDirectory(directory) ? undefined : directory
}

/** SRC[:DST[:ro]]; a colon of a path is written `\:`. */
export function parseBind(text: string): Bind {
  const parts = text.split(/(?<!\\):/).map(part => part.replaceAll('\\:', ':'))
  const [source = '', target, access] = parts
  const wrong = (why: string) => new XbuildError('bad-bind', `--bind ${text}: ${why}`, {hint: 'SRC[:DST[:ro]], with an absolute DST'})
  if (source === '' || parts.length > 3) throw wrong('it is not SRC[:DST[:ro]]')
  if (access !== undefined && access !== 'ro' && access !== 'rw') throw wrong(`"${access}" is neither ro nor rw`)
  const full = resolve(source)
  if (!isThere(full)) throw wrong(`${full} does not exist`)
  const place = posix.normalize(target === undefined || target === '' ? full : target).replace(/(?<=.)\/+$/, '')
  if (!place.startsWith('/') || place === '/') throw wrong(`"${place}" is no place in the environment`)
  return {source: full, target: place, access: access ?? 'rw'}
}

/** K=V as given, or K with the caller's own value. */
export function parseVariable(text: string): Buffer[] {
  if (text === '' || text.startsWith('=')) {
    throw new XbuildError('usage', `--env "${text}": a variable has a name`, {
      hint: '--env NAME=VALUE, or --env NAME for the value it has here',
    })
  }
  if (text.includes('=')) return [rawArgument(text)]
  const own = rawVariable(text)
  return own ? [own] : []
}

function enterOptions(options: RunOptions, argv: EnterOptions['argv']): EnterOptions {
  const project = projectDirectory()
  if (project === undefined && options.workdir === undefined) {
    note(`xbuild-env: ${process.cwd()} is a directory of the system and is not shown in the session`)
  }
  return {
    mode: parseMode(options.mode),
    lasting: options.ephemeral ? 'ephemeral' : 'lasting',
    binds: [
      ...(project === undefined ? [] : [{source: project, target: project, access: 'rw' as const}]),
      ...(options.bind ?? []).map(parseBind),
    ],
    network: options.network === false ? 'own' : 'host',
    user: options.user ?? 'root',
    directory: options.workdir ?? project,
    environment: (options.env ?? []).flatMap(parseVariable),
    terminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
    argv,
  }
}

/** Which environment is meant, and which command: `ENV -- CMD`, or `-- CMD` where there is one environment. */
export async function run(words: readonly string[], commandLength: number, options: RunOptions): Promise<number> {
  const context = await openContext()
  const names = words.slice(0, words.length - commandLength)
  if (names.length > 1) {
    throw new XbuildError('usage', `what is "${names[1]}"? the command comes behind --`, {
      hint: `xbuild-env run ${names[0]} -- ${names.slice(1).join(' ')}`,
    })
  }
  if (commandLength === 0)
    throw new XbuildError('usage', 'which command?', {hint: 'xbuild-env run ENV -- CMD ARG…, or xbuild-env shell ENV'})
  return enterEnvironment(context, names[0], enterOptions(options, lastRawArguments(commandLength)), options)
}

export async function shell(name: string | undefined, options: RunOptions): Promise<number> {
  return enterEnvironment(await openContext(), name, enterOptions(options, 'shell'), options)
}

export async function enterEnvironment(
  context: Context,
  name: string | undefined,
  options: EnterOptions,
  output: RunOptions = {},
): Promise<number> {
  const {store, settings} = context
  const within = await limiter(output)
  const chosen = await store.choose(name, settings.environment)
  const found = await store.read(chosen)
  if (isTraced(output)) (await import('./check-traced.js')).checkTraced(found)
  if (output.dryRun) return show({store, record: found, binfmt: settings.binfmt}, options, output)
  return withEnvironment(store, chosen, options.lasting, async ({record, lock}) => {
    const place = {store, record, binfmt: settings.binfmt, locks: [lock]}
    const result = await runAsked(place, options.lasting, hooks => runOnce(place, hooks, options, output, within), PACKAGE_EVENTS)
    return report(result, record.name, options)
  })
}

/** What the session would be made of. */
async function show(place: SessionPlace, options: EnterOptions, output: RunOptions): Promise<number> {
  const plan = await prepareSession(place, options)
  const {operations} = isTraced(output) ? tracedPlan(plan) : plan
  if (output.json) printJson(operations)
  else print(operations.map(describeOperation).join('\n'))
  return 0
}

async function runOnce(
  place: HeldPlace,
  hooks: EnterHooks | undefined,
  options: EnterOptions,
  output: RunOptions,
  within: Limited,
): Promise<SessionResult> {
  const {store, record, locks} = place
  const plan = await prepareSession(place, options)
  const began = Date.now()
  const recorder = isTraced(output) ? await openRecorder(output, record, options) : undefined
  const result = await within(limited =>
    recorder
      ? recorder.record(sink => enter(store, record, tracedPlan(plan), hooks, {output: 'inherit', trace: sink, locks, ...limited}))
      : enter(store, record, plan, hooks, {output: 'inherit', locks, ...limited}),
  )
  await tellLeftBehind(plan, began)
  return result
}

/** What few sessions need is loaded for them alone: a session's start is most of what a short command takes. */
async function limiter(options: RunOptions): Promise<Limited> {
  if (options.memory === undefined && options.pids === undefined && options.timeout === undefined) return session => session({})
  const {limitSessions} = await import('./limits.js')
  return limitSessions(options)
}

async function tellLeftBehind(plan: SessionPlan, since: number): Promise<void> {
  if (!isHostRoot(plan.ids)) return
  const left = await import('./left-behind.js')
  left.tellLeftBehind(plan, since)
}

/** Packages came or went: their twins are fetched now, so that the next session has them. */
const PACKAGE_EVENTS: PackageEvents = {
  onUnwatched: ({why, hint}) => note(`xbuild-env: routes of packages that come now are found when the session ends: ${why}\n  ${hint}`),
  onFetch: packages => note(`xbuild-env: fetching the twins of ${packages.join(', ')}`),
  onNotFetched: why =>
    note(`xbuild-env: the twins of the new packages could not be fetched, they stay emulated: ${why instanceof Error ? why.message : why}`),
}

const isTraced = (output: RunOptions) => output.trace !== undefined || output.stats === true

async function openRecorder(output: RunOptions, record: EnvironmentRecord, options: EnterOptions) {
  const {Recorder} = await import('./recorder.js')
  return Recorder.open(output, record, options)
}

function report(result: SessionResult, name: string, options: EnterOptions): number {
  if (result.kind === 'ended') return result.exitCode
  const command = typeof options.argv === 'string' ? 'the shell' : String(options.argv[0])
  switch (result.errno) {
    case 'ENOENT':
    case 'ENOTDIR':
      throw new XbuildError('not-found', `${command}: not found in the environment "${name}"`, {
        hint: `install it: xbuild-env install ${name} PACKAGE`,
        exitCode: EXIT.notFound,
      })
    case 'EACCES':
      throw new XbuildError('cannot-execute', `${command}: may not be executed in the environment "${name}"`, {
        hint: 'is it a program, and executable (chmod +x)?',
        exitCode: EXIT.cannotExecute,
      })
    default:
      throw new XbuildError('cannot-execute', `${command}: cannot be executed: ${result.errno}`, {
        ...(result.errno === 'ENOEXEC' ? {hint: 'it is no program for this environment, and names no interpreter (#!)'} : {}),
        exitCode: EXIT.cannotExecute,
      })
  }
}
