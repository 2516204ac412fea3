import type {EnvironmentRecord} from '../environment/record.js'
import {readRouting} from '../environment/routing.js'
import {fetchTwins, withoutTwins} from '../environment/update.js'
import {enter, prepareSession, statusTime} from '../session/run.js'
import type {Context} from './context.js'
import {note} from './output.js'

/** Fetches the twins of packages that were installed since the twin set was made; says which. */
export async function fetchMissingTwins({store, settings}: Context, record: EnvironmentRecord): Promise<EnvironmentRecord> {
  const missing = withoutTwins(await readRouting(store.environment(record.name)))
  if (missing.length === 0) return record
  let updated = record
  const plan = await prepareSession(store, record, {
    mode: 'hybrid',
    binfmt: settings.binfmt,
    lasting: 'lasting',
    binds: [],
    network: 'host',
    user: 'root',
    directory: '/',
    environment: [],
    terminal: false,
    // Keeps the session, and with it the view of the whole tree, until its end is asked for.
    argv: [Buffer.from('sleep'), Buffer.from('infinity')],
  })
  const end = new AbortController()
  let failure: unknown
  const onPackages = async (tree: string) => {
    try {
      const onFetch = () => note(`xbuild-env: fetching the twins of ${missing.join(', ')}`)
      updated = await fetchTwins(store, record, tree, await statusTime(store, record), {onFetch})
    } catch (error) {
      failure = error
    } finally {
      end.abort()
    }
  }
  await enter(store, record, plan, {onPackages}, {output: {lines: () => {}}, signal: end.signal})
  if (failure !== undefined) throw failure
  return updated
}
