import {measureTrees} from '../host/disk-usage.js'
import {type EnvironmentRecord, twinKeys} from './record.js'
import type {Store} from './store.js'

/** What an environment takes on the disk, in bytes. */
export interface Usage {
  /** What sessions changed in it. */
  own: number
  /** Its root, twin set and layers, which other environments may share. */
  shared: number
}

const sharedTrees = (store: Store, record: EnvironmentRecord) => [...store.lowerLayers(record), ...twinKeys(record).map(store.twinTree)]

/** Of environments, in their order. */
export async function measureEnvironments(store: Store, records: readonly EnvironmentRecord[]): Promise<Usage[]> {
  const own = records.map(({name}) => store.environment(name).directory)
  const sizes = await measureTrees([...records.flatMap(record => sharedTrees(store, record)), ...own])
  return records.map((record, i) => ({
    own: sizes.get(own[i] ?? '') ?? 0,
    shared: sharedTrees(store, record).reduce((sum, tree) => sum + (sizes.get(tree) ?? 0), 0),
  }))
}
