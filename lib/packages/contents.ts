import {rename, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {readProfile} from '../config/profiles.js'
import {PACKAGE_NAME} from '../core/debian/packages.js'
import {DISTRIBUTIONS} from '../core/distributions/distributions.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {isThere, makeDirectory} from '../host/files.js'
import {fetchFile} from '../host/mirror.js'
import {run} from '../host/run.js'

/** A suite's list of all files of all its packages is looked for anew after so many ms. https://wiki.debian.org/DebianRepository/Format */
const KEPT_MS = 30 * 24 * 3600 * 1000

/** Seconds that the list may take to come: it has some 10 MB, and is only for an advice. */
const FETCH_SECONDS = 60

/** Where the lists of a suite's files are looked for. */
export type ListSource = 'kept' | 'mirror'

/**
 * Which packages of an environment's suite have a file, by a pattern for its path without the first slash; undefined where that
 * is not known, for want of a list. These come from the mirror once a month; they are not signed, and only advised by.
 */
export async function packagesWith(
  store: Store,
  record: EnvironmentRecord,
  path: string,
  source: ListSource,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const architectures = ['all', await architectureOf(record)]
  const lists = await Promise.all(architectures.map(architecture => listOf(store, record, architecture, source, signal)))
  const there = lists.filter(list => list !== undefined)
  if (there.length === 0) return undefined // zgrep would read its standard input
  const {stdout} = await run('zgrep', ['--no-filename', '--extended-regexp', '--', `^${path}[[:space:]]`, ...there], {signal})
  const found = [...new Set(stdout.split('\n').flatMap(packagesOf))]
  return found.length === 0 && there.length < lists.length ? undefined : found
}

/** `usr/include/zlib.h   libdevel/zlib1g-dev,otherlibs/zlib-ng-dev` */
const packagesOf = (line: string) =>
  (line.split(/\s+/).at(-1) ?? '')
    .split(',')
    .map(name => name.split('/').at(-1) ?? '')
    .filter(name => PACKAGE_NAME.test(name))

const architectureOf = async ({profile, suite}: EnvironmentRecord) => (await readProfile(profile, suite)).target.architecture

/** undefined where the mirror has none. */
async function listOf(
  store: Store,
  {profile, suite, mirror}: EnvironmentRecord,
  architecture: string,
  source: ListSource,
  signal: AbortSignal,
): Promise<string | undefined> {
  const directory = join(store.home, 'contents')
  const list = join(directory, `${suite}-${architecture}.gz`)
  if (isThere(list) && Date.now() - (await stat(list)).mtimeMs < KEPT_MS) return list
  if (source === 'kept') return isThere(list) ? list : undefined
  await makeDirectory(directory)
  const {distribution} = (await readProfile(profile, suite)).suite
  const address = (mirror ?? DISTRIBUTIONS[distribution].mirror(architecture)).replace(/\/+$/, '')
  const partial = `${list}.${process.pid}`
  const fetched = await fetchFile(`${address}/dists/${suite}/main/Contents-${architecture}.gz`, partial, FETCH_SECONDS, signal)
  if (fetched) await rename(partial, list)
  return isThere(list) ? list : undefined
}
