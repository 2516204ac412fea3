import {resolve} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {shellLine} from '../core/shell-words.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {readRouting} from '../environment/routing.js'
import type {Store} from '../environment/store.js'
import {lastRawArguments} from '../host/arguments.js'
import {Tree} from '../host/beneath.js'
import {isThere} from '../host/files.js'
import {layersOf} from '../session/files.js'
import type {Bind} from '../session/plan.js'
import {type Context, openContext} from './context.js'
import {checkCore} from './debug-core.js'
import {enterEnvironment} from './enter.js'
import {note} from './output.js'
import {enterOptions, type RunOptions} from './run.js'

export interface DebugOptions extends Pick<RunOptions, 'bind' | 'env' | 'user' | 'workdir'> {
  core?: string
  gdbPort?: string
}

const GDB = 'usr/bin/gdb'

/** What gdb is asked for. */
type Way = {way: 'run'} | {way: 'core'; file: string} | {way: 'port'; port: number}

/** Which environment is meant, and which program: `ENV -- PROG ARG…`, or `-- PROG ARG…` where there is one environment. */
export async function debug(words: readonly string[], programLength: number, options: DebugOptions): Promise<number> {
  const names = words.slice(0, words.length - programLength)
  if (names.length > 1 || programLength === 0) {
    const [name = 'ENV', ...rest] = names
    throw new XbuildError('usage', 'which program? put it after --', {
      hint: shellLine(['xbuild-env', 'debug', name, '--', ...(rest.length > 0 ? rest : ['./prog'])]),
    })
  }
  const way = wayOf(options)
  const context = await openContext()
  const record = await context.store.read(await context.store.choose(names[0], context.settings.environment))
  if (way.way === 'core') checkCore(way.file, record)
  await needGdb(context, record)
  const asked = enterOptions({...options, bind: [...(options.bind ?? [])]}, gdbCommand(way, lastRawArguments(programLength)))
  return enterEnvironment(context, record.name, {...asked, binds: [...asked.binds, ...coreBinds(way, asked.binds)]})
}

function wayOf({core, gdbPort}: DebugOptions): Way {
  if (core !== undefined && gdbPort !== undefined) {
    throw new XbuildError('usage', '--core and --gdb-port: a core does not run', {hint: 'leave one of the two out'})
  }
  if (core !== undefined) return {way: 'core', file: resolve(core)}
  if (gdbPort === undefined) return {way: 'run'}
  const port = Number(gdbPort)
  if (/^\d+$/.test(gdbPort) && port > 0 && port < 65536) return {way: 'port', port}
  throw new XbuildError('usage', `--gdb-port ${gdbPort}: a port is a number from 1 to 65535`, {hint: '--gdb-port 2345'})
}

/** `program`: it and its arguments. */
function gdbCommand(way: Way, program: readonly Buffer[]): Buffer[] {
  const options = (): string[] => {
    switch (way.way) {
      case 'run':
        return []
      case 'core':
        return [`--core=${way.file}`, '-ex', 'xbuild-place-core', '-ex', 'backtrace']
      case 'port':
        return ['-nx', '-batch', '-ex', `xbuild-serve ${way.port}`]
    }
  }
  return [...['gdb', ...options(), '--args'].map(word => Buffer.from(word)), ...program]
}

/** A core that lies elsewhere on the host than in what the session is shown. */
function coreBinds(way: Way, binds: readonly Bind[]): Bind[] {
  if (way.way !== 'core' || !isThere(way.file)) return []
  const {file} = way
  const isShown = binds.some(({source, target}) => source === target && file.startsWith(`${source}/`))
  return isShown ? [] : [{source: file, target: file, access: 'ro'}]
}

/** Installs gdb where there is none. Throws `missing-program` where it is there and cannot debug what is emulated. */
async function needGdb({store}: Context, record: EnvironmentRecord): Promise<void> {
  if (new Tree(layersOf(store, record), 'within').status(GDB).kind !== 'found') {
    note(`xbuild-env: installing gdb in ${record.name}`)
    const {install} = await import('./install.js')
    await install(record.name, ['gdb'], 'stderr')
  }
  if (record.programs === 'native' || (await mayBeRouted(store, record.name))) return
  throw new XbuildError('missing-program', `the gdb of "${record.name}" has no twin, and cannot debug what the emulator runs`, {
    hint: `"xbuild-env info ${record.name}" says why; where it lacks the package: xbuild-env install ${record.name} gdb`,
  })
}

/** Routes of another version are found again when the session begins. */
async function mayBeRouted(store: Store, name: string): Promise<boolean> {
  const routing = await readRouting(store.environment(name))
  return routing?.routes.some(({path}) => path === `/${GDB}`) ?? true
}
