import {basename} from 'node:path'
import {inUnits} from '../core/bytes.js'
import {XbuildError} from '../core/errors.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {measureEnvironments, type Usage} from '../environment/usage.js'
import {isThere} from '../host/files.js'
import {isLocked} from '../host/lock.js'
import {environmentUses, projectsOf} from '../project/used.js'
import {openContext} from './context.js'
import {printAs} from './json.js'
import type {JsonOption} from './manage.js'
import {note, print, table} from './output.js'

/** Environments that this version cannot use, by the reason that the store gives. */
const UNUSABLE: Partial<Record<string, string>> = {
  'older-format': 'of an older version',
  'newer-format': 'of a newer version',
}

interface Listed {
  name: string
  profile: string
  suite: string
  created: string
  state: string
  /** In bytes. */
  disk: Usage
  /** Directories of the projects whose builds use it. */
  projects: readonly string[]
}

export async function list(options: JsonOption): Promise<number> {
  const {store} = await openContext()
  const rows = await listed(store)
  if (options.json) printAs('list', rows)
  else if (rows.length === 0) note('no environments yet\n  make one: xbuild-env create mips64el')
  else print(describe(rows))
  return 0
}

async function listed(store: Store): Promise<Listed[]> {
  const names = await store.names()
  const [records, uses] = await Promise.all([Promise.all(names.map(name => readOf(store, name))), environmentUses(store)])
  const whole = records.filter(record => typeof record !== 'string')
  const sizes = await measureEnvironments(store, whole)
  return Promise.all(
    names.map(async (name, i): Promise<Listed> => {
      const record = records[i] ?? 'damaged'
      const projects = projectsOf(uses, name)
      if (typeof record === 'string') return {...NOTHING_KNOWN, name, state: record, projects}
      const {profile, suite, created} = record
      const disk = sizes[whole.indexOf(record)] ?? NOTHING_KNOWN.disk
      return {name, profile, suite, created, state: await stateOf(store, name), disk, projects}
    }),
  )
}

const NOTHING_KNOWN = {profile: '', suite: '', created: '', disk: {own: 0, shared: 0}} as const

/** Or what is wrong with it. */
async function readOf(store: Store, name: string): Promise<EnvironmentRecord | string> {
  try {
    const record = await store.read(name)
    store.checkWhole(record)
    return record
  } catch (error) {
    if (!(error instanceof XbuildError)) throw error
    return UNUSABLE[error.reason] ?? 'damaged'
  }
}

async function stateOf(store: Store, name: string): Promise<'idle' | 'in use'> {
  const {lock} = store.environment(name)
  if (!isThere(lock)) return 'idle'
  return (await isLocked(lock)) ? 'in use' : 'idle'
}

const HEAD = ['NAME', 'PROFILE', 'SUITE', 'CREATED', 'CHANGES', 'SHARED', 'STATE']

function describe(rows: readonly Listed[]): string {
  const ofBuilds = rows.some(({projects}) => projects.length > 0)
  return table([
    [...HEAD, ...(ofBuilds ? ['BUILDS OF'] : [])],
    ...rows.map(({name, profile, suite, created, disk, state, projects}) => [
      ...[name, profile, suite, created.slice(0, 10), inUnits(disk.own), inUnits(disk.shared), state],
      ...(ofBuilds ? [projects.map(project => basename(project)).join(', ')] : []),
    ]),
  ])
}
