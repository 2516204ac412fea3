import {readdir, readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {DPKG_DATABASE, type InstalledPackage, mergedPath, parseStatus, parseSums} from '../core/debian.js'
import {readFileIfThere} from '../host/files.js'
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
export const STATUS = join(DPKG_DATABASE, 'status')

export async function readPackages(tree: string): Promise<PackageIndex> {
  const status = await readFile(join(tree, STATUS), 'utf8')
  const packages = new Map(parseStatus(status).map(pack => [pack.name, pack]))
  const paths = (pack: InstalledPackage, ending: string) =>
    [pack.name, `${pack.name}:${pack.architecture}`].map(name => join(tree, INFO, `${name}.${ending}`)) as [string, string]
  const read = async (pack: InstalledPackage, ending: string) => {
    const [plain, multiarch] = paths(pack, ending)
    return (await readFileIfThere(plain)) ?? (await readFileIfThere(multiarch)) ?? ''
  }
  const listTime = async (pack: InstalledPackage) => {
    const [plain, multiarch] = paths(pack, 'list')
    const status = await stat(plain).catch(() => stat(multiarch).catch(() => undefined))
    return status?.mtimeMs ?? 0
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
