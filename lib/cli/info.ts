import {join} from 'node:path'
import {inUnits} from '../core/bytes.js'
import {XbuildError} from '../core/errors.js'
import type {NoRoute, Route} from '../core/twins/route.js'
import type {EmulatedRecord, EnvironmentRecord} from '../environment/record.js'
import {type Routing, readRouting} from '../environment/routing.js'
import type {Store} from '../environment/store.js'
import {stubsLeft} from '../environment/stubs-left.js'
import {measureEnvironments} from '../environment/usage.js'
import {fileIdentity} from '../host/file-identity.js'
import {environmentUses, projectsOf} from '../project/used.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import type {JsonOption} from './manage.js'
import {print, table} from './output.js'
import {describeStubs} from './stubs-report.js'

interface InfoOptions extends JsonOption {
  routes?: boolean
}

export async function info(name: string | undefined, options: InfoOptions): Promise<number> {
  const {store, settings} = await openContext()
  const record = await store.read(await store.choose(name, settings.environment))
  switch (record.programs) {
    case 'emulated':
      await tellRouted(store, record, options)
      return 0
    case 'native':
      if (options.json) printAs('info', await jsonOf(store, record))
      else print(table([...(await factsOf(store, record)), ['programs', "of this machine's own architecture: they run by themselves"]]))
      return 0
  }
}

async function tellRouted(store: Store, record: EmulatedRecord, options: InfoOptions): Promise<void> {
  const routing = await readRouting(store.environment(record.name))
  const twinTree = store.twinTree(record.twins)
  const damaged = findDamaged(twinTree, routing?.routes ?? [])
  const stubs = await stubsLeft(store, record)
  if (options.json) {
    printAs('info', {...(await jsonOf(store, record)), twinTree, routing, damaged, stubs})
    return
  }
  if (!routing)
    throw new XbuildError('environment-damaged', `environment "${record.name}" has no routes`, {
      hint: 'start a session in it: they are found again',
    })
  const facts = [
    ...(await factsOf(store, record)),
    ['twin set', twinTree],
    ['routed', `${routing.routes.length} programs of ${packagesOf(routing).length} packages`],
  ]
  print(table(facts))
  print(`\n${describeRouted(routing)}`)
  if (stubs.length > 0) print(`\n${describeStubs(stubs)}`)
  const missing = describeAllMissing(routing.missing)
  if (missing.length > 0) print(`\nemulated, though they could have twins:\n${missing.map(line => `  ${line}`).join('\n')}`)
  if (damaged.length > 0) print(describeDamaged(damaged, record.name))
  if (options.routes) print(`\n${table(routing.routes.map(route => [route.path, route.twin]))}`)
}

/** A twin that is not as it was made; bytes. */
interface DamagedTwin {
  program: string
  twin: string
  size: number
  whole: number
}

function findDamaged(tree: string, routes: readonly Route[]): DamagedTwin[] {
  return routes.flatMap(({path, twin, twinSize}) => {
    const place = join(tree, twin)
    const {size = twinSize} = fileIdentity(place) ?? {}
    return size === twinSize ? [] : [{program: path, twin: place, size, whole: twinSize}]
  })
}

function describeDamaged(damaged: readonly DamagedTwin[], name: string): string {
  const lines = damaged.map(({program, twin, size, whole}) => `  ${program}: ${twin} has ${size} of ${whole} bytes`)
  const advice = `  for a new twin set: xbuild-env remove --unused ${name}, and all others that use it, then create them again`
  return ['\nemulated, since the twin is damaged:', ...lines, advice].join('\n')
}

/** Of any environment. */
const jsonOf = async (store: Store, record: EnvironmentRecord) => ({
  ...record,
  disk: (await measureEnvironments(store, [record]))[0],
  projects: projectsOf(await environmentUses(store), record.name),
  directory: store.environment(record.name).directory,
  rootTree: store.rootTree(record.root),
})

const factsOf = async (store: Store, record: EnvironmentRecord) => [
  ['name', record.name],
  ['profile', `${record.profile} (${record.triple})`],
  ['suite', record.suite],
  ['created', record.created],
  ['mirror', record.mirror ?? "the distribution's own"],
  ...(record.repository === undefined ? [] : [['repository', record.repository]]),
  ['root', store.rootTree(record.root)],
  ...record.layers.map(id => ['layer', store.layerTree(id)]),
  ['changes', store.environment(record.name).upper],
  ...(await describeDisk(store, record)),
]

async function describeDisk(store: Store, record: EnvironmentRecord): Promise<string[][]> {
  const [disk] = await measureEnvironments(store, [record])
  const projects = projectsOf(await environmentUses(store), record.name)
  return [
    ...(disk ? [['disk', `${inUnits(disk.own)} of its own, ${inUnits(disk.shared)} that others may share`]] : []),
    ...(projects.length > 0 ? [['builds of', projects.join(', ')]] : []),
  ]
}

const packagesOf = (routing: Routing) => [...new Set(routing.routes.map(route => route.package))].sort()

function describeRouted(routing: Routing): string {
  const by = (match: Route['match']) => packagesOf({...routing, routes: routing.routes.filter(route => route.match === match)})
  const skewed = by('skewed')
  const lines = [`native, of the same version: ${by('exact').join(' ')}`]
  if (skewed.length > 0)
    lines.push(`native, with version skew (the same revision, before or after an update of the release): ${skewed.join(' ')}`)
  return lines.join('\n')
}

/** Of programs that are emulated for one reason, so many are named. */
const MOST_NAMED = 6

/** A line for each reason: what keeps one program from a twin may keep hundreds. */
function describeAllMissing(missing: readonly NoRoute[]): string[] {
  const byReason = new Map<string, string[]>()
  for (const one of missing) {
    const {what, why} = describeMissing(one)
    byReason.set(why, [...(byReason.get(why) ?? []), what])
  }
  return [...byReason].map(([why, all]) => {
    const more = all.length > MOST_NAMED ? `, and ${all.length - MOST_NAMED} more (--json has all)` : ''
    return `${why}: ${all.slice(0, MOST_NAMED).join(', ')}${more}`
  })
}

function describeMissing(missing: NoRoute): {what: string; why: string} {
  switch (missing.reason) {
    case 'no-twin':
      return {what: missing.package, why: 'the twin set has no such package'}
    case 'other-version':
      return {what: `${missing.package} ${missing.version}`, why: `the twin set has ${missing.twinVersion}`}
    case 'changed':
      return {what: `${missing.path} (${missing.package})`, why: 'not the file that the package shipped'}
    case 'unfit':
      return {what: `${missing.path} (${missing.package})`, why: `the twin ${missing.why}`}
  }
}
