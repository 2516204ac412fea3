import {realpathSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {readRootKind} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {isThere} from '../host/files.js'
import {checkPackageNames, installScript, type Repository} from '../session/install.js'
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
  const record = await context.store.read(await context.store.choose(name, undefined))
  await checkArchive(record)
  const from = repository === undefined ? undefined : findRepository(repository, record)
  const exitCode = await enterEnvironment(
    context,
    record.name,
    scriptOptions(installScript(packages, output === 'json' ? 'stderr' : output, from)),
  )
  if (exitCode === 0 && output === 'json') printAs('install', {environment: record.name, packages})
  if (exitCode === 0) return 0
  throw new XbuildError('install-failed', `apt-get ended with ${exitCode}`, {
    hint: 'its messages above say why; the environment is as apt-get left it',
  })
}

/** Throws `bad-directory` for what is no repository of the environment's suite. */
function findRepository(given: string, {suite}: EnvironmentRecord): Repository {
  const path = resolve(given)
  if (isThere(join(path, 'dists', suite, 'InRelease'))) return {path: realpathSync(path), suite}
  throw new XbuildError('bad-directory', `${path} is no repository of ${suite}: it has no dists/${suite}/InRelease`, {
    hint: 'make one of what a run built: xbuild-env packages publish RUN DIR',
  })
}

/** Refuses an environment that has no archive to get packages from. */
export async function checkArchive({name, profile, suite}: EnvironmentRecord): Promise<void> {
  if ((await readRootKind(profile, suite)) === 'debian') return
  throw new XbuildError('usage', `no archive has packages for ${profile}: environment "${name}" was laid out from the cross compiler`, {
    hint: `build what you need in it, from source; packages for every architecture can be had with: xbuild-env create ${profile} --include PKG,…`,
  })
}
