import {readRootKind} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {checkPackageNames, findRepository, installScript} from '../session/install.js'
import {scriptOptions} from '../session/script.js'
import {openContext} from './context.js'
import {enterEnvironment} from './enter.js'
import {printAs} from './json.js'

/** `output`: where what apt-get says goes, `stderr` where the command has another result; `json`: this one's, as JSON. */
export async function install(
  name: string,
  packages: readonly string[],
  output: 'stdout' | 'stderr' | 'json' = 'stdout',
  repository?: string,
): Promise<number> {
  if (packages.length === 0) throw new XbuildError('usage', 'install which packages?', {hint: `xbuild-env install ${name} PKG…`})
  checkPackageNames(packages)
  const context = await openContext()
  const record = await context.store.read(name)
  await checkArchive(record)
  const from = repository === undefined ? undefined : findRepository(repository, record.suite)
  const exitCode = await enterEnvironment(
    context,
    name,
    scriptOptions(installScript(packages, output === 'json' ? 'stderr' : output, from)),
  )
  if (exitCode === 0 && output === 'json') printAs('install', {environment: name, packages})
  if (exitCode === 0) return 0
  throw new XbuildError('install-failed', `apt-get ended with ${exitCode}`, {
    hint: 'its messages above say why; the environment is as apt-get left it',
  })
}

/** Refuses an environment that has no archive to get packages from. */
export async function checkArchive({name, profile, suite}: EnvironmentRecord): Promise<void> {
  if ((await readRootKind(profile, suite)) === 'debian') return
  throw new XbuildError('usage', `no archive has packages for ${profile}: environment "${name}" was laid out from the cross compiler`, {
    hint: `build what you need in it, from source; packages for every architecture can be had with: xbuild-env create ${profile} --include PKG,…`,
  })
}
