import {XbuildError} from '../core/errors.js'
import {cloneEnvironment, removeEnvironment, removeUnused, type Sharing} from '../environment/change.js'
import type {Store} from '../environment/store.js'
import {isThere} from '../host/files.js'
import {isLocked, type Lock, takeLock} from '../host/lock.js'
import {removeGoneProjects} from '../project/gone.js'
import {holdEnvironment} from '../session/hold.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import {green, note, print, table} from './output.js'

export interface JsonOption {
  json?: boolean
}

/** Environments that this version cannot use, by the reason that the store gives. */
const UNUSABLE: Partial<Record<string, string>> = {
  'older-format': 'of an older version',
  'newer-format': 'of a newer version',
}

export async function list(options: JsonOption): Promise<number> {
  const {store} = await openContext()
  const rows = await Promise.all((await store.names()).map(name => describe(name)))
  if (options.json) printAs('list', rows)
  else if (rows.length === 0) note('no environments yet\n  make one: xbuild-env create mips64el')
  else
    print(
      table([
        ['NAME', 'PROFILE', 'SUITE', 'CREATED', 'STATE'],
        ...rows.map(row => [row.name, row.profile, row.suite, row.created.slice(0, 10), row.state]),
      ]),
    )
  return 0

  async function describe(name: string) {
    const state = await stateOf(name)
    try {
      const record = await store.read(name)
      store.checkWhole(record)
      const {profile, suite, created} = record
      return {name, profile, suite, created, state}
    } catch (error) {
      if (!(error instanceof XbuildError)) throw error
      return {name, profile: '', suite: '', created: '', state: UNUSABLE[error.reason] ?? 'damaged'}
    }
  }

  async function stateOf(name: string): Promise<'idle' | 'in use'> {
    const {lock} = store.environment(name)
    if (!isThere(lock)) return 'idle'
    return (await isLocked(lock)) ? 'in use' : 'idle'
  }
}

export async function clone(name: string, copy: string, options: JsonOption): Promise<number> {
  const {store} = await openContext()
  const {lock, sharing} = await holdForClone(store, name)
  try {
    const record = await cloneEnvironment(store, await store.read(name), copy, sharing)
    if (options.json) printAs('clone', record)
    else note(`${green('created')} environment ${copy}, a copy of ${name}`)
    return 0
  } finally {
    await lock.release()
  }
}

/** Alone, or beside ephemeral sessions. One that is half frozen is finished by whoever has it alone. */
async function holdForClone(store: Store, name: string): Promise<{lock: Lock; sharing: Sharing}> {
  const {freezing} = await store.read(name)
  const alone = await takeLock(store.environment(name).lock, 'exclusive', 'no')
  if (alone) return {lock: alone, sharing: 'share'}
  return {lock: await holdEnvironment(store, name, freezing === undefined ? 'ephemeral' : 'lasting'), sharing: 'copy'}
}

export async function remove(names: readonly string[], options: JsonOption & {unused?: boolean}): Promise<number> {
  const {store} = await openContext()
  if (names.length === 0 && !options.unused)
    throw new XbuildError('usage', 'remove which environment?', {hint: 'name one, or use --unused'})
  const there = await store.names()
  const unknown = names.find(name => !there.includes(name))
  if (unknown !== undefined) await store.read(unknown) // says what is wrong with it, and nothing has been removed
  for (const name of names) {
    const lock = await holdEnvironment(store, name, 'lasting')
    try {
      await removeEnvironment(store, name)
    } finally {
      await lock.release()
    }
    if (!options.json) note(`${green('removed')} environment ${name}`)
  }
  const unused = options.unused ? [...(await removeUnused(store)), ...(await removeGoneProjects(store))] : []
  if (options.json) printAs('remove', {environments: names, unused})
  else for (const path of unused) note(`${green('removed')} ${path}`)
  return 0
}
