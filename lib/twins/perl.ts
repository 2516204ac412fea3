import {readdir, readFile, stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {InstalledPackage} from '../core/debian.js'
import {hostArchitecture} from '../core/host.js'
import {LIBRARY_DIRECTORY, PERL_PRELUDE} from '../core/places.js'
import {looksLikeHost, matchPackages, type NoRoute, type TargetFacts} from '../core/route.js'
import {isThere, writeFileSafely} from '../host/files.js'
import {shim} from '../host/shims.js'
import type {PackageIndex} from './packages.js'
import {isStandIn, programFacts, readStandIn} from './program.js'

/**
 * perl's compiled modules: those of its own packages come with the twin of perl; of other packages' (Debian's Perl
 * Policy, 2.3: below /usr/lib/TRIPLE/perl5) each needs a twin too, which is loaded in its place.
 */
export interface PerlModules {
  /** Files of the root that have twins, absolute. */
  modules: string[]
  /** Files of the root that have none: whatever package they are of, if any. */
  untwinned: string[]
  /** Directories that may hold such files: seconds since 1970, -1 where there is none. What changed since is not known. */
  directories: [path: string, mtime: number][]
  missing: NoRoute[]
  /** The target's own perl, which takes over where a host-native one cannot do the same; a stand-in cannot. */
  own: 'there' | 'none'
}

export interface PerlSearch {
  root: PackageIndex
  twins: PackageIndex
  target: TargetFacts
}

/** The directory of modules is named by perl's version: that of the root's libraries, in their own directory beside it. */
async function moduleDirectory({tree}: PackageIndex, triple: string): Promise<string | undefined> {
  const version = (await readdir(join(tree, 'usr/lib', triple, 'perl')).catch(() => [])).find(name => /^\d+\.\d+$/.test(name))
  return version === undefined ? undefined : `/usr/lib/${triple}/perl5/${version}/auto`
}

interface ModuleFiles {
  files: string[]
  directories: [string, number][]
}

async function listModules(tree: string, directory: string): Promise<ModuleFiles> {
  const found: ModuleFiles = {files: [], directories: []}
  const status = await stat(join(tree, directory)).catch(() => undefined)
  found.directories.push([directory, status ? Math.floor(status.mtimeMs / 1000) : -1])
  if (!status) return found
  for (const entry of await readdir(join(tree, directory), {withFileTypes: true})) {
    const path = `${directory}/${entry.name}`
    if (entry.name.endsWith('.so')) found.files.push(path)
    if (!entry.isDirectory()) continue
    const inner = await listModules(tree, path)
    found.files.push(...inner.files)
    found.directories.push(...inner.directories)
  }
  return found
}

/** Which package of the root each file is of; a file of none is not in it. */
async function ownersOf(root: PackageIndex, files: readonly string[]): Promise<Map<string, InstalledPackage>> {
  const owners = new Map<string, InstalledPackage>()
  if (files.length === 0) return owners
  const wanted = new Set(files)
  for (const pack of root.packages.values()) {
    for (const path of await root.files(pack)) if (wanted.has(path)) owners.set(path, pack)
  }
  return owners
}

/** Finds the compiled modules of a root that a host-native perl can load its own of. */
export async function findPerlModules({root, twins, target}: PerlSearch): Promise<PerlModules> {
  const directory = await moduleDirectory(root, target.triple)
  const own = await ownPerl(root)
  if (directory === undefined) return {modules: [], untwinned: [], directories: [], missing: [], own}
  const {files, directories} = await listModules(root.tree, directory)
  const owners = await ownersOf(root, files)
  const found: PerlModules = {modules: [], untwinned: [], directories, missing: [], own}
  const missing = new Map<string, NoRoute>()
  for (const path of files) {
    const pack = owners.get(path)
    const why = pack && whyUntwinned(pack, twins.packages.get(pack.name), target)
    const there = isThere(join(twins.tree, path.replace(target.triple, hostArchitecture().triple)))
    if (pack && why === undefined && there) found.modules.push(path)
    else found.untwinned.push(path)
    if (why) missing.set(why.package, why)
  }
  return {...found, missing: [...missing.values()]}
}

async function ownPerl({tree}: PackageIndex): Promise<PerlModules['own']> {
  const facts = await programFacts(join(tree, 'usr/bin/perl'))
  return facts && isStandIn(facts, await readStandIn(tree)) ? 'none' : 'there'
}

function whyUntwinned(pack: InstalledPackage, twin: InstalledPackage | undefined, target: TargetFacts): NoRoute | undefined {
  if (!twin) return {reason: 'no-twin', package: pack.name}
  if (matchPackages(pack, twin, target.nearTwins) === 'exact') return undefined
  return {reason: 'other-version', package: pack.name, version: pack.version, twinVersion: twin.version}
}

/** The packages of a root that have compiled modules of perl. */
export async function modulePackages(root: PackageIndex, target: TargetFacts): Promise<string[]> {
  const directory = await moduleDirectory(root, target.triple)
  if (directory === undefined) return []
  const {files} = await listModules(root.tree, directory)
  return [...new Set([...(await ownersOf(root, files)).values()].map(pack => pack.name))]
}

/** The place in shims/perl/prelude.pl where what is known goes. */
const PLACEHOLDER = 'my %known = ();'

/** A text in single quotes: perldoc perlop, q. */
const quote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`

/** The prelude with what is known of a root filled in. */
export function fillPrelude(prelude: string, target: TargetFacts, {modules, untwinned, directories, own}: PerlModules): string {
  if (!prelude.includes(PLACEHOLDER)) throw new Error(`shims/perl/prelude.pl has no line ${PLACEHOLDER}`)
  const facts = {
    host: hostArchitecture().triple,
    target: target.triple,
    machine: target.uname,
    data: looksLikeHost(target) ? 'same' : 'other',
    errors: target.errors === 'common' ? 'same' : 'other',
    libraries: LIBRARY_DIRECTORY,
    own,
  }
  const lines = [
    ...Object.entries(facts).map(([name, value]) => `    ${name} => ${quote(value)},`),
    `    modules => {${modules.map(path => `${quote(path)} => 1`).join(', ')}},`,
    `    untwinned => [${untwinned.map(quote).join(', ')}],`,
    `    directories => [${directories.map(([path, mtime]) => `[${quote(path)}, ${mtime}]`).join(', ')}],`,
  ]
  return prelude.replace(PLACEHOLDER, () => `my %known = (\n${lines.join('\n')}\n);`)
}

/** Sessions that run see it from their next perl on. */
export async function writePrelude(directory: string, target: TargetFacts, modules: PerlModules): Promise<void> {
  await writeFileSafely(join(directory, PERL_PRELUDE), fillPrelude(await readFile(shim(PERL_PRELUDE), 'utf8'), target, modules))
}
