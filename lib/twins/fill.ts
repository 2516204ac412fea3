import {readdir, readFile} from 'node:fs/promises'
import {availableParallelism, setPriority} from 'node:os'
import {dirname, join} from 'node:path'
import {emulatorPath, readProfile, readTwinRules} from '../config/profiles.js'
import {parseStatus} from '../core/debian.js'
import {XbuildError} from '../core/errors.js'
import {hostArchitecture} from '../core/host.js'
import {makeDirectory, writeFileSafely} from '../host/files.js'
import {LATER, proxyEnvironment} from '../host/maker.js'
import {plainEnvironment} from '../host/programs.js'
import {type RunResult, run} from '../host/run.js'
import {adaptFirst, adaptOthers} from './adapt.js'
import {ARCHIVES, INFO, STATUS_FORMAT} from './packages.js'
import {targetFacts} from './table.js'

/** Made in the directory of a twin set as soon as it has what the installation of a root runs. */
export const FIRST_TWINS = 'first-twins'

export interface FillTwins {
  profile: string
  suite: string
  /** Of the twin set in the making, with apt set up and its indices read. */
  tree: string
  packages: readonly string[]
  onLine: (line: string) => void
}

/**
 * Called by mmdebstrap's hook, as root of the maker's user namespace: fills a twin set. What the installation of a root
 * runs comes first, since a root in the making waits for it; the others, the compilers among them, come meanwhile.
 */
export async function fillTwins({tree, packages, onLine, ...input}: FillTwins): Promise<void> {
  const profile = await readProfile(input.profile, input.suite)
  const {preloads} = await readTwinRules(profile)
  const [host, target] = [hostArchitecture(), targetFacts(profile)]
  const {emulator, first} = profile.suite.twins
  const members = {[emulator.package]: `./${emulatorPath(profile)}`}
  await download([emulator.package, ...first], 0, onLine)
  const archives = await archivesIn(tree)
  const makeFirst = async () => {
    await unpack(tree, archives, members)
    const done = await adaptFirst(tree, host, target)
    await writeFileSafely(join(dirname(tree), FIRST_TWINS), '')
    return done
  }
  const [done] = await Promise.all([makeFirst(), download(packages, LATER, onLine)])
  onLine('unpacking the other twins')
  setPriority(LATER)
  await unpack(
    tree,
    (await archivesIn(tree)).filter(archive => !archives.includes(archive)),
    members,
  )
  await adaptOthers(tree, host, target, Object.values(preloads), done)
}

/** Nothing is installed, so nothing needs to be locked (man 5 apt.conf has no word of it; mmdebstrap says it too). */
async function download(packages: readonly string[], niceness: number, onLine: (line: string) => void): Promise<void> {
  const config = process.env.MMDEBSTRAP_APT_CONFIG
  if (config === undefined) throw new Error('not called by mmdebstrap')
  const environment = {...plainEnvironment(), ...proxyEnvironment(), APT_CONFIG: config}
  const command = ['apt-get', '--yes', '--quiet=2', '--download-only', '-oDebug::NoLocking=1', 'install', ...packages]
  onLine('downloading twins')
  expect('apt-get', await run('nice', ['-n', String(niceness), ...command], {environment, onLine}))
}

const archivesIn = async (tree: string) => (await readdir(join(tree, ARCHIVES))).filter(name => name.endsWith('.deb')).sort()

/**
 * As mmdebstrap extracts: dpkg-deb's own way would replace the links of a merged /usr by directories. `$1` is the archive,
 * `$2` the tree, others are members. Prints what it unpacked.
 */
const UNPACK =
  'archive="$1" tree="$2"; shift 2; dpkg-deb --fsys-tarfile "$archive" | tar --extract --verbose --quoting-style=literal --directory "$tree" --keep-directory-symlink --file - "$@"'

/** Archives are unpacked side by side: more threads for one cost more than they bring. man 1 dpkg-deb */
const ONE_THREAD = {DPKG_DEB_THREADS_MAX: '1'}

/**
 * Unpacks archives, as many at a time as there are processors, and notes packages and files as dpkg does. `members`: of
 * these packages one member alone; an emulator's has those of all CPUs, 370 MB.
 */
async function unpack(tree: string, archives: readonly string[], members: Readonly<Record<string, string>>): Promise<void> {
  await makeDirectory(join(tree, INFO))
  const left = [...archives]
  const stanzas: string[] = []
  const work = async () => {
    for (let archive = left.shift(); archive !== undefined; archive = left.shift()) {
      const path = join(tree, ARCHIVES, archive)
      const status = await output('dpkg-deb', ['--show', `--showformat=${STATUS_FORMAT}`, path])
      stanzas.push(`${status.trim()}\n\n`)
      const name = parseStatus(status)[0]?.name ?? ''
      const member = members[name]
      const files = await output('bash', ['-o', 'pipefail', '-c', UNPACK, 'unpack', path, tree, ...(member ? [member] : [])])
      await writeFileSafely(join(tree, INFO, `${name}.list`), `${files.replace(/^\.|\/$/gm, '')}\n`)
    }
  }
  await Promise.all(Array.from({length: availableParallelism()}, work))
  const path = join(tree, 'var/lib/dpkg/status')
  await writeFileSafely(path, (await readFile(path, 'utf8')) + stanzas.sort().join(''))
}

const output = async (program: string, args: readonly string[]) =>
  expect(program, await run(program, args, {environment: {...plainEnvironment(), ...ONE_THREAD}})).stdout

function expect(program: string, result: RunResult): RunResult {
  if (result.exitCode === 0) return result
  throw new XbuildError('bootstrap-failed', `${program}: ${result.stderr.trim() || `exit status ${result.exitCode}`}`)
}
