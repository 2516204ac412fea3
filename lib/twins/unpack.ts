import {readdir, readFile, symlink} from 'node:fs/promises'
import {availableParallelism} from 'node:os'
import {join} from 'node:path'
import {mergedDirectories, parseStatus} from '../core/debian/packages.js'
import {XbuildError} from '../core/errors.js'
import {quote} from '../core/shell-words.js'
import {makeDirectory, readFileIfThere, writeFileSafely} from '../host/files.js'
import {plainVariables} from '../host/programs.js'
import {type RunResult, run} from '../host/run.js'
import {TWIN_KINDS} from './kinds/kinds.js'
import {ARCHIVES, INFO, STATUS} from './packages.js'

/** The names of the archives that apt has downloaded for a tree. */
export const archivesIn = async (tree: string) => (await readdir(join(tree, ARCHIVES))).filter(name => name.endsWith('.deb')).sort()

/** What a twin set has no use for: twins find the root's. */
const LEFT_OUT = [
  ...['boot', 'dev', 'etc', 'home', 'media', 'mnt', 'opt', 'proc', 'root', 'run', 'srv', 'sys', 'tmp', 'var'].map(name => `/${name}`),
  ...TWIN_KINDS.flatMap(({leftOut}) => leftOut ?? []),
]

/**
 * As mmdebstrap extracts: dpkg-deb's own way would replace the links of a merged /usr by directories. `$1` is the archive,
 * `$2` the tree, others are members. Prints what it unpacked.
 */
const UNPACK = `archive="$1" tree="$2"; shift 2; dpkg-deb --fsys-tarfile "$archive" | tar --extract --verbose --quoting-style=literal \
  --directory "$tree" --keep-directory-symlink ${LEFT_OUT.map(path => quote(`--exclude=.${path}`)).join(' ')} --file - "$@"`

/** Archives are unpacked side by side: more threads for one cost more than they bring. man 1 dpkg-deb */
const ONE_THREAD = {DPKG_DEB_THREADS_MAX: '1'}

/**
 * Unpacks archives of a tree into that or another one, as many at a time as there are processors, and
 * notes packages and files there as dpkg does. `members`: of these packages one member alone; an emulator's has those of
 * all CPUs, 370 MB.
 */
export async function unpack(
  source: string,
  archives: readonly string[],
  tree: string,
  members: Readonly<Record<string, string>>,
): Promise<void> {
  await makeDirectory(join(tree, INFO))
  const left = [...archives]
  const stanzas: string[] = []
  const work = async () => {
    for (let archive = left.shift(); archive !== undefined; archive = left.shift()) {
      const path = join(source, ARCHIVES, archive)
      const control = await output(archive, 'dpkg-deb', ['--field', path])
      stanzas.push(`${control.trim()}\nStatus: install ok installed\n\n`)
      const name = parseStatus(control)[0]?.name ?? ''
      const member = members[name]
      const files = await output(archive, 'bash', ['-o', 'pipefail', '-c', UNPACK, 'unpack', path, tree, ...(member ? [member] : [])])
      await writeFileSafely(join(tree, INFO, `${name}.list`), `${files.replace(/^\.|\/$/gm, '')}\n`)
      if (name.endsWith(CROSS_SUFFIX)) await unpackLibraryLists(path, join(tree, INFO, name))
    }
  }
  await Promise.all(Array.from({length: availableParallelism()}, work))
  await addToStatus(tree, stanzas.sort().join(''))
}

/** Of packages that belong to a cross compiler, which a root of a CPU without an archive is made of. */
const CROSS_SUFFIX = '-cross'
const LIBRARY_LISTS = ['shlibs', 'symbols']

/** What such a package says of its libraries to those who link them, as dpkg keeps it beside its list of files. */
async function unpackLibraryLists(archive: string, to: string): Promise<void> {
  const names = await output(archive, 'bash', ['-o', 'pipefail', '-c', 'dpkg-deb --ctrl-tarfile "$1" | tar --list', 'list', archive])
  for (const name of LIBRARY_LISTS.filter(name => names.split('\n').includes(`./${name}`))) {
    await writeFileSafely(`${to}.${name}`, await output(archive, 'dpkg-deb', ['--info', archive, name]))
  }
}

/** Makes the links of a merged /usr of an architecture. */
export async function makeMerged(tree: string, architecture: string): Promise<void> {
  for (const name of mergedDirectories(architecture)) {
    await makeDirectory(join(tree, 'usr', name))
    await symlink(join('usr', name), join(tree, name))
  }
}

async function addToStatus(tree: string, stanzas: string): Promise<void> {
  const path = join(tree, STATUS)
  await writeFileSafely(path, ((await readFileIfThere(path)) ?? '') + stanzas)
}

/** Gives a tree what another one's packages have in /usr, and the lists of it: as hard links, so at almost no cost. */
export async function linkTree(from: string, tree: string): Promise<void> {
  await makeDirectory(join(tree, INFO))
  for (const directory of ['usr', INFO]) {
    await output(directory, 'cp', ['--archive', '--link', '--force', '--', `${join(from, directory)}/.`, join(tree, directory)])
  }
}

/** The same of a tree's packages, which is gone then. */
export async function mergeTree(from: string, tree: string): Promise<void> {
  await linkTree(from, tree)
  await addToStatus(tree, await readFile(join(from, STATUS), 'utf8'))
  await output(from, 'rm', ['-rf', '--', from])
}

const output = async (what: string, program: string, args: readonly string[]) =>
  expectSuccess(what, await run(program, args, {variables: {...plainVariables(), ...ONE_THREAD}})).stdout

/** Throws what a program said where it did not succeed. */
export function expectSuccess(what: string, result: RunResult): RunResult {
  if (result.exitCode === 0) return result
  throw new XbuildError('bootstrap-failed', `${what}: ${result.stderr.trim() || `exit status ${result.exitCode}`}`)
}
