import {join} from 'node:path'
import {fillTriple, type Profile, readTwinRules, rootKind} from '../config/profiles.js'
import {hostArchitecture} from '../core/host.js'
import {contentKey} from '../core/key.js'
import {quote} from '../core/shell-words.js'
import {makeDirectory, writeFileSafely} from '../host/files.js'
import {runAsMaker} from '../host/maker.js'
import {makeOnce} from '../host/store.js'
import {type Bootstrap, explainBootstrapFailure, mmdebstrapCommand} from '../root/bootstrap.js'
import {adaptTwins} from './adapt.js'
import {targetFacts} from './table.js'

/** Raised when a twin set of the same packages would come out otherwise. */
const FORMAT = 9

/** A twin set that is there, or is to be made: a pure function of profile, mirror and packages. */
export interface TwinSet {
  key: string
  directory: string
  /** The tree that holds the twins. */
  tree: string
  packages: readonly string[]
}

/** The twin set of a profile. `extra`: packages of the root, beyond the usual, that may have twins. */
export function planTwinSet(store: string, profile: Profile, mirror: string | undefined, extra: readonly string[]): TwinSet {
  const {base, emulator} = profile.suite.twins
  const cross = rootKind(profile) === 'cross' ? profile.suite.cross.twins : []
  const packages = [...new Set([emulator.package, ...fillTriple([...base, ...cross], profile.target), ...extra])].sort()
  const key = contentKey({
    format: FORMAT,
    host: hostArchitecture().debian,
    suite: profile.suite.suite,
    triple: profile.target.triple,
    machine: profile.target.machine,
    mirror,
    packages,
  })
  const directory = join(store, key)
  return {key, directory, tree: join(directory, 'tree'), packages}
}

/** The directories that are links into /usr in a merged root. */
const MERGED = 'bin sbin lib lib32 lib64 libx32'

/**
 * A distribution's updates need not come for all its architectures: twins have to be of the versions that the root has.
 * When apt has read the indices, and before it chooses, this program writes what is to be preferred. man 5 apt.conf,
 * APT::Update::Post-Invoke, whose text cannot hold every path: the command comes in a variable.
 */
const PIN_VARIABLE = 'XBUILD_PIN_TWINS'
const PIN_AFTER_UPDATE = `printf '%s\\n' 'APT::Update::Post-Invoke { "printenv ${PIN_VARIABLE} | sh -e"; };' >> "$MMDEBSTRAP_APT_CONFIG"`

const pinCommand = (tree: string, {target}: Profile) =>
  [process.execPath, process.argv[1] as string, '__pin-twins', tree, hostArchitecture().debian, target.architecture].map(quote).join(' ')

/** Variables that mmdebstrap needs while it makes a twin set. */
export const twinVariables = (tree: string, profile: Profile): Record<string, string> =>
  rootKind(profile) === 'debian' ? {[PIN_VARIABLE]: pinCommand(tree, profile)} : {}

/** Notes which packages were unpacked, in the format of dpkg's own status file, which `extract` leaves empty. */
const NOTE_PACKAGES =
  'for archive in "$1"/var/cache/apt/archives/*.deb; do dpkg-deb -f "$archive" Package Version Architecture Source; echo; done > "$1/var/lib/dpkg/status"'

/** The same for the files of each package that belongs to a cross compiler: a root may be laid out of them. */
const noteFiles = (architecture: string) =>
  `mkdir -p "$1/var/lib/dpkg/info"; for archive in "$1"/var/cache/apt/archives/*-${architecture}-cross_*.deb; do dpkg-deb --fsys-tarfile "$archive" | tar --list | sed 's,^\\.,,; s,/$,,' > "$1/var/lib/dpkg/info/$(dpkg-deb -f "$archive" Package).list"; done`

export function twinBootstrap(set: TwinSet, profile: Profile, mirror: string | undefined): Bootstrap {
  const {suite, target} = profile
  const hasArchive = rootKind(profile) === 'debian'
  return {
    suite: suite.suite,
    variant: 'extract',
    // apt reads the target's index as well, for the versions that its root has; nothing of it is installed.
    architecture: [hostArchitecture().debian, ...(hasArchive ? [target.architecture] : [])].join(),
    include: set.packages,
    mirror,
    skip: [],
    hooks: [
      ...(hasArchive ? [{when: 'setup', command: PIN_AFTER_UPDATE} as const] : []),
      {when: 'setup', command: `for name in ${MERGED}; do mkdir -p "$1/usr/$name"; ln -s "usr/$name" "$1/$name"; done`},
      {when: 'extract', command: NOTE_PACKAGES},
      ...(hasArchive ? [] : [{when: 'extract', command: noteFiles(target.architecture)} as const]),
      // Some packages have files of users that no system has; here the twin set's maker has to write to them.
      {when: 'extract', command: 'chown --recursive --no-dereference 0:0 "$1/usr"'},
    ],
  }
}

export interface MakeOptions {
  mirror: string | undefined
  onLine?: (line: string) => void
  signal?: AbortSignal
}

/** Makes a twin set, unless it is there. */
export async function makeTwinSet(set: TwinSet, profile: Profile, options: MakeOptions): Promise<'made' | 'there'> {
  return makeOnce(join(set.directory, '..'), set.key, partial => fillTwinSet(partial, set, profile, options), options.signal)
}

async function fillTwinSet(partial: string, set: TwinSet, profile: Profile, options: MakeOptions): Promise<void> {
  const tree = join(partial, 'tree')
  await makeDirectory(tree)
  const {exitCode, tail} = await runAsMaker(mmdebstrapCommand(twinBootstrap(set, profile, options.mirror), tree), {
    ...options,
    environment: twinVariables(tree, profile),
  })
  if (exitCode !== 0) throw explainBootstrapFailure('making the twin set', tail)
  const {preloads} = await readTwinRules(profile)
  await adaptTwins(tree, hostArchitecture(), targetFacts(profile), Object.values(preloads))
  await writeFileSafely(
    join(partial, 'twins.json'),
    `${JSON.stringify({format: FORMAT, suite: profile.suite.suite, triple: profile.target.triple, packages: set.packages}, null, 2)}\n`,
  )
}
