import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {isThere, readFileIfThere} from '../host/files.js'

/** Raised when a twin set of the same packages would come out otherwise. */
export const TWINS_FORMAT = 17

/** What is written down of a twin set beside its tree. */
export interface TwinFacts {
  format: number
  suite: string
  triple: string
  packages: readonly string[]
  generation: string | undefined
}

export const FACTS = 'twins.json'

/** Of a twin set's directory. Undefined where they are none of this version's: whatever they are, all can be made anew. */
export async function readFacts(directory: string): Promise<Pick<TwinFacts, 'suite' | 'packages'> | undefined> {
  try {
    const facts = Object(JSON.parse((await readFileIfThere(join(directory, FACTS))) ?? '')) as Partial<Record<keyof TwinFacts, unknown>>
    const {format, suite, packages} = facts
    const isList = Array.isArray(packages) && packages.every(name => typeof name === 'string')
    return format === TWINS_FORMAT && typeof suite === 'string' && isList ? {suite, packages} : undefined
  } catch {
    return undefined
  }
}

/** The twin sets in a store, whoever made them. */
export const namesIn = async (store: string) => (isThere(store) ? (await readdir(store)).filter(name => !name.startsWith('.')) : [])

/** The trees of the twin sets of a suite that this version has made, for any target. */
export async function treesOfSuite(store: string, suite: string): Promise<string[]> {
  const directories = (await namesIn(store)).map(name => join(store, name))
  const facts = await Promise.all(directories.map(readFacts))
  return directories.filter((_, i) => facts[i]?.suite === suite).map(directory => join(directory, 'tree'))
}
