import {readProfile, rootKind} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {openContext} from './context.js'
import {enterEnvironment} from './run.js'

/** The root's own package manager: lists first, since a new root has none. */
const SCRIPT = 'apt-get --quiet update && exec apt-get --quiet --yes --no-install-recommends install -- "$@"'

/** `output`: where what apt-get says goes, `stderr` where the command has another result. */
export async function install(name: string, packages: readonly string[], output: 'stdout' | 'stderr' = 'stdout'): Promise<number> {
  if (packages.length === 0) throw new XbuildError('usage', 'install which packages?', {hint: `xbuild-env install ${name} PKG…`})
  checkPackageNames(packages)
  const context = await openContext()
  await checkArchive(await context.store.read(name))
  const exitCode = await enterEnvironment(context, name, {
    mode: 'hybrid',
    lasting: 'lasting',
    binds: [],
    network: 'host',
    user: 'root',
    directory: '/',
    environment: [Buffer.from('DEBIAN_FRONTEND=noninteractive')],
    terminal: false,
    argv: ['sh', '-c', output === 'stderr' ? `exec >&2; ${SCRIPT}` : SCRIPT, 'apt-get', ...packages].map(word => Buffer.from(word)),
  })
  if (exitCode === 0) return 0
  throw new XbuildError('install-failed', `apt-get ended with ${exitCode}`, {
    hint: 'its messages above say why; the environment is as apt-get left it',
  })
}

async function checkArchive({name, profile, suite}: EnvironmentRecord): Promise<void> {
  if (rootKind(await readProfile(profile, suite)) === 'debian') return
  throw new XbuildError('usage', `no archive has packages for ${profile}: environment "${name}" was laid out from the cross compiler`, {
    hint: `build what you need in it, from source; packages for every architecture can be had with: xbuild-env create ${profile} --include PKG,…`,
  })
}

/** Names as apt-get install takes them, with `=version` or `:architecture`: no options, no patterns. */
export function checkPackageNames(packages: readonly string[]): void {
  const odd = packages.find(pack => !/^[a-z0-9][a-z0-9+.:=~-]*$/i.test(pack))
  if (odd !== undefined)
    throw new XbuildError('usage', `"${odd}" is not the name of a package`, {hint: 'names as apt-get install takes them'})
}
