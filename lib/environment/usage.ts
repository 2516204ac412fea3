import {join, relative} from 'node:path'
import {measureTrees} from '../host/disk-usage.js'
import {isNotKept, isThere, readFileIfThere, SHORT_TEXT_LIMIT, writeFileSafely} from '../host/files.js'
import {type EnvironmentRecord, twinKeys} from './record.js'
import type {Store} from './store.js'

/** What an environment takes on the disk, in bytes. */
export interface Usage {
  /** What sessions changed in it. */
  own: number
  /** Its root, twin set and layers, which other environments may share. */
  shared: number
}

/** Of environments, in their order. What they share changes no more once it is made: it is measured once, and kept. */
export async function measureEnvironments(store: Store, records: readonly EnvironmentRecord[]): Promise<Usage[]> {
  const own = records.map(({name}) => store.environment(name).directory)
  const shared = await measureShared(store, records)
  const sizes = await measureTrees(own)
  return records.map((record, i) => ({
    own: sizes.get(own[i] ?? '') ?? 0,
    shared: shared.get(sharedTrees(store, record).join(SEPARATOR)) ?? 0,
  }))
}

/** One that is being frozen has its newest layer not yet, or in part: what is measured of it then is not kept. */
const sharedTrees = (store: Store, record: EnvironmentRecord) =>
  [...store.lowerLayers(record), ...twinKeys(record).map(store.twinTree)].map(tree => relative(store.home, tree))

/** No name in the store holds one. */
const SEPARATOR = ' '

/** By the trees that an environment is made of, together: a file that two of them have counts once. */
async function measureShared(store: Store, records: readonly EnvironmentRecord[]): Promise<Map<string, number>> {
  const known = await readSizes(store)
  const measured = new Map<string, number>()
  const passing = new Map<string, number>()
  for (const record of records) {
    const trees = sharedTrees(store, record)
    const set = trees.join(SEPARATOR)
    if (known.has(set) || measured.has(set)) continue
    const sizes = await measureTrees(trees.map(tree => join(store.home, tree)))
    const bytes = [...sizes.values()].reduce((sum, one) => sum + one, 0)
    if (record.freezing === undefined) measured.set(set, bytes)
    else passing.set(set, bytes)
  }
  if (measured.size > 0) await keepSizes(store, new Map([...known, ...measured]))
  return new Map([...known, ...measured, ...passing])
}

const sizesFile = (store: Store) => join(store.home, 'sizes.json')

/** Nothing, where none are kept, or something else is there: all is measured anew. */
async function readSizes(store: Store): Promise<Map<string, number>> {
  const text = await readFileIfThere(sizesFile(store), SHORT_TEXT_LIMIT).catch(() => undefined)
  if (text === undefined) return new Map()
  try {
    const sizes: unknown = JSON.parse(text)
    return new Map(Object.entries(Object(sizes)).filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])))
  } catch {
    return new Map()
  }
}

/** Of what is still there. Where nothing can be kept, it is measured again the next time. */
async function keepSizes(store: Store, sizes: ReadonlyMap<string, number>): Promise<void> {
  const there = [...sizes].filter(([set]) => set.split(SEPARATOR).every(tree => isThere(join(store.home, tree))))
  await writeFileSafely(sizesFile(store), `${JSON.stringify(Object.fromEntries(there), null, 2)}\n`).catch(error => {
    if (!isNotKept(error)) throw error
  })
}
