import {XbuildError} from '../core/errors.js'
import type {EmulatedRecord} from '../environment/record.js'
import {type Routing, readRouting} from '../environment/routing.js'
import {isRoutingCurrent} from '../environment/routing-version.js'
import type {Store} from '../environment/store.js'
import {installedPackages, layersOf} from '../session/files.js'
import {withPlace} from '../session/held-place.js'
import type {SessionPlace} from '../session/place.js'

/** The package that has distcc and its server. */
export const DISTCC = 'distcc'

export const hasDistcc = (store: Store, record: EmulatedRecord): boolean =>
  installedPackages(layersOf(store, record)).some(({name}) => name === DISTCC)

/** Routes by this version's rules, which may have more: another version may have found those that are there. */
export async function keepRoutingCurrent(place: SessionPlace): Promise<void> {
  const {store, record} = place
  if (isRoutingCurrent(store.environment(record.name))) return
  await withPlace(place, record.name, 'ephemeral', async () => {})
}

/** The environment's routes. Throws `no-farm` where distcc is emulated, or not there: it would cost more than it saves. */
export async function requireNativeDistcc(place: SessionPlace & {record: EmulatedRecord}): Promise<Routing> {
  const {store, record} = place
  await keepRoutingCurrent(place)
  const routing = await readRouting(store.environment(record.name))
  if (routing?.routes.some(route => route.package === DISTCC)) return routing
  const how = hasDistcc(store, record) ? 'is emulated' : 'is not installed'
  throw new XbuildError('no-farm', `distcc ${how} in environment "${record.name}"`, {
    hint: `xbuild-env install ${record.name} ${DISTCC}; then "xbuild-env info ${record.name}" says what is emulated, and why`,
  })
}
