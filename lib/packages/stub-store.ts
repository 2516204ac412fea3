import {readFile, rename, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {compilerPackages, type EmulatedProfile, readEmulatedProfile, readRootKind, rootKind} from '../config/profiles.js'
import {readStubLists} from '../config/stubs.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {contentKey} from '../core/key.js'
import {parseContents} from '../core/stubs/holdings.js'
import type {StubKind} from '../core/stubs/kind.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {stubsKey} from '../environment/unused.js'
import {isThere, makeClosedDirectory, makeDirectory} from '../host/files.js'
import {makeStubIndex, type StubEntry, type StubIndexRules} from '../root/stub-index.js'

/** Raised when stub packages of the same packages would come out otherwise. */
const FORMAT = 2

/** Of a data home: what the archive of a CPU without one consists of, for environments of one root. */
export interface StubStore {
  profile: EmulatedProfile
  rules: StubIndexRules
  directory: string
  /** Where apt keeps what it knows of the archive of the host's architecture. */
  lists: string
  /** Packages that were made or fetched. */
  pool: string
  /** For what is being fetched and made. */
  work: string
}

/**
 * Build profiles of every build in an environment: a cross compiler makes code of one ABI alone, for which there is `nobiarch`.
 * https://wiki.debian.org/BuildProfileSpec
 */
export const standingProfiles = async ({profile, suite}: EnvironmentRecord): Promise<readonly string[]> =>
  (await readRootKind(profile, suite)) === 'cross' ? ['nobiarch'] : []

/** undefined where an environment's packages come from an archive of its own. */
export async function findStubStore(store: Store, record: EnvironmentRecord): Promise<StubStore | undefined> {
  if (record.programs === 'native') return undefined
  const profile = await readEmulatedProfile(record.profile, record.suite)
  if (rootKind(profile) !== 'cross') return undefined
  const lists = await readStubLists()
  const rules: StubIndexRules = {
    names: {host: hostArchitecture(), target: profile.target},
    lists,
    compilers: compilerPackages(profile),
  }
  const key = contentKey({format: FORMAT, root: record.root, suite: record.suite, mirror: record.mirror, lists})
  const directory = join(store.stubs, stubsKey(record.root, key))
  const [apt, pool, work] = ['lists', 'pool', 'work'].map(name => join(directory, name)) as [string, string, string]
  await makeClosedDirectory(store.stubs)
  for (const path of [apt, pool, work]) await makeDirectory(path)
  return {profile, rules, directory, lists: apt, pool, work}
}

/** What the archive of the host's architecture has, as a session has written it there. */
export const HOST_PACKAGES = 'Packages'
export const HOST_CONTENTS = 'Contents'

/** What can be had at once: names, and what each package of the archive is. */
export interface KnownStubs {
  entries: ReadonlyMap<string, StubEntry>
  kinds: ReadonlyMap<string, StubKind>
}

const KNOWN = 'known.json'

/** Reads what a session has fetched, once for all. */
export async function readKnownStubs({directory, rules}: StubStore): Promise<KnownStubs> {
  const path = join(directory, KNOWN)
  const packages = join(directory, HOST_PACKAGES)
  if (isThere(path) && (await stat(path)).mtimeMs >= (await stat(packages)).mtimeMs) {
    const {entries, kinds} = JSON.parse(await readFile(path, 'utf8'))
    return {entries: new Map(entries), kinds: new Map(kinds)}
  }
  const contents = await readFile(join(directory, HOST_CONTENTS), 'utf8')
  const known = makeStubIndex({packages: await readFile(packages, 'utf8'), holdings: parseContents(contents.split('\n'))}, rules)
  await writeWhole(path, JSON.stringify({entries: [...known.entries], kinds: [...known.kinds]}))
  return known
}

/** Several attempts may do so at once; each writes the same. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const partial = `${path}.${process.pid}`
  await writeFile(partial, text)
  await rename(partial, path)
}
