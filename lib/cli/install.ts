import {readRootKind} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import {shellLine} from '../core/shell-words.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {signalOf} from '../host/signal-name.js'
import {checkPackageNames, findRepository, installScript} from '../session/install.js'
import {scriptOptions} from '../session/script.js'
import {type Context, openContext} from './context.js'
import {enterEnvironment} from './enter.js'
import {printAs} from './json.js'

/** `output`: where what apt-get says goes, `stderr` where the command has another result; `json`: this one's, as JSON. */
export async function install(
  name: string,
  packages: readonly string[],
  output: 'stdout' | 'stderr' | 'json' = 'stdout',
  repository?: string,
): Promise<number> {
  const context = await openContext()
  if (packages.length === 0) throw await nothingNamed(context, name)
  checkPackageNames(packages)
  const record = await context.store.read(await context.store.choose(name, undefined))
  await checkArchive(record)
  const from = repository === undefined ? undefined : findRepository(repository, record.suite)
  const exitCode = await enterEnvironment(
    context,
    record.name,
    scriptOptions(installScript(packages, output === 'json' ? 'stderr' : output, from)),
  )
  if (exitCode === 0 && output === 'json') printAs('install', {environment: record.name, packages})
  if (exitCode === 0) return 0
  const signal = signalOf(exitCode)
  const again = [...packages, ...(repository === undefined ? [] : ['--repository', repository])]
  if (signal !== undefined) throw ended(shellLine(['xbuild-env', 'install', record.name, ...again]), signal, exitCode)
  throw new XbuildError('install-failed', `apt-get ended with ${exitCode}`, {
    hint: 'its messages above say why; the environment is as apt-get left it',
  })
}

/** Of `install PKG`, the environment has been forgotten. */
async function nothingNamed({store, settings}: Context, name: string): Promise<XbuildError> {
  const names = await store.names()
  if (names.length === 0 || names.includes(await store.called(name))) {
    return new XbuildError('usage', 'install which packages?', {hint: `name them: xbuild-env install ${name} PACKAGE…`})
  }
  const meant = await store.choose(undefined, settings.environment).catch(() => undefined)
  return new XbuildError('usage', `there is no environment "${name}", and no package is named`, {
    hint:
      meant === undefined
        ? `if that is the package, name an environment before it: ${names.join(', ')}`
        : `if that is the package: ${shellLine(['xbuild-env', 'install', meant, name])}`,
  })
}

/** The signal is passed on to apt-get, which does not heed it while dpkg runs. */
const ended = (again: string, signal: string, exitCode: number) =>
  new XbuildError('interrupted', `apt-get was ended (${signal}); what it had set up is in the environment`, {
    hint: `go on: ${again}`,
    exitCode,
  })

/** Refuses an environment that has no archive to get packages from. */
export async function checkArchive({name, profile, suite}: EnvironmentRecord): Promise<void> {
  if ((await readRootKind(profile, suite)) === 'debian') return
  throw new XbuildError('usage', `no archive has packages for ${profile}: environment "${name}" was laid out from the cross compiler`, {
    hint: `build what you need in it, from source; packages for every architecture can be had with: xbuild-env create ${profile} --include PKG,…`,
  })
}
