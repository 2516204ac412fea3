import type {EnvironmentRecord} from '../environment/record.js'
import {readRouting} from '../environment/routing.js'
import type {Store} from '../environment/store.js'
import {fetchTwins, refreshRouting, withoutTwins} from '../environment/update.js'
import type {Binfmt} from '../host/binfmt.js'
import {statusTime} from './files.js'
import {enter, prepareSession} from './run.js'

/**
 * Packages came or went in a session that has ended, perhaps before their routes were found: finds these, and fetches
 * the twins that are missing; tells which.
 */
export async function fetchMissingTwins(
  store: Store,
  binfmt: Binfmt | undefined,
  record: EnvironmentRecord,
  onFetch: (packages: readonly string[]) => void,
): Promise<EnvironmentRecord> {
  const paths = store.environment(record.name)
  const time = statusTime(store, record)
  const routing = await readRouting(paths)
  if (routing?.statusTime === time && withoutTwins(routing).length === 0) return record
  let updated = record
  const plan = await prepareSession(store, record, {
    mode: 'hybrid',
    binfmt,
    lasting: 'lasting',
    binds: [],
    network: 'host',
    user: 'root',
    directory: '/',
    environment: [],
    terminal: false,
    argv: 'hold', // and with it the view of the whole tree
  })
  const end = new AbortController()
  let failure: unknown
  const onPackages = async (tree: string) => {
    try {
      await refreshRouting(store, record, tree, time)
      const missing = withoutTwins(await readRouting(paths))
      if (missing.length > 0) updated = await fetchTwins(store, record, tree, time, {onFetch: () => onFetch(missing)})
    } catch (error) {
      failure = error
    } finally {
      end.abort()
    }
  }
  await enter(store, record, plan, {onPackages, onUnwatched: () => {}}, {output: {lines: () => {}}, signal: end.signal})
  if (failure !== undefined) throw failure
  return updated
}
