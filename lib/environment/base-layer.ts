import {rename, rm} from 'node:fs/promises'
import {dirname} from 'node:path'
import {isThere} from '../host/files.js'
import {removeKey} from '../host/store.js'
import {freeze} from './freeze.js'
import {type EnvironmentRecord, writeRecord} from './record.js'
import type {Store} from './store.js'

/**
 * Makes all that was changed in an environment a layer under a name that others look for, and removes the environment:
 * the caller holds it.
 */
export async function turnIntoLayer(store: Store, record: EnvironmentRecord, id: string): Promise<void> {
  const {layers} = await freeze(store, record)
  const [own] = layers
  if (own !== undefined && own !== id) await rename(dirname(store.layerTree(own)), dirname(store.layerTree(id)))
  await removeKey(store.environments, record.name)
}

export const hasLayer = (store: Store, id: string) => isThere(store.layerTree(id))

/**
 * Puts a layer between an environment's root and all that was changed in it since: the caller holds the environment, and
 * finds its routes anew, which are forgotten here.
 */
export async function addBaseLayer(store: Store, record: EnvironmentRecord, id: string): Promise<EnvironmentRecord> {
  const paths = store.environment(record.name)
  const updated = {...record, layers: [...record.layers, id]}
  await rm(paths.routing, {force: true})
  await writeRecord(paths.record, updated)
  return updated
}
