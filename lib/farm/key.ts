import {stat} from 'node:fs/promises'
import {DPKG_STATUS, DPKG_STATUS_LIMIT} from '../core/debian/packages.js'
import {XbuildError} from '../core/errors.js'
import {compilerRoutes, hasCompiler, routeFacts, twinPackages, withDependencies} from '../core/farm/compilers.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {contentKey} from '../core/key.js'
import type {EmulatedRecord} from '../environment/record.js'
import {readRouting} from '../environment/routing.js'
import type {Store} from '../environment/store.js'
import {Tree, valueOrNone} from '../host/beneath.js'
import {TWINS_FORMAT} from '../twins/facts.js'

/**
 * A digest of the compilers that an environment's sessions run native: of the root's own files, of how they are routed, and of the
 * packages that their twins are of, with all that these depend on. Two environments of one key compile the same to the same bytes,
 * whatever else they have. Throws `no-farm` where the C compiler is emulated.
 */
export async function compilerKey(store: Store, record: EmulatedRecord): Promise<string> {
  const routing = await readRouting(store.environment(record.name))
  const routes = compilerRoutes(routing?.routes ?? [])
  if (!hasCompiler(routes)) throw isEmulated(record)
  const twins = new Tree([store.twinTree(record.twins)], 'within')
  const status = valueOrNone(twins.read(DPKG_STATUS, DPKG_STATUS_LIMIT))?.toString() ?? ''
  return contentKey({
    twins: TWINS_FORMAT,
    host: hostArchitecture().debian,
    triple: record.triple,
    routes: routes.map(routeFacts).sort(),
    packages: withDependencies(status, twinPackages(routes, record.triple)),
  })
}

const isEmulated = ({name}: EmulatedRecord) =>
  new XbuildError('no-farm', `the C compiler of environment "${name}" is emulated, and a farm runs none that is`, {
    hint: `"xbuild-env info ${name}" says why; a missing one is installed by: xbuild-env install ${name} build-essential`,
  })

/** The key as it is at any time: packages may come while a session lasts, and their routes with them. */
export function currentKey(store: Store, record: EmulatedRecord): () => Promise<string> {
  const {routing} = store.environment(record.name)
  let known: {key: Promise<string>; time: number} | undefined
  return async () => {
    const {mtimeMs: time} = await stat(routing)
    if (known?.time !== time) known = {key: compilerKey(store, record), time}
    return known.key
  }
}
