import {posix} from 'node:path'
import {EXIT, XbuildError} from '../core/errors.js'
import type {Mode} from '../core/session/mode.js'
import {adviseTracer} from '../core/session/tracers.js'
import type {Store} from '../environment/store.js'
import type {CommandEnd} from '../host/session.js'
import type {EnterOptions} from '../session/command.js'
import type {PackageEvents} from '../session/lasting.js'
import {onInterruption} from './interruption.js'
import {note, warn} from './output.js'

/** Packages came or went: their twins are fetched now, so that the next session has them. */
export const PACKAGE_EVENTS: PackageEvents = {
  onUnwatched: ({why, hint}) => warn(`xbuild-env: routes of packages that come now are found when the session ends: ${why}\n  ${hint}`),
  onFetch: packages => warn(`xbuild-env: fetching the twins of ${packages.join(', ')}`),
  onNotFetched: (error, environment, packages) => {
    const why = error instanceof Error ? error.message : String(error)
    const what = `the twins of ${packages.join(', ') || 'the new packages'} could not be fetched, they stay emulated: ${why}`
    const hint = `try again when you like: xbuild-env install ${environment} ${packages[0] ?? 'PACKAGE'}`
    if (error instanceof XbuildError && error.reason === 'interrupted') {
      throw new XbuildError('interrupted', what, {hint, exitCode: error.exitCode, cause: error})
    }
    warn(`xbuild-env: ${what}\n  ${hint}`)
  },
  whileFetching: async fetch => {
    const {MakingLine} = await import('./making-line.js')
    const live = new MakingLine('twins')
    const {signal, forget} = onInterruption('the packages are there, and run emulated')
    return fetch({signal, onLine: live.onLine}).finally(() => {
      forget()
      live.stop()
    })
  },
}

/** The exit code of a command, or why it could not be executed. */
export async function reportEnd(
  result: CommandEnd,
  store: Store,
  name: string,
  {argv, mode}: Pick<EnterOptions, 'argv' | 'mode'>,
): Promise<number> {
  if (result.kind === 'ended') {
    if (result.exitCode !== 0 && typeof argv !== 'string') await reportTracer(store, name, String(argv[0]), mode)
    return result.exitCode
  }
  const command = typeof argv === 'string' ? 'the shell' : String(argv[0])
  switch (result.errno) {
    case 'ENOENT':
    case 'ENOTDIR': {
      const {adviseProgram} = await import('./missing-program.js')
      throw new XbuildError('not-found', `${command}: not found in the environment "${name}"`, {
        hint: await adviseProgram(store, await store.read(name), command),
        exitCode: EXIT.notFound,
      })
    }
    case 'EACCES':
      throw new XbuildError('cannot-execute', `${command}: may not be executed in the environment "${name}"`, {
        hint: 'is it a program, and executable (chmod +x)?',
        exitCode: EXIT.cannotExecute,
      })
    default:
      throw new XbuildError('cannot-execute', `${command}: cannot be executed: ${result.errno}`, {
        ...(result.errno === 'ENOEXEC' ? {hint: 'it is not a program for this environment, and names no interpreter (#!)'} : {}),
        exitCode: EXIT.cannotExecute,
      })
  }
}

/** A command has failed: one that traces others does so wherever these are emulated, but for one that has a twin. */
async function reportTracer(store: Store, name: string, command: string, mode: Mode): Promise<void> {
  const lines = adviseTracer(command, name)
  if (lines === undefined || (await store.read(name)).programs === 'native') return
  const {readRouting} = await import('../environment/routing.js')
  const routed = mode === 'hybrid' ? ((await readRouting(store.environment(name)))?.routes ?? []) : []
  if (!routed.some(({path}) => posix.basename(path) === posix.basename(command))) note(`xbuild-env: ${lines.join('\n  ')}`)
}
