import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {type InstalledPackage, mergedPath, parseStatus, parseSums} from '../core/debian.js'
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
}

const INFO = 'var/lib/dpkg/info'

export async function readPackages(tree: string): Promise<PackageIndex> {
  const status = await readFile(join(tree, 'var/lib/dpkg/status'), 'utf8')
  const packages = new Map(parseStatus(status).map(pack => [pack.name, pack]))
  const read = async (pack: InstalledPackage, ending: string) =>
    (await readFileIfThere(join(tree, INFO, `${pack.name}.${ending}`))) ??
    (await readFileIfThere(join(tree, INFO, `${pack.name}:${pack.architecture}.${ending}`))) ??
    ''
  return {
    tree,
    packages,
    files: async pack => (await read(pack, 'list')).split('\n').filter(Boolean).map(mergedPath),
    sums: async pack => parseSums(await read(pack, 'md5sums')),
  }
}

/**
 * A root that mmdebstrap has extracted but not yet configured: dpkg's database is empty, but the archives lie there,
 * named `package_version_architecture.deb` (a colon of the version as %3a).
 */
export async function readExtracted(tree: string): Promise<PackageIndex> {
  const directory = join(tree, 'var/cache/apt/archives')
  const archives = new Map<string, string>()
  const packages = new Map<string, InstalledPackage>()
  for (const archive of await readdir(directory)) {
    const [name, version, architecture] = archive
      .replace(/\.deb$/, '')
      .split('_')
      .map(decodeURIComponent)
    if (!archive.endsWith('.deb') || !name || !version || !architecture) continue
    const [pack] = parseStatus(`Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}`)
    if (pack) packages.set(name, pack)
    archives.set(name, join(directory, archive))
  }
  return {
    tree,
    packages,
    files: async pack => parseContents((await run('dpkg-deb', ['--contents', archives.get(pack.name) ?? ''])).stdout),
    sums: async () => new Map(), // unpacked only just now, and by us
  }
}

/** `dpkg-deb --contents`: as `tar -tv`, mode, owner, size, date, time, path. */
const parseContents = (text: string) =>
  text.split('\n').flatMap(line => {
    const path = /^-\S+\s+\S+\s+\d+\s+\S+\s+\S+\s+\.(\/.*)$/.exec(line)?.[1]
    return path ? [mergedPath(path)] : []
  })
