import {readTable, tableFiles, tableSize} from '../activator/read-table.js'
import {isNotKept} from '../host/files.js'
import {isOutdated, Layers} from './outdated.js'
import type {EmulatedRecord, EnvironmentRecord} from './record.js'
import type {RoutingPaths} from './routing-paths.js'
import type {Store} from './store.js'

/** Before a session: sees that the activator goes by what is there. */
export function keepTablesCurrent(store: Store, record: EnvironmentRecord): Promise<void> {
  switch (record.programs) {
    case 'emulated':
      return keepRoutesCurrent(store, record)
    case 'native':
      return keepNativeTable(store.environment(record.name))
  }
}

/** Without routes, there is but a table that may be damaged, or of another version. */
async function keepNativeTable(paths: RoutingPaths): Promise<void> {
  if (tableSize(readTable(paths.nativeTable)) !== undefined) return
  const {writeNativeTable} = await import('./native-table.js')
  await writeNativeTable(paths)
}

/**
 * Of the root's own files, one in so many is looked at. No session changes them; what does, a copy of the data, a backup that is
 * restored, hard links, changes all of them alike. One alone that is another is emulated, since the activator compares it.
 */
const ROOT_SAMPLE = 16

/**
 * Sees that the routes are those of the files that are there, and has them renewed (renewal.ts) where
 * some are not, or where a table is damaged or of another version.
 */
async function keepRoutesCurrent(store: Store, record: EmulatedRecord): Promise<void> {
  const paths = store.environment(record.name)
  const layers = new Layers([paths.upper, ...store.lowerLayers(record)])
  const [hybrid, emulated] = [paths.hybridRoutes, paths.emulatedRoutes].map(readFiles)
  const isWhole = hybrid !== undefined && emulated !== undefined
  const looked = hybrid?.filter(({path}, i) => i % ROOT_SAMPLE === 0 || layers.isAboveRoot(path)) ?? []
  if (isWhole && !looked.some(route => isOutdated(route, layers))) return
  try {
    const {renewRoutes} = await import('./renewal.js')
    await renewRoutes(paths, record, layers)
  } catch (error) {
    // A whole table is good enough: what it does not know is emulated, and the next session tries again.
    if (!(isWhole && isNotKept(error))) throw error
  }
}

const readFiles = (directory: string) => tableFiles(readTable(directory))
