import {basename, join} from 'node:path'
import {removeEnvironment, removeUnused} from '../environment/change.js'
import {type EnvironmentRecord, isOfBuilds} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {entries, findUnused} from '../environment/unused.js'
import {measureTrees} from '../host/disk-usage.js'
import {isThere} from '../host/files.js'
import {tryHold} from '../session/hold.js'
import {findGoneProjects, removeGoneProjects} from './gone.js'
import {type EnvironmentUse, environmentUses, treeOf} from './used.js'

/** Something that nobody needs any more. */
export interface Prunable {
  what: 'environment' | 'shared' | 'project'
  path: string
  why: string
  bytes: number
}

/** What nobody needs. `unusedDays`: an environment that a build made goes where none has used it for so long. */
export async function planPrune(store: Store, unusedDays: number): Promise<Prunable[]> {
  const uses = await environmentUses(store)
  const gone = await goneEnvironments(store, uses, unusedDays)
  const shared = await findUnused(
    store,
    gone.map(({name}) => name),
  )
  const found = [
    ...gone.map(({name, why}) => ({what: 'environment', path: store.environment(name).directory, why}) as const),
    ...shared.map(path => ({what: 'shared', path, why: whyUnused(store, path)}) as const),
    ...(await Promise.all((await findGoneProjects(store)).map(goneProject))),
  ]
  const sizes = await measureTrees([...(await keptTrees(store, found)), ...found.map(({path}) => path)])
  return found.map(one => ({...one, bytes: sizes.get(one.path) ?? 0}))
}

/** Twin sets have files in common, and so have roots: what one that stays has, none that goes frees. It is measured before them. */
async function keptTrees({roots, twins}: Store, going: readonly {path: string}[]): Promise<string[]> {
  const kept = async (directory: string) =>
    (await entries(directory)).filter(name => !name.startsWith('.')).map(name => join(directory, name))
  return [...(await kept(roots)), ...(await kept(twins))].filter(tree => !going.some(({path}) => path === tree))
}

async function goneProject(path: string): Promise<Omit<Prunable, 'bytes'>> {
  const tree = await treeOf(path)
  const why = tree === undefined ? 'of a build that never began' : `what builds changed in ${tree}, which is gone`
  return {what: 'project', path, why}
}

/** Removes it, but for environments that somebody uses by now. Returns what was removed. */
export async function prune(store: Store, plan: readonly Prunable[]): Promise<Prunable[]> {
  for (const {path} of plan.filter(({what}) => what === 'environment')) {
    const lock = await tryHold(store, basename(path), 'lasting')
    if (lock) await removeEnvironment(store, basename(path)).finally(lock.release)
  }
  await removeUnused(store)
  await removeGoneProjects(store)
  return plan.filter(({path}) => !isThere(path))
}

const DAY_MS = 24 * 3600 * 1000

async function goneEnvironments(store: Store, uses: readonly EnvironmentUse[], unusedDays: number): Promise<{name: string; why: string}[]> {
  const records = await Promise.all((await store.names()).map(name => store.read(name).catch(() => undefined)))
  return records.flatMap(record => {
    const why = record === undefined || !isOfBuilds(record) ? undefined : whyNotNeeded(record, uses, unusedDays)
    return record === undefined || why === undefined ? [] : [{name: record.name, why}]
  })
}

function whyNotNeeded({name, created}: EnvironmentRecord, all: readonly EnvironmentUse[], unusedDays: number): string | undefined {
  const uses = all.filter(({environment}) => environment === name)
  const last = Math.max(Date.parse(created), ...uses.map(use => use.last))
  const days = Math.floor((Date.now() - last) / DAY_MS)
  if (uses.length > 0 && uses.every(({project}) => !isThere(project))) return `the project that built in it is gone: ${uses[0]?.project}`
  return days >= unusedDays ? `no build has used it for ${days} days` : undefined
}

const isPartial = (path: string) => basename(path).startsWith('.partial-')

function whyUnused(store: Store, path: string): string {
  if (isPartial(path)) return 'half made, by a command that was ended'
  const kind = Object.entries({root: store.roots, 'twin set': store.twins, layer: store.layers}).find(([, directory]) =>
    path.startsWith(`${directory}/`),
  )?.[0]
  return `${kind === undefined ? '' : `a ${kind}: `}no environment uses it`
}
