import type {ComingRoute} from '../core/twins/route.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {routingTime} from '../environment/routing-version.js'
import type {Store} from '../environment/store.js'
import {statusTime} from './files.js'
import type {Unwatched} from './watch.js'

/** Finds an environment's routes while its packages come and go in a session. */
export interface Following {
  /** `pid`: PID 1 of the session, as the host counts. */
  begin: (pid: number) => void
  /** The session has ended. An update that is under way is the last. */
  end: () => Promise<void>
}

/** Changes of packages are not seen while the session lasts: whoever looks at its end sees them. */
export type OnUnwatched = (why: Unwatched) => void

/** dpkg writes its database several times for one run: it is looked at when it has been left alone, or after a while. */
const QUIET_MS = 50
const LATEST_MS = 250

/** So many times as long as a look took, none follows: whoever installs hundreds of packages has more use for the processor. */
const REST = 8

/** undefined where nothing is routed. `coming`: routes of packages that are being installed. */
export function followPackages(
  store: Store,
  record: EnvironmentRecord,
  onUnwatched: OnUnwatched,
  coming: readonly ComingRoute[] = [],
): Following | undefined {
  if (record.programs === 'native') return undefined
  let hasEnded = false
  let endWatch = () => {}
  let timer: NodeJS.Timeout | undefined
  let changed: number | undefined
  let update: Promise<void> | undefined
  /** When the next look may be. */
  let rested = 0
  const begin = async (pid: number) => {
    const tree = `/proc/${pid}/root`
    const refresh = async () => {
      const time = statusTime(store, record)
      if (routingTime(store.environment(record.name)) === time) return // what finds them takes 100 ms to load
      const {refreshRouting} = await import('../environment/update.js')
      await refreshRouting(store, record, tree, time, coming)
    }
    const tell = async () => {
      changed = undefined
      const start = performance.now()
      await refresh().catch(() => {}) // the session ended: its tree is gone, the next one looks again
      rested = performance.now() + REST * (performance.now() - start)
      update = undefined
      if (changed !== undefined) wait()
    }
    const wait = () => {
      changed ??= performance.now()
      clearTimeout(timer)
      const start = () => (update ??= tell())
      const now = performance.now()
      timer = setTimeout(start, Math.max(0, rested - now, Math.min(QUIET_MS, changed + LATEST_MS - now)))
    }
    const {watchDatabase} = await import('./watch.js')
    if (hasEnded) return
    endWatch = watchDatabase(store, record, wait, onUnwatched)
    update = tell()
  }
  let begun: Promise<void> | undefined
  return {
    begin: pid => {
      begun = begin(pid)
    },
    end: async () => {
      hasEnded = true
      await begun
      endWatch()
      clearTimeout(timer)
      changed = undefined
      await update
    },
  }
}
