import {realpathSync} from 'node:fs'
import {posix, resolve} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {parseMode} from '../core/session/mode.js'
import {shellLine} from '../core/shell-words.js'
import {lastRawArguments, rawArgument, rawVariable} from '../host/arguments.js'
import {isThere} from '../host/files.js'
import type {EnterOptions} from '../session/command.js'
import type {Bind} from '../session/plan.js'
import {type Context, openContext} from './context.js'
import {enterEnvironment} from './enter.js'
import {warn} from './output.js'
import type {SessionWishes} from './wishes.js'

export interface RunOptions extends SessionWishes {
  mode?: string
  ephemeral?: boolean
  bind?: string[]
  env?: string[]
  user?: string
  workdir?: string
  network?: boolean
  session?: string
  project?: boolean
  yes?: boolean
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

const shown = (directory: string): Bind => ({source: directory, target: directory, access: 'rw'})

/** The project, where it is to be shown. */
export function projectBinds({project: wanted = true}: RunOptions): Bind[] {
  const project = wanted ? projectDirectory() : undefined
  return project === undefined ? [] : [shown(project)]
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
  if (!place.startsWith('/') || place === '/') throw wrong(`"${place}" is not a path in the environment`)
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

export function enterOptions(options: RunOptions, argv: EnterOptions['argv']): EnterOptions {
  const project = projectDirectory()
  if (project === undefined && options.workdir === undefined) {
    warn(`xbuild-env: ${process.cwd()} is a directory of the system and is not shown in the session`)
  }
  return {
    mode: parseMode(options.mode),
    lasting: options.ephemeral ? 'ephemeral' : 'lasting',
    binds: [...(project === undefined ? [] : [shown(project)]), ...(options.bind ?? []).map(parseBind)],
    project,
    network: options.network === false ? 'own' : 'host',
    user: options.user ?? 'root',
    directory: options.workdir ?? project,
    variables: (options.env ?? []).flatMap(parseVariable),
    terminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
    compilers: 'farm',
    argv,
  }
}

/** Which environment is meant, and which command: `ENV -- CMD`, or `-- CMD` where there is one environment. */
export async function run(words: readonly string[], commandLength: number, options: RunOptions): Promise<number> {
  const context = await openContext()
  const names = words.slice(0, words.length - commandLength)
  if (names.length > 1) {
    throw new XbuildError('usage', `what is "${names[1]}"? put the command after --`, {
      hint: shellLine(['xbuild-env', 'run', ...names.slice(0, 1), '--', ...names.slice(1)]),
    })
  }
  if (commandLength === 0)
    throw new XbuildError('usage', 'which command?', {hint: 'xbuild-env run ENV -- CMD ARG…, or xbuild-env shell ENV'})
  return enterAsked(context, names[0], enterOptions(options, lastRawArguments(commandLength)), options)
}

export async function shell(name: string | undefined, options: RunOptions): Promise<number> {
  return enterAsked(await openContext(), name, enterOptions(options, 'shell'), options)
}

async function enterAsked(context: Context, name: string | undefined, asked: EnterOptions, options: RunOptions): Promise<number> {
  if (options.json && !options.dryRun) {
    throw new XbuildError('usage', "--json goes with --dry-run: what the command prints is the command's", {
      hint: 'leave one of the two out, or add the other',
    })
  }
  if (options.session === undefined) return enterOrMake(context, name, asked, options)
  if (name !== undefined || options.ephemeral) {
    throw new XbuildError('usage', '--session says which environment, and whether it lasts', {
      hint: `xbuild-env run --session ${options.session} -- CMD ARG…`,
    })
  }
  const {enterSession} = await import('./join.js')
  return enterSession(context, options.session, asked, options)
}

/** Where a profile is named that there is no environment of, that is made first, for whoever wants it. */
async function enterOrMake(context: Context, name: string | undefined, asked: EnterOptions, options: RunOptions): Promise<number> {
  try {
    return await enterEnvironment(context, name, asked, options)
  } catch (error) {
    const wanted = name ?? context.settings.environment
    if (wanted === undefined || !(error instanceof XbuildError) || error.reason !== 'unknown-environment') throw error
    const {makeAsked} = await import('./make-asked.js')
    return enterEnvironment(context, await makeAsked(error, wanted, options), asked, options)
  }
}
