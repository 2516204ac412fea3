import {dirname, join} from 'node:path'
import {activatorEntry} from '../activator/entry.js'
import {type EmulatedProfile, fillTriple, type NativeProfile, type Profile, rootKind} from '../config/profiles.js'
import {XbuildError} from '../core/errors.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {contentKey} from '../core/key.js'
import {LIBRARY_DIRECTORY, loaderNames, PRELUDES_DIRECTORY, PRIVATE_DIRECTORY, ROUTES_FD, TWINS_FD} from '../core/places.js'
import type {Operation} from '../core/session/plan.js'
import {quote} from '../core/shell-words.js'
import {makeDirectory, writeFileSafely} from '../host/files.js'
import {LATER, type MakerOptions, removeTree, writeOut} from '../host/maker.js'
import {makeOnce} from '../host/store.js'
import {archiveOf, type Bootstrap, bootstrapTree, canBootstrap} from './bootstrap.js'
import {mergeHooks} from './merged-usr.js'

/** Raised when a root of the same packages would come out otherwise. */
const FORMAT = 1
/** The same for roots that are laid out. */
const CROSS_FORMAT = 6

/** A root that is there, or is to be made: a pure function of profile, mirror and packages. */
export interface Root {
  key: string
  directory: string
  tree: string
  packages: readonly string[]
  architecture: string
  /** Of a CPU without an archive: the root of the host's architecture that this one is laid out from. */
  host: Root | undefined
}

/** `twins`: the key of the twin set, whose cross compiler a root of a CPU without an archive gets its libraries from. */
export function planRoot(
  store: string,
  profile: EmulatedProfile,
  mirror: string | undefined,
  include: readonly string[],
  twins: string,
): Root {
  const {suite, target} = profile
  const own = fillTriple(suite.root.include, target)
  if (rootKind(profile) === 'debian') return debianRoot(store, profile, target.architecture, mirror, [...own, ...include])
  const host = debianRoot(store, profile, hostArchitecture().debian, mirror, [...own, ...suite.cross.include, ...include])
  const {triple, machine, libc, uname, endian, architecture} = target
  const key = contentKey({format: CROSS_FORMAT, host: host.key, twins, triple, machine, libc, uname, endian})
  return {...rootAt(store, key), packages: host.packages, architecture, host}
}

/** The root of an environment in which everything runs by itself. */
export function planNativeRoot(store: string, profile: NativeProfile, mirror: string | undefined, include: readonly string[]): Root {
  const {suite, target} = profile
  const host = hostArchitecture()
  if (target.architecture !== host.debian) {
    throw new XbuildError(
      'unsupported-host',
      `programs of ${target.name} do not run by themselves on this machine, which is ${host.debian}`,
      {
        hint: `make it on a machine of that architecture; here: xbuild-env create ${host.debian}`,
      },
    )
  }
  return debianRoot(store, profile, target.architecture, mirror, [...fillTriple(suite.root.include, target), ...include])
}

function debianRoot(store: string, {suite}: Profile, architecture: string, mirror: string | undefined, names: readonly string[]): Root {
  const packages = [...new Set(names)].sort()
  const key = contentKey({format: FORMAT, suite: suite.suite, architecture, mirror, packages})
  return {...rootAt(store, key), packages, architecture, host: undefined}
}

function rootAt(store: string, key: string): Pick<Root, 'key' | 'directory' | 'tree'> {
  const directory = join(store, key)
  return {key, directory, tree: join(directory, 'tree')}
}

/** How the programs of a root in the making are run: by the activator, with twins from the first on. */
export interface BootstrapSession {
  /** The twin set's directory. It may still be in the making, and get another name meanwhile. */
  twins: string
  /** A command that fills the places of a root in the making: called with the twin set, their directory and the root. */
  writeRoutes: readonly string[]
  binfmt: 'private' | 'system'
}

export interface RootPlan {
  bootstrap: Bootstrap
  operations: readonly Operation[]
}

/**
 * What a root in the making has beside it, gone when it is made: its routes, what host-native perls and pythons begin with,
 * loaders, and where its session shows the twin set.
 */
export interface BootstrapPlaces {
  routes: string
  preludes: string
  loaders: string
  /**
   * Shown here, the twin set is found whatever its name is by then, and mmdebstrap's hooks can bind from it. From what PID 1
   * holds, which is mounted nowhere, they could only since Linux 6.15.
   */
  twins: string
}

/** All of them lie in one directory, that of the root. */
export const bootstrapPlaces = (directory: string): BootstrapPlaces => ({
  routes: join(directory, 'routes'),
  preludes: join(directory, 'preludes'),
  loaders: join(directory, 'loaders'),
  twins: join(directory, 'twins'),
})

/**
 * mmdebstrap's variants have other packages from one of its releases to the next (`buildd` lost those of priority `required`), but
 * for this one: essential packages and apt. All others of a root are named by the profile, so that it does not depend on the host.
 */
const VARIANT = 'apt'

const bootstrapOf = (root: Pick<Root, 'packages' | 'architecture'>, {suite}: Profile, mirror: string | undefined) => ({
  suite: suite.suite,
  variant: VARIANT,
  architecture: root.architecture,
  include: root.packages,
  ...archiveOf(suite, [root.architecture], mirror),
})

/**
 * Downloads the packages that mmdebstrap installs last, while those it begins with are installed: a lock tells of the end.
 * Whatever does not come this way, apt gets when it is needed, and says what is wrong with it: only how far it is, is told.
 */
function downloadAhead(root: Root): Bootstrap['hooks'] {
  const lock = '"$1"/../download.lock'
  const command = `APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" nice -n ${LATER} apt-get --yes --quiet --download-only -oDebug::NoLocking=1 install -- ${root.packages.map(quote).join(' ')}`
  return [
    {
      when: 'extract',
      command: `exec 9>${lock} && flock 9 && { ${command} </dev/null 2>/dev/null | grep --line-buffered -E '^(Need to get|Get:)' & }`,
    },
    {when: 'essential', command: `flock ${lock} rm ${lock}`},
  ]
}

const mergeHooksOf = ({suite}: Profile, architecture: string) => mergeHooks(suite.mergedUsr, architecture)

/** Whether the mirror has the packages of a suite for a profile; `tree` is a directory for its indices. */
export const canMakeRoot = (profile: Profile, architecture: string, mirror: string | undefined, tree: string, options: MakerOptions) => {
  const packages = fillTriple(profile.suite.root.include, profile.target)
  const bootstrap = {...bootstrapOf({packages, architecture}, profile, mirror), skip: ['check/qemu'], hooks: []}
  return canBootstrap(bootstrap, tree, options)
}

/** What the session of such a making has. */
export const HOST_ROOT_OPERATIONS: readonly Operation[] = [{op: 'drop-syncs'}]

/** How a root of the host's architecture is made: nothing in it is foreign. */
export const hostRootBootstrap = (root: Root, profile: Profile, mirror: string | undefined): Bootstrap => ({
  ...bootstrapOf(root, profile, mirror),
  skip: [],
  hooks: [...mergeHooksOf(profile, root.architecture), ...downloadAhead(root)],
})

/** What is done to make a root. */
export function rootPlan(
  root: Root,
  profile: EmulatedProfile,
  mirror: string | undefined,
  session: BootstrapSession,
  places: BootstrapPlaces,
): RootPlan {
  const host = hostArchitecture()
  const directories = [
    [quote(join(places.twins, 'tree/usr/lib', host.triple)), `"$1"${LIBRARY_DIRECTORY}`],
    [quote(places.preludes), `"$1"${PRELUDES_DIRECTORY}`],
  ] as const
  const files = loaderNames(host).map(name => [quote(join(places.loaders, name)), `"$1"${LIBRARY_DIRECTORY}/${name}`] as const)
  const targets = directories.map(([, target]) => target).join(' ')
  return {
    bootstrap: {
      ...bootstrapOf(root, profile, mirror),
      skip: ['check/qemu'],
      hooks: [
        ...mergeHooksOf(profile, root.architecture),
        ...downloadAhead(root),
        {when: 'extract', command: `${[...session.writeRoutes, places.twins, dirname(places.routes)].map(quote).join(' ')} "$1"`},
        {when: 'extract', command: `mkdir -p ${targets}`},
        ...[...directories, ...files].map(
          ([source, target]) => ({when: 'extract', command: `mount --no-canonicalize --bind ${source} ${target}`}) as const,
        ),
        {
          when: 'customize',
          command: `umount ${files.map(([, target]) => target).join(' ')} ${targets} && rmdir ${targets} "$1"${PRIVATE_DIRECTORY}`,
        },
      ],
    },
    operations: [
      {op: 'drop-syncs'},
      ...(session.binfmt === 'private' ? [{op: 'binfmt', entry: activatorEntry(profile.target.elf)} as const] : []),
      {op: 'hold', fd: ROUTES_FD, source: places.routes},
      {op: 'hold', fd: TWINS_FD, source: session.twins},
      {op: 'bind', source: session.twins, target: places.twins, access: 'ro'},
    ],
  }
}

export interface MakeRootOptions {
  mirror: string | undefined
  onLine?: (line: string) => void
  signal?: AbortSignal
}

/** Makes a root of the target's architecture, unless it is there. */
export const makeRoot = (root: Root, profile: EmulatedProfile, session: BootstrapSession, options: MakeRootOptions) =>
  makeRootOnce(root, profile, options, async partial => {
    const places = bootstrapPlaces(partial)
    for (const directory of Object.values(places)) await makeDirectory(directory)
    const {bootstrap, operations} = rootPlan(root, profile, options.mirror, session, places)
    await bootstrapTree('making the root', bootstrap, join(partial, 'tree'), {...options, operations})
    for (const directory of Object.values(places)) await removeTree(directory)
  })

/** Makes a root of the host's architecture, unless it is there. */
export const makeHostRoot = (root: Root, profile: Profile, options: MakeRootOptions) =>
  makeRootOnce(root, profile, options, partial =>
    bootstrapTree('making the root', hostRootBootstrap(root, profile, options.mirror), join(partial, 'tree'), {
      ...options,
      operations: HOST_ROOT_OPERATIONS,
    }),
  )

/** Makes a root in some way, unless it is there; `fill` gets the directory with an empty tree. */
export const makeRootOnce = (
  root: Root,
  {suite}: Profile,
  {signal}: Pick<MakeRootOptions, 'signal'>,
  fill: (partial: string) => Promise<void>,
) =>
  makeOnce(
    join(root.directory, '..'),
    root.key,
    async partial => {
      await makeDirectory(join(partial, 'tree'))
      await fill(partial)
      const facts = {format: FORMAT, suite: suite.suite, architecture: root.architecture, packages: root.packages, host: root.host?.key}
      await writeFileSafely(join(partial, 'root.json'), `${JSON.stringify(facts, null, 2)}\n`)
      await writeOut(partial)
    },
    signal,
  )
