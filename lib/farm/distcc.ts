import {XbuildError} from '../core/errors.js'
import type {EmulatedRecord} from '../environment/record.js'
import {type Routing, readRouting} from '../environment/routing.js'
import type {Store} from '../environment/store.js'
import {installedPackages, layersOf} from '../session/files.js'

/** The package that has distcc and its server. */
export const DISTCC = 'distcc'

export const hasDistcc = (store: Store, record: EmulatedRecord): boolean =>
  installedPackages(layersOf(store, record)).some(({name}) => name === DISTCC)

/** The environment's routes. Throws `no-farm` where distcc is emulated, or not there: it would cost more than it saves. */
export async function requireNativeDistcc(store: Store, record: EmulatedRecord): Promise<Routing> {
  const routing = await readRouting(store.environment(record.name))
  if (routing?.routes.some(route => route.package === DISTCC)) return routing
  const how = hasDistcc(store, record) ? 'is emulated' : 'is not installed'
  throw new XbuildError('no-farm', `distcc ${how} in environment "${record.name}"`, {
    hint: `xbuild-env install ${record.name} ${DISTCC}; then "xbuild-env info ${record.name}" says what is emulated, and why`,
  })
}
