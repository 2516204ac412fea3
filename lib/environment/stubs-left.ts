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

/** Of a stub's file nothing is known but its size and its time: see FileIdentity. */
const stubPackages = ({routes}: Routing): string[] =>
  [...new Set(routes.filter(({file}) => file.fixed === undefined).map(route => route.package))].sort()

/** So many of them are named. */
const MOST_NAMED = 6

/** Throws `usage` where a build cannot run emulated, since there is nothing to emulate. */
export async function refuseStubs(store: Store, record: EnvironmentRecord): Promise<void> {
  const stubs = await stubsLeft(store, record)
  if (stubs.length === 0) return
  const named = `${stubs.slice(0, MOST_NAMED).join(', ')}${stubs.length > MOST_NAMED ? ` and ${stubs.length - MOST_NAMED} more` : ''}`
  throw new XbuildError('usage', `environment "${record.name}" has no builds for its CPU of ${named}: there is nothing to emulate`, {
    hint: `which are left: xbuild-env info ${record.name}; docs/cpus-without-an-archive.md says how they are built`,
  })
}
