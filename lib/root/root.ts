import {dirname, join} from 'node:path'
import {activatorEntry} from '../activator/entry.js'
import {fillTriple, type Profile} from '../config/profiles.js'
import {hostArchitecture} from '../core/host.js'
import {contentKey} from '../core/key.js'
import {LIBRARY_DIRECTORY, PERL_DIRECTORY, PRIVATE_DIRECTORY, ROUTES_FD, TWINS_FD} from '../core/places.js'
import type {Operation} from '../core/plan.js'
import {quote} from '../core/shell-words.js'
import {makeDirectory, writeFileSafely} from '../host/files.js'
import {removeTree, runAsMaker} from '../host/maker.js'
import {makeOnce} from '../host/store.js'
import {type Bootstrap, explainBootstrapFailure, mmdebstrapCommand} from './bootstrap.js'

/** Raised when a root of the same packages would come out otherwise. */
const FORMAT = 1

/** A root that is there, or is to be made: a pure function of profile, mirror and packages. */
export interface Root {
  key: string
  directory: string
  tree: string
  packages: readonly string[]
}

export function planRoot(store: string, profile: Profile, mirror: string | undefined, include: readonly string[]): Root {
  const packages = [...new Set([...fillTriple(profile.suite.root.include, profile.target), ...include])].sort()
  const key = contentKey({
    format: FORMAT,
    suite: profile.suite.suite,
    variant: profile.suite.root.variant,
    architecture: profile.target.root.architecture,
    mirror,
    packages,
  })
  const directory = join(store, key)
  return {key, directory, tree: join(directory, 'tree'), packages}
}

/** Where Debian's mmdebstrap keeps the hook that lays out a merged /usr before anything is unpacked. */
const MERGE_HOOKS = '/usr/share/mmdebstrap/hooks/merged-usr'

/** How the programs of a root in the making are run: by the activator, with twins from the first on. */
export interface BootstrapSession {
  /** The twin set; it may still be in the making. */
  twins: {directory: string; tree: string}
  /** A command that writes the table of routes: called with the directory for it, and with the root. */
  writeRoutes: readonly string[]
  binfmt: 'private' | 'system'
}

export interface RootPlan {
  bootstrap: Bootstrap
  operations: readonly Operation[]
}

/** Where a root in the making has its routes, and what host-native perls begin with; gone when it is made. */
export interface BootstrapPlaces {
  routes: string
  perl: string
}

export const bootstrapPlaces = (directory: string): BootstrapPlaces => ({
  routes: join(directory, 'routes'),
  perl: join(directory, 'perl'),
})

/** What is done to make a root. */
export function rootPlan(
  root: Root,
  profile: Profile,
  mirror: string | undefined,
  session: BootstrapSession,
  places: BootstrapPlaces,
): RootPlan {
  const binds = [
    [quote(join(session.twins.tree, 'usr/lib', hostArchitecture().triple)), `"$1"${LIBRARY_DIRECTORY}`],
    [quote(places.perl), `"$1"${PERL_DIRECTORY}`],
  ] as const
  const targets = binds.map(([, target]) => target).join(' ')
  const merge = (when: 'setup' | 'essential', script: string) =>
    profile.suite.mergeHook ? [{when, command: `${MERGE_HOOKS}/${script} "$1"`}] : []
  return {
    bootstrap: {
      suite: profile.suite.suite,
      variant: profile.suite.root.variant,
      architecture: profile.target.root.architecture,
      include: root.packages,
      mirror,
      skip: ['check/qemu'],
      hooks: [
        ...merge('setup', 'setup00.sh'),
        {when: 'extract', command: `${[...session.writeRoutes, places.routes, places.perl].map(quote).join(' ')} "$1"`},
        {when: 'extract', command: `mkdir -p ${targets}`},
        ...binds.map(([source, target]) => ({when: 'extract', command: `mount --bind ${source} ${target}`}) as const),
        ...merge('essential', 'essential00.sh'),
        {when: 'customize', command: `umount ${targets} && rmdir ${targets} "$1"${PRIVATE_DIRECTORY}`},
      ],
    },
    operations: [
      ...(session.binfmt === 'private' ? [{op: 'binfmt', entry: activatorEntry(profile.target.elf)} as const] : []),
      {op: 'hold', fd: ROUTES_FD, source: places.routes},
      {op: 'hold', fd: TWINS_FD, source: dirname(session.twins.directory)},
    ],
  }
}

export interface MakeRootOptions {
  mirror: string | undefined
  session: BootstrapSession
  onLine?: (line: string) => void
  signal?: AbortSignal
}

/** Makes a root, unless it is there. */
export const makeRoot = (root: Root, profile: Profile, options: MakeRootOptions) =>
  makeOnce(join(root.directory, '..'), root.key, partial => fillRoot(partial, root, profile, options), options.signal)

async function fillRoot(partial: string, root: Root, profile: Profile, options: MakeRootOptions): Promise<void> {
  const tree = join(partial, 'tree')
  const places = bootstrapPlaces(partial)
  for (const directory of [tree, places.routes, places.perl]) await makeDirectory(directory)
  const {bootstrap, operations} = rootPlan(root, profile, options.mirror, options.session, places)
  const {exitCode, tail} = await runAsMaker(mmdebstrapCommand(bootstrap, tree), {...options, operations})
  if (exitCode !== 0) throw explainBootstrapFailure('making the root', tail)
  for (const directory of Object.values(places)) await removeTree(directory)
  const facts = {format: FORMAT, suite: profile.suite.suite, architecture: profile.target.root.architecture, packages: root.packages}
  await writeFileSafely(join(partial, 'root.json'), `${JSON.stringify(facts, null, 2)}\n`)
}
