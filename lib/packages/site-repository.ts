import {createHash} from 'node:crypto'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {makeDirectory} from '../host/files.js'
import type {Bind} from '../session/plan.js'
import {APT_DIRECTORY} from './deb-plan.js'

/** Packages of the host's that apt takes before those of the archives, by their priority: man 5 apt_preferences. */
export interface SiteRepository {
  /** A word. */
  name: string
  /** Where the packages lie; the index names them below POOL. */
  pool: string
  /** A Packages index. */
  index: string
  priority: number
}

/** In the file names of an index. */
export const POOL = 'pool'

/** Below APT_DIRECTORY. */
const REPOSITORIES = 'repositories'
export const PREFERENCES_FILE = 'preferences'
/** The names of those packages that are taken also where others of their names are installed, one a line. */
export const NAMES_FILE = 'names'
/** Their lines of apt's sources alone. */
export const REPOSITORIES_LIST = 'repositories.list'

/** What is installed has this priority: man 5 apt_preferences. */
const INSTALLED = 100

const placeIn = (apt: string, {name}: SiteRepository) => join(apt, REPOSITORIES, name)
const originOf = ({name}: SiteRepository) => `xbuild-env-${name}`

/** What apt takes as sources: trusted, since nobody but this user can have written there. `copy`: they lie with all that come. */
export const sourceLines = (repositories: readonly SiteRepository[]): string =>
  repositories.map(one => `deb [trusted=yes] copy:${placeIn(APT_DIRECTORY, one)} ./\n`).join('')

export const preferencesOf = (repositories: readonly SiteRepository[]): string =>
  repositories.map(one => `Package: *\nPin: release o=${originOf(one)}\nPin-Priority: ${one.priority}\n\n`).join('')

/** Writes what apt reads of them into a directory that sessions are shown as APT_DIRECTORY. */
export async function writeRepositories(apt: string, repositories: readonly SiteRepository[]): Promise<void> {
  const renewed = repositories.filter(({priority}) => priority > INSTALLED)
  await writeFile(join(apt, NAMES_FILE), renewed.flatMap(({index}) => namesIn(index)).join(''))
  await writeFile(join(apt, REPOSITORIES_LIST), sourceLines(repositories))
  for (const repository of repositories) {
    const place = placeIn(apt, repository)
    await makeDirectory(join(place, POOL))
    await writeFile(join(place, 'Packages'), repository.index)
    await writeFile(join(place, 'Release'), releaseOf(repository))
  }
}

const namesIn = (index: string) => [...index.matchAll(/^Package: *(.*)$/gm)].map(([, name]) => `${name}\n`)

/** https://wiki.debian.org/DebianRepository/Format#A.22Release.22_files */
const releaseOf = (repository: SiteRepository) => `Origin: ${originOf(repository)}
Label: ${originOf(repository)}
Date: ${new Date().toUTCString()}
SHA256:
 ${createHash('sha256').update(repository.index).digest('hex')} ${Buffer.byteLength(repository.index)} Packages
`

/** What sessions are shown of them. */
export const repositoryBinds = (repositories: readonly SiteRepository[]): Bind[] =>
  repositories.map(one => ({source: one.pool, target: join(placeIn(APT_DIRECTORY, one), POOL), access: 'ro'}))
