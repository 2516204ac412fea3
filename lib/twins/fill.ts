import {copyFile, writeFile} from 'node:fs/promises'
import {getPriority, setPriority} from 'node:os'
import {dirname, join} from 'node:path'
import {emulatorPath, readEmulatedProfile, readTwinRules, rootKind} from '../config/profiles.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {writeFileSafely} from '../host/files.js'
import {LATER, proxyVariables} from '../host/maker.js'
import {plainVariables} from '../host/programs.js'
import {run} from '../host/run.js'
import {adaptTwins} from './adapt.js'
import {treesOfSuite} from './facts.js'
import {STATUS} from './packages.js'
import {pinTwins} from './pins.js'
import {scanTwins} from './scan.js'
import {shareFiles} from './share.js'
import {targetFacts} from './table.js'
import {noteUnadapted, readUnadapted} from './unadapted.js'
import {archivesIn, expectSuccess, linkTree, makeMerged, mergeTree, unpack} from './unpack.js'

/** Made in the directory of a twin set as soon as it has what the installation of a root runs. */
export const FIRST_TWINS = 'first-twins'

export interface FillTwins {
  profile: string
  suite: string
  /** The tree of a twin set that has some of the packages, none other, and is not changed; undefined where there is none. */
  base: string | undefined
  /** Of the twin set in the making, with apt set up and its indices read. */
  tree: string
  packages: readonly string[]
  onLine: (line: string) => void
}

/**
 * Called by mmdebstrap's hook, as root of the maker's user namespace: fills a twin set. What the installation of a root
 * runs comes first, since a root in the making waits for it; the others, the compilers among them, come meanwhile.
 */
export async function fillTwins({base, tree, packages, onLine, ...input}: FillTwins): Promise<void> {
  const profile = await readEmulatedProfile(input.profile, input.suite)
  const {preloadsLikeHost} = await readTwinRules(profile)
  const adaptation = {host: hostArchitecture(), target: targetFacts(profile)}
  const {host, target} = adaptation
  const kept = await treesOfSuite(dirname(dirname(tree)), input.suite)
  const preloads = Object.values(preloadsLikeHost)
  const {emulator, first} = profile.suite.twins
  const members = {[emulator.package]: `./${emulatorPath(profile)}`}
  await makeMerged(tree, host.debian)
  // By now apt has read the indices, and has not chosen anything. An update of a distribution need not come for all its
  // architectures: twins have to be of the versions that the root has.
  if (rootKind(profile) === 'debian') await pinTwins(tree, host.debian, target.architecture)
  const isGrown = base !== undefined && (await growFrom(base, tree))
  if (!isGrown) await download([emulator.package, ...first], 0, onLine)
  const archives = isGrown ? [] : await archivesIn(tree)
  const makeFirst = async () => {
    if (!isGrown) {
      await unpack(tree, archives, tree, members)
      await adaptTwins({tree, preloads}, adaptation)
      shareFiles(tree, kept)
      await scanTwins({tree, host, triple: target.triple})
    }
    await writeFileSafely(join(dirname(tree), FIRST_TWINS), '')
  }
  await Promise.all([makeFirst(), download(packages, LATER, onLine)])
  onLine('unpacking the other twins')
  setPriority(Math.max(getPriority(), LATER)) // whoever is later than that already may not come sooner: setpriority(2), EACCES
  // In a tree of their own: those that are there already may be running, and are not adapted twice.
  const others = join(dirname(tree), 'others')
  await makeMerged(others, host.debian)
  const archivesOfOthers = (await archivesIn(tree)).filter(archive => !archives.includes(archive))
  await unpack(tree, archivesOfOthers, others, members)
  await adaptTwins({tree: others, base: tree, preloads}, adaptation)
  shareFiles(others, kept)
  await noteUnadapted(tree, readUnadapted(others))
  await mergeTree(others, tree)
  await scanTwins({tree, host, triple: target.triple})
}

/**
 * Takes over all that another twin set has, unless the archive has other versions of it by now: then all comes anew, so
 * that a twin set does not depend on when its parts were fetched.
 */
async function growFrom(base: string, tree: string): Promise<boolean> {
  const status = join(tree, STATUS)
  await copyFile(join(base, STATUS), status)
  const {stdout} = expectSuccess('apt-get', await runApt(['--simulate', 'upgrade']))
  if (/^Inst /m.test(stdout)) {
    await writeFile(status, '')
    return false
  }
  await linkTree(base, tree)
  await noteUnadapted(tree, readUnadapted(base))
  return true
}

async function download(packages: readonly string[], niceness: number, onLine: (line: string) => void): Promise<void> {
  onLine('downloading twins')
  const result = await runApt(['--yes', '--quiet', '--download-only', 'install', '--', ...packages], niceness, onLine)
  expectSuccess('apt-get', result)
}

/** Nothing is installed, so nothing needs to be locked, as mmdebstrap has it: its own Debug::NoLocking. */
async function runApt(args: readonly string[], niceness = 0, onLine?: (line: string) => void) {
  const config = process.env.MMDEBSTRAP_APT_CONFIG
  if (config === undefined) throw new Error('not called by mmdebstrap')
  const environment = {...plainVariables(), ...proxyVariables(), APT_CONFIG: config}
  const command = ['-n', String(niceness), 'apt-get', '-oDebug::NoLocking=1', ...args]
  return run('nice', command, {variables: environment, ...(onLine ? {onLine} : {})})
}
