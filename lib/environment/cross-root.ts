import {join} from 'node:path'
import {activatorEntry} from '../activator/entry.js'
import {compilerPackages, type EmulatedProfile, readEmulatedProfile} from '../config/profiles.js'
import {readGivenStubLists} from '../config/stubs.js'
import {XbuildError} from '../core/errors.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {LIBRARY_DIRECTORY, PRELUDES_DIRECTORY, PRIVATE_DIRECTORY, ROUTES_FD, STUB, TWINS_FD} from '../core/places.js'
import type {Binfmt} from '../host/binfmt.js'
import {removeTree, runAsMaker} from '../host/maker.js'
import {shim} from '../host/shims.js'
import {layOut} from '../root/apply-layout.js'
import {makeRootOnce, type Root} from '../root/root.js'
import type {MakeOptions, TwinSet} from '../twins/set.js'
import {updateRouting} from './routing.js'
import {routingPaths} from './routing-paths.js'

/** What the root of a CPU without an archive is made of. */
export interface CrossRoot {
  profile: EmulatedProfile
  binfmt: Binfmt
  root: Root
  twins: TwinSet
}

/** The command that lays out a root: this program itself, as root of a user namespace. */
export const layOutCommand = ({profile, twins, root}: CrossRoot, tree: string) => [
  process.execPath,
  process.argv[1] as string,
  '__lay-out',
  profile.target.name,
  profile.suite.suite,
  root.host?.tree ?? '',
  twins.tree,
  tree,
]

/** Called by that command. */
export async function layOutRoot(profileName: string, suite: string, hostTree: string, twinTree: string, tree: string): Promise<void> {
  const profile = await readEmulatedProfile(profileName, suite)
  const {target} = profile
  layOut({
    names: {host: hostArchitecture(), target},
    endian: target.endian,
    magic: Buffer.from(target.elf.magic, 'hex'),
    compilers: compilerPackages(profile),
    lists: await readGivenStubLists(),
    hostTree,
    twinTree,
    tree,
  })
}

/**
 * In the root, by its own compiler, which is routed already: what stubs are from now on, `uname` and `arch`, which
 * tell of the machine, and for a big-endian machine the locale that every root has. `cat` keeps the file that all
 * stubs are links to; they are known by its size and its time, which no other file has. On alpha, the linker of Debian
 * 12 spoils accesses to thread-local data of static programs where it relaxes them.
 */
const FINISH = `
root=$1 libraries=$2 preludes=$3 endian=$4
shift 4
trap 'umount "$root${LIBRARY_DIRECTORY}" "$root${PRELUDES_DIRECTORY}" "$root/proc"; rm -r "$root${PRIVATE_DIRECTORY}"' EXIT
mkdir -p "$root${LIBRARY_DIRECTORY}" "$root${PRELUDES_DIRECTORY}" "$root/proc"
mount --bind "$libraries" "$root${LIBRARY_DIRECTORY}"
mount --bind "$preludes" "$root${PRELUDES_DIRECTORY}"
mount -t proc proc "$root/proc"
cp "$@" "$root/tmp/"
inside() { PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" "$@"; }
for name in stub uname; do inside gcc -O2 -static -s -Wl,--no-relax -o "/tmp/$name" "/tmp/$name.c"; done
rm "$root/usr/bin/uname" "$root/usr/bin/arch"
cp "$root/tmp/uname" "$root/usr/bin/uname"
ln "$root/usr/bin/uname" "$root/usr/bin/arch"
if [ "$endian" = big ]; then
	mkdir -p "$root/usr/lib/locale/C.utf8"
	inside localedef --big-endian --no-archive -i C -f UTF-8 /usr/lib/locale/C.utf8
fi
cat "$root/tmp/stub" > "$root${STUB}"
touch -d '1999-12-31 UTC' "$root${STUB}"
cd "$root/tmp" && rm stub stub.c uname uname.c
`

/** Makes the root of a CPU without an archive, from the root of the host's architecture and the twin set. */
export const makeCrossRoot = (plan: CrossRoot, options: MakeOptions): Promise<'made' | 'there'> =>
  makeRootOnce(plan.root, plan.profile, options, partial => fillCrossRoot(partial, plan, options))

async function fillCrossRoot(partial: string, plan: CrossRoot, options: MakeOptions): Promise<void> {
  const {profile, twins, binfmt} = plan
  const tree = join(partial, 'tree')
  await runStep(layOutCommand(plan, tree), options)
  const routes = join(partial, 'routes')
  const paths = routingPaths(routes)
  await updateRouting(paths, {profile, tree, twinTree: twins.tree, statusTime: 0})
  const libraries = join(twins.tree, 'usr/lib', hostArchitecture().triple)
  const sources = [shim('stub.c'), shim('uname.c')]
  await runStep(['sh', '-euc', FINISH, 'sh', tree, libraries, paths.preludes, profile.target.endian, ...sources], {
    ...options,
    operations: [
      ...(binfmt === 'private' ? [{op: 'binfmt', entry: activatorEntry(profile.target.elf)} as const] : []),
      {op: 'hold', fd: ROUTES_FD, source: paths.hybridRoutes},
      {op: 'hold', fd: TWINS_FD, source: twins.tree},
    ],
  })
  await removeTree(routes)
}

async function runStep(argv: readonly string[], options: Parameters<typeof runAsMaker>[1]): Promise<void> {
  const {exitCode, tail} = await runAsMaker(argv, options)
  if (exitCode === 0) return
  throw new XbuildError('bootstrap-failed', `laying out the root: ${tail.at(-1) ?? `ended with ${exitCode}`}`, {
    hint: 'run it again with --verbose to see all that is said',
  })
}
