import {XbuildError} from '../core/errors.js'
import {cloneEnvironment, removeEnvironment, removeUnused, type Sharing} from '../environment/change.js'
import type {Store} from '../environment/store.js'
import {type Lock, takeLock} from '../host/lock.js'
import {removeGoneProjects} from '../project/gone.js'
import {environmentUses, projectsOf} from '../project/used.js'
import {holdEnvironment} from '../session/hold.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import {green, note} from './output.js'

export interface JsonOption {
  json?: boolean
}

export async function clone(given: string, copy: string, options: JsonOption): Promise<number> {
  const {store} = await openContext()
  const name = await store.called(given)
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

export async function remove(given: readonly string[], options: JsonOption & {unused?: boolean}): Promise<number> {
  const {store} = await openContext()
  const names = [...new Set(await Promise.all(given.map(name => store.called(name))))]
  if (names.length === 0 && !options.unused)
    throw new XbuildError('usage', 'remove which environment?', {hint: 'name one, or use --unused'})
  const there = await store.names()
  const unknown = names.find(name => !there.includes(name))
  if (unknown !== undefined) await store.read(unknown) // says what is wrong with it, and nothing has been removed
  const uses = await environmentUses(store)
  for (const name of names) {
    await removeHeld(store, name)
    if (!options.json) for (const line of describeRemoved(name, projectsOf(uses, name))) note(line)
  }
  const unused = options.unused ? [...(await removeUnused(store)), ...(await removeGoneProjects(store))] : []
  if (options.json) printAs('remove', {environments: names, unused})
  else for (const path of unused) note(`${green('removed')} ${path}`)
  return 0
}

async function removeHeld(store: Store, name: string): Promise<void> {
  const lock = await holdEnvironment(store, name, 'lasting')
  try {
    await removeEnvironment(store, name)
  } finally {
    await lock.release()
  }
}

/** Whose builds will make it anew. */
const describeRemoved = (name: string, projects: readonly string[]): string[] => [
  `${green('removed')} environment ${name}`,
  ...projects.map(project => `  builds of ${project} used it: the next one creates it again`),
]
