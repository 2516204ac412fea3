import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {readEmulatedProfile} from '../config/profiles.js'
import {isThere} from '../host/files.js'
import {twinsOfLoaders} from '../twins/loaders.js'
import {type EnvironmentRecord, twinKeys} from './record.js'
import {routingKey} from './routing.js'
import type {Store} from './store.js'

/** Keys of what an environment shares with others: its root, twin set and layers. */
export const sharedKeys = (record: EnvironmentRecord): string[] => [record.root, ...twinKeys(record), ...record.layers]

/** The directories that hold what environments share. */
const sharedDirectories = (store: Store) => [
  store.roots,
  store.twins,
  store.layers,
  store.routing,
  store.loaders,
  store.processors,
  store.stubs,
]

/** What stubs are called that belong to a root: those of other lists or mirrors have other keys. */
export const stubsKey = (root: string, key: string) => `${root}-${key}`
const rootOfStubs = (name: string) => name.replace(/-[^-]*$/, '')

/**
 * Of what environments share, what none uses, and what killed makers left, as paths. `going`: names of environments that are to be
 * removed. While an environment is being made, it may be about to use any of it.
 */
export async function findUnused(store: Store, going: readonly string[] = []): Promise<string[]> {
  const names = (await store.names()).filter(name => !going.includes(name))
  const records = await Promise.all(names.map(name => store.read(name)))
  const routing = await Promise.all(records.map(routingOf))
  const used = new Set([...records.flatMap(sharedKeys), ...routing.flatMap(key => key ?? [])])
  const keyOf = (directory: string, name: string) => {
    if (directory === store.stubs) return rootOfStubs(name)
    return directory === store.loaders || directory === store.processors ? twinsOfLoaders(name) : name
  }
  const found: string[] = []
  for (const directory of sharedDirectories(store)) {
    for (const name of await entries(directory)) {
      if (!name.endsWith('.lock') && !used.has(keyOf(directory, name))) found.push(join(directory, name))
    }
  }
  return found
}

/** The routes that it was made with; undefined where there are none, or its profile is no longer known. */
async function routingOf(record: EnvironmentRecord): Promise<string | undefined> {
  if (record.programs === 'native') return undefined
  const {root, twins, profile, suite} = record
  const found = await readEmulatedProfile(profile, suite).catch(() => undefined)
  return found && routingKey({root, twins, profile: found})
}

export const entries = async (directory: string) => (isThere(directory) ? readdir(directory) : [])
