import {readRootKind} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import type {EnvironmentRecord} from './record.js'
import {type Routing, readRouting} from './routing.js'
import type {Store} from './store.js'

/** Packages whose programs have no build for the CPU yet; none where an archive has all. */
export async function stubsLeft(store: Store, {name, profile, suite}: EnvironmentRecord): Promise<readonly string[]> {
  if ((await readRootKind(profile, suite)) !== 'cross') return []
  const routing = await readRouting(store.environment(name))
  return routing ? stubPackages(routing) : []
}

const stubPackages = ({routes}: Routing): string[] =>
  [...new Set(routes.filter(({kind}) => kind === 'stub').map(route => route.package))].sort()

/** So many of them are named. */
const MOST_NAMED = 6

export const nameSome = (packages: readonly string[]): string =>
  `${packages.slice(0, MOST_NAMED).join(', ')}${packages.length > MOST_NAMED ? ` and ${packages.length - MOST_NAMED} more` : ''}`

/** The package of /bin/sh, by which all builds run. Debian Policy 10.4 */
const SHELL = 'dash'

/** Throws `usage` where a build cannot run emulated, since not even the shell could be. */
export async function refuseStubs(store: Store, record: EnvironmentRecord): Promise<void> {
  const stubs = await stubsLeft(store, record)
  if (!stubs.includes(SHELL)) return
  throw new XbuildError(
    'usage',
    `environment "${record.name}" has no builds for its CPU of ${nameSome(stubs)}: there is nothing to emulate`,
    {
      hint: `which are left: xbuild-env info ${record.name}; docs/cpus-without-an-archive.md says how they are built`,
    },
  )
}
