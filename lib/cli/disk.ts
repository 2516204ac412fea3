import {basename} from 'node:path'
import {inUnits} from '../core/bytes.js'
import {XbuildError} from '../core/errors.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {entries, sharedKeys} from '../environment/unused.js'
import {measureTrees} from '../host/disk-usage.js'
import {type Prunable, planPrune, prune} from '../project/prune.js'
import {treeOf} from '../project/used.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import type {JsonOption} from './manage.js'
import {green, note, print, table} from './output.js'

interface Part {
  what: string
  path: string
  usedBy: readonly string[]
}

/** What each thing that is kept takes on the disk, and who uses it. */
export async function du(options: JsonOption): Promise<number> {
  const {store} = await openContext()
  const parts = await partsOf(store)
  const sizes = await measureTrees(parts.map(({path}) => path))
  const rows = parts.map(part => ({...part, bytes: sizes.get(part.path) ?? 0})).sort((a, b) => b.bytes - a.bytes)
  const total = rows.reduce((sum, {bytes}) => sum + bytes, 0)
  if (options.json) {
    printAs('du', {total, parts: rows})
    return 0
  }
  const lines = rows.map(({what, path, bytes, usedBy}) => [inUnits(bytes), what, basename(path), usedBy.join(', ') || '–'])
  print(table([['SIZE', 'WHAT', 'NAME', 'USED BY'], ...lines]))
  print(`${inUnits(total)} in all, in ${store.home}`)
  if (rows.some(({usedBy}) => usedBy.length === 0)) note('what nobody uses: xbuild-env prune --dry-run')
  return 0
}

async function partsOf(store: Store): Promise<Part[]> {
  const names = await store.names()
  const records = (await Promise.all(names.map(name => store.read(name).catch(() => undefined)))).filter(record => record !== undefined)
  return [
    ...(await sharedParts(store, records)),
    ...names.map(name => ({what: 'environment', path: store.environment(name).directory, usedBy: [name]})),
    ...(await projectParts(store)),
    ...(await othersOf(store)),
  ]
}

async function sharedParts(store: Store, records: readonly EnvironmentRecord[]): Promise<Part[]> {
  const kinds = [
    ['root', store.roots],
    ['twin set', store.twins],
    ['layer', store.layers],
  ] as const
  const found = await Promise.all(
    kinds.map(async ([what, directory]) =>
      (await named(directory)).map(key => ({
        what,
        path: `${directory}/${key}`,
        usedBy: records.filter(record => sharedKeys(record).includes(key)).map(({name}) => name),
      })),
    ),
  )
  return found.flat()
}

const projectParts = async (store: Store): Promise<Part[]> =>
  Promise.all(
    (await named(store.projects)).map(async name => {
      const path = `${store.projects}/${name}`
      const tree = await treeOf(path)
      return {what: 'builds of a project', path, usedBy: tree === undefined ? [] : [tree]}
    }),
  )

async function othersOf(store: Store): Promise<Part[]> {
  const known = [store.roots, store.twins, store.layers, store.environments, store.projects]
  const others = (await named(store.home)).map(name => `${store.home}/${name}`).filter(path => !known.includes(path))
  return others.map(path => ({what: 'other', path, usedBy: ['xbuild-env']}))
}

const named = async (directory: string) => (await entries(directory)).filter(name => !name.endsWith('.lock'))

export interface PruneOptions extends JsonOption {
  dryRun?: boolean
  unusedFor: string
}

/** Removes what nobody needs any more, and says what and why. */
export async function pruneCommand(options: PruneOptions): Promise<number> {
  const days = /^(\d{1,5})d?$/.exec(options.unusedFor)?.[1]
  if (days === undefined) {
    throw new XbuildError('usage', `--unused-for ${options.unusedFor}: not a number of days`, {hint: '--unused-for 30d'})
  }
  const {store} = await openContext()
  const plan = await planPrune(store, Number(days))
  const removed = options.dryRun ? plan : await prune(store, plan)
  if (options.json) printAs('prune', {dryRun: options.dryRun === true, bytes: sum(removed), removed})
  else tell(removed, options.dryRun === true)
  return 0
}

const sum = (removed: readonly Prunable[]) => removed.reduce((all, {bytes}) => all + bytes, 0)

function tell(removed: readonly Prunable[], isDry: boolean): void {
  if (removed.length === 0) return note('nothing to remove: all of it is used')
  print(table(removed.map(({bytes, path, why}) => [inUnits(bytes), path, why])))
  if (isDry) note(`would free ${inUnits(sum(removed))}: xbuild-env prune`)
  else note(`${green('freed')} ${inUnits(sum(removed))}`)
}
