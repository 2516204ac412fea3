import {join} from 'node:path'
import {type EmulatedProfile, fillTriple, rootKind} from '../config/profiles.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {contentKey} from '../core/key.js'
import type {Operation} from '../core/session/plan.js'
import {quote} from '../core/shell-words.js'
import {looksLikeHost} from '../core/twins/route.js'
import {makeDirectory, writeFileSafely} from '../host/files.js'
import {writeOut} from '../host/maker.js'
import {makeOnce} from '../host/store.js'
import {archiveOf, type Bootstrap, bootstrapTree} from '../root/bootstrap.js'
import {FACTS, namesIn, readFacts, TWINS_FORMAT, type TwinFacts} from './facts.js'

/** A twin set that is there, or is to be made: a pure function of profile, mirror and packages. */
export interface TwinSet {
  key: string
  directory: string
  /** The tree that holds the twins. */
  tree: string
  packages: readonly string[]
  generation: string | undefined
}

/**
 * The twin set of a profile. `extra`: packages of the root, beyond the usual, that may have twins. `generation`: of an archive that has
 * newer versions than when the first of these packages were taken from it.
 */
export function planTwinSet(
  store: string,
  profile: EmulatedProfile,
  mirror: string | undefined,
  extra: readonly string[],
  generation?: string,
): TwinSet {
  const {base, lookalike, emulator} = profile.suite.twins
  const cross = rootKind(profile) === 'cross' ? profile.suite.cross.twins : []
  const packages = [
    ...new Set([
      emulator.package,
      ...fillTriple([...base, ...cross], profile.target),
      ...(looksLikeHost(profile.target) ? lookalike : []),
      ...extra,
    ]),
  ].sort()
  const key = contentKey({
    format: TWINS_FORMAT,
    host: hostArchitecture().debian,
    suite: profile.suite.suite,
    triple: profile.target.triple,
    machine: profile.target.machine,
    mirror,
    packages,
    generation,
    ...(rootKind(profile) === 'cross' ? {libraryLists: 'kept'} : {}),
  })
  const directory = join(store, key)
  return {key, directory, tree: join(directory, 'tree'), packages, generation}
}

/** How a twin set is made: mmdebstrap sets up apt, this program fills the tree. */
export interface TwinPlan {
  bootstrap: Bootstrap
  operations: readonly Operation[]
}

/** `base`: the tree of a twin set to begin with. */
export function twinPlan(set: TwinSet, profile: EmulatedProfile, mirror: string | undefined, base?: string): TwinPlan {
  const {suite, target} = profile
  // apt reads the target's index as well, for the versions that its root has; nothing of it is installed.
  const architectures = [hostArchitecture().debian, ...(rootKind(profile) === 'debian' ? [target.architecture] : [])]
  const fill = [
    process.execPath,
    process.argv[1] as string,
    '__fill-twins',
    ...(base ? ['--base', base] : []),
    '--',
    target.name,
    suite.suite,
  ]
  return {
    bootstrap: {
      suite: suite.suite,
      variant: 'custom',
      architecture: architectures.join(),
      include: [],
      ...archiveOf(suite, architectures, mirror),
      skip: ['chroot/mount'],
      hooks: [
        {when: 'customize', command: `${fill.map(quote).join(' ')} "$1" ${set.packages.map(quote).join(' ')}`},
        // Some packages have files of users that no system has; here whoever uses the twin set has to read them.
        {when: 'customize', command: 'chown --recursive --no-dereference 0:0 "$1/usr"'},
      ],
    },
    operations: [{op: 'drop-syncs'}],
  }
}

export interface MakeOptions {
  mirror: string | undefined
  onLine?: (line: string) => void
  signal?: AbortSignal
}

export interface MakeTwinOptions extends MakeOptions {
  /** The directory of a twin set of the same profile, which may have some of the packages. */
  base?: string
  /** Called with the twin set's directory when that is there, not yet filled; it may get another name when it is complete. */
  onBegin?: (set: string) => void
}

/** Makes a twin set, unless it is there. */
export async function makeTwinSet(set: TwinSet, profile: EmulatedProfile, options: MakeTwinOptions): Promise<'made' | 'there'> {
  const result = await makeOnce(join(set.directory, '..'), set.key, partial => fillTwinSet(partial, set, profile, options), options.signal)
  if (result === 'there') options.onBegin?.(set.directory)
  return result
}

async function fillTwinSet(partial: string, set: TwinSet, profile: EmulatedProfile, options: MakeTwinOptions): Promise<void> {
  const tree = join(partial, 'tree')
  await makeDirectory(tree)
  options.onBegin?.(partial)
  const base = options.base === undefined ? undefined : await usableBase(options.base, set)
  const {bootstrap, operations} = twinPlan(set, profile, options.mirror, base)
  await bootstrapTree('making the twin set', bootstrap, tree, {...options, operations})
  const facts: TwinFacts = {
    format: TWINS_FORMAT,
    suite: profile.suite.suite,
    triple: profile.target.triple,
    packages: set.packages,
    generation: set.generation,
  }
  await writeFileSafely(join(partial, FACTS), `${JSON.stringify(facts, null, 2)}\n`)
  await writeOut(partial)
}

/** The tree of a twin set, if that is of this version, and has no package that another one would not have. */
async function usableBase(base: string, set: TwinSet): Promise<string | undefined> {
  const packages = (await readFacts(base))?.packages
  return packages?.every(name => set.packages.includes(name)) ? join(base, 'tree') : undefined
}

/**
 * The twin sets that are there and are what would be made now of their packages, for a profile, mirror and generation; the largest
 * first.
 */
export async function knownTwinSets(
  store: string,
  profile: EmulatedProfile,
  mirror: string | undefined,
  generation: string | undefined,
): Promise<TwinSet[]> {
  const names = await namesIn(store)
  const facts = await Promise.all(names.map(name => readFacts(join(store, name))))
  const sets = names.flatMap((name, i): TwinSet[] => {
    const set = planTwinSet(store, profile, mirror, facts[i]?.packages ?? [], generation)
    return facts[i] !== undefined && set.key === name ? [set] : []
  })
  return sets.sort((a, b) => b.packages.length - a.packages.length)
}
