import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {
  DPKG_DATABASE,
  DPKG_STATUS,
  DPKG_STATUS_LIMIT,
  type InstalledPackage,
  mergedPath,
  parseStatus,
  parseSums,
} from '../core/debian/packages.js'
import {XbuildError} from '../core/errors.js'
import {Tree, valueOrNone} from '../host/beneath.js'
import {run} from '../host/run.js'

/** What dpkg knows of a tree: its packages, and the files of each. */
export interface PackageIndex {
  tree: string
  packages: ReadonlyMap<string, InstalledPackage>
  /** Absolute paths of a package's files, in a merged /usr. */
  files: (pack: InstalledPackage) => Promise<string[]>
  /** md5 sums by path; packages need not have them. */
  sums: (pack: InstalledPackage) => Promise<Map<string, string>>
  /** Tells one installation of a package from another, also of the same version. */
  stamp: (pack: InstalledPackage) => Promise<string>
}

export const INFO = join(DPKG_DATABASE, 'info')
export const STATUS = DPKG_STATUS

/** Bytes: what a package with very many files lists. */
const LIST_LIMIT = 64 * 2 ** 20

/**
 * Reads dpkg's database of a tree, in which there may be anything in its place: what is not a regular file lists nothing. Throws
 * `environment-damaged` where that is the list of all packages.
 */
export async function readPackages(tree: string): Promise<PackageIndex> {
  const held = new Tree([tree], 'within')
  const damaged = ({why}: {why: string}) =>
    new XbuildError('environment-damaged', `the environment's list of packages, /${STATUS}, ${why}`, {
      hint: 'something in the environment has made it so: fix it there, or create the environment again',
    })
  const status = valueOrNone(held.read(STATUS, DPKG_STATUS_LIMIT), damaged)
  const packages = new Map(parseStatus(status?.toString() ?? '').map(pack => [pack.name, pack]))
  const paths = (pack: InstalledPackage, ending: string) =>
    [pack.name, `${pack.name}:${pack.architecture}`].map(name => join(INFO, `${name}.${ending}`))
  const read = async (pack: InstalledPackage, ending: string) => {
    const found = paths(pack, ending).map(path => held.read(path, LIST_LIMIT))
    return found.find(text => text.kind === 'found')?.value.toString() ?? ''
  }
  const listTime = async (pack: InstalledPackage) => {
    const found = paths(pack, 'list').map(path => held.status(path))
    return found.find(status => status.kind === 'found')?.value.mtimeMs ?? 0
  }
  return {
    tree,
    packages,
    files: async pack => (await read(pack, 'list')).split('\n').filter(Boolean).map(mergedPath),
    sums: async pack => parseSums(await read(pack, 'md5sums')),
    stamp: async pack => `${pack.version} ${await listTime(pack)}`,
  }
}

/** Where apt keeps the archives of packages, in a tree. */
export const ARCHIVES = 'var/cache/apt/archives'

/**
 * The packages of a root that mmdebstrap has extracted but not yet configured: dpkg's database is empty, but the archives
 * lie there. `wanted`: the packages that will be asked for.
 */
export async function readExtracted(tree: string, wanted: (name: string) => boolean): Promise<ReadonlyMap<string, InstalledPackage>> {
  const archives = (await readdir(join(tree, ARCHIVES))).filter(name => name.endsWith('.deb') && wanted(name.replace(/_.*/, '')))
  const control = async (archive: string) => (await run('dpkg-deb', ['--field', archive])).stdout
  const stanzas = await Promise.all(archives.map(name => control(join(tree, ARCHIVES, name))))
  return new Map(stanzas.flatMap(parseStatus).map(pack => [pack.name, pack]))
}
