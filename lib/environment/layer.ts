import {mkdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {DPKG_DATABASE} from '../core/debian/packages.js'
import {copyFiles, makeClosedDirectory, makeDirectory} from '../host/files.js'
import type {Lock} from '../host/lock.js'
import {makeWorkDirectory} from '../host/work-directory.js'
import {type EnvironmentRecord, writeRecord} from './record.js'
import {whileMaking} from './shared.js'
import {Store} from './store.js'

/**
 * A store of one environment that lies over another, with changes, routes and twins of its own, and the same name: for what is
 * thrown away in the end. The one below is neither frozen nor copied: it must not change meanwhile.
 */
class LayerStore extends Store {
  override lowerLayers: (record: EnvironmentRecord) => string[]

  constructor(below: Store, record: EnvironmentRecord, environments: string) {
    super(below.home, environments)
    this.lowerLayers = () => [below.environment(record.name).upper, ...below.lowerLayers(record)]
  }
}

export interface ThrowAwayLayer {
  store: Store
  record: EnvironmentRecord
  /** Holds it: for what must not outlive it. */
  lock: Lock
  /** For what else is needed meanwhile. */
  directory: string
}

/**
 * Makes such a layer over an environment, which the caller holds, and removes it when `use` has ended. What a killed one left,
 * the next removes. Nothing that it is made of is removed as unused meanwhile.
 */
export const withThrowAwayLayer = <T>(
  store: Store,
  record: EnvironmentRecord,
  use: (layer: ThrowAwayLayer) => Promise<T>,
  signal: AbortSignal,
): Promise<T> =>
  whileMaking(store, signal, async () => {
    store.checkWhole(record)
    await makeClosedDirectory(store.builds)
    const work = await makeWorkDirectory(store.builds)
    try {
      return await use({...(await makeLayer(store, record, work.path)), lock: work.lock})
    } finally {
      // Interrupted while it is being removed, it is tried once more.
      await work.remove().catch(work.remove)
    }
  })

async function makeLayer(store: Store, record: EnvironmentRecord, directory: string): Promise<Omit<ThrowAwayLayer, 'lock'>> {
  const own = new LayerStore(store, record, join(directory, 'environments'))
  const paths = own.environment(record.name)
  await makeDirectory(join(paths.upper, DPKG_DATABASE))
  await mkdir(paths.work)
  await copyFiles(dirname(store.environment(record.name).routing), dirname(paths.routing))
  await writeRecord(paths.record, record)
  return {store: own, record, directory}
}
