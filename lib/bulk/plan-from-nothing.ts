import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {type FromNothing, planFromNothing} from '../core/bulk/from-nothing.js'
import type {Beginning} from '../core/bulk/need-finder.js'
import type {LeftOut} from '../core/bulk/plan.js'
import {type Selection, selectSources} from '../core/bulk/select.js'
import {type IndexedBinary, parseBinaries} from '../core/debian/binary-index.js'
import {type IndexedSource, isBuiltFor, parseSources} from '../core/debian/source-index.js'
import {XbuildError} from '../core/errors.js'
import {withThrowAwayLayer} from '../environment/layer.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import type {Binfmt} from '../host/binfmt.js'
import {makeDirectory} from '../host/files.js'
import {makeWorkDirectory} from '../host/work-directory.js'
import {builtBefore} from '../packages/built-before.js'
import {knownStubs} from '../packages/deb-stubs.js'
import {fetchIndices} from '../packages/indices.js'
import type {OwnSource} from '../packages/own-source.js'
import {findStubStore, HOST_PACKAGES, type KnownStubs, type StubStore, standingProfiles} from '../packages/stub-store.js'
import {retarget} from '../root/layout-rules.js'
import {withPlace} from '../session/held-place.js'

export interface PlanFromNothingInput {
  store: Store
  record: EnvironmentRecord
  binfmt: Binfmt | undefined
  selection: Selection
  /** What lies on the host: each stands for the archive's source of its name. */
  own: readonly OwnSource[]
  profiles: readonly string[]
  onLine: (line: string) => void
  signal: AbortSignal
}

export interface PlannedFromNothing extends FromNothing {
  architecture: string
  left: readonly LeftOut[]
  /** All sources of the archive, and those of one's own. */
  index: readonly IndexedSource[]
}

/** In which order packages are built in an environment whose CPU has no archive. Throws `usage` for any other. */
export async function makePlanFromNothing(input: PlanFromNothingInput): Promise<PlannedFromNothing> {
  const {store, record, selection, profiles} = input
  const stubs = await findStubStore(store, record)
  if (!stubs) {
    throw new XbuildError('usage', `environment "${record.name}" has an archive: nothing needs to be built first`, {
      hint: `build at once: xbuild-env packages build ${record.name} …`,
    })
  }
  await makeDirectory(store.builds)
  const workplace = await makeWorkDirectory(store.builds)
  try {
    const known = await fetchLists(input, stubs, workplace.path)
    const {architecture} = stubs.profile.target
    const archive = parseSources(await readFile(join(workplace.path, 'Sources'), 'utf8'))
    const built = builtBefore(record, architecture)
    const {packages, left} = selectSources(archive, selection, architecture)
    const ours = input.own.map(({source}) => source)
    const index = standingIn(archive, [...packages, ...ours])
    const sources = index.filter(({architectures}) => isBuiltFor(architectures, architecture))
    const binaries = parseBinaries(await readFile(join(stubs.directory, HOST_PACKAGES), 'utf8'))
    for (const one of input.own.flatMap(({binaries}) => binaries)) binaries.set(one.name, withRelations(one, binaries.get(one.name)))
    const made = new Set([...built.values()].map(({source}) => source))
    const isWanted = ({name}: IndexedSource) => !made.has(name) || isNamed(selection, name)
    const names = [...packages.filter(isWanted), ...ours].map(({name}) => name)
    const always = [...new Set([...(await standingProfiles(record)), ...profiles])]
    return {...planFromNothing(names, {sources, binaries}, beginningOf(stubs, known, built), always), architecture, left, index}
  } finally {
    await workplace.remove()
  }
}

const fetchLists = (
  {store, record, binfmt, onLine, signal}: PlanFromNothingInput,
  stubs: StubStore,
  directory: string,
): Promise<KnownStubs> =>
  withPlace({store, binfmt}, record.name, 'ephemeral', held =>
    withThrowAwayLayer(
      store,
      held.record,
      async layer => {
        const site = {...layer, binfmt, locks: [layer.lock, ...held.locks], traces: 'none' as const, coming: [], repositories: []}
        await fetchIndices(site, directory, onLine, signal)
        return knownStubs(site, stubs, {onLine, signal})
      },
      signal,
    ),
  )

/** An archive's sources with these instead of those of their names: of another version, or of the host's. */
function standingIn(archive: readonly IndexedSource[], chosen: readonly IndexedSource[]): IndexedSource[] {
  const others = new Map(chosen.map(source => [source.name, source]))
  return [...archive.filter(({name}) => !others.has(name)), ...others.values()]
}

/** What a package of one's own depends on is known only when it is built; until then it is what the archive's depends on, too. */
const withRelations = (own: IndexedBinary, known: IndexedBinary | undefined): IndexedBinary => ({
  ...own,
  relations: [known?.relations.replaceAll(`(= ${known.version})`, `(= ${own.version})`), own.relations].filter(Boolean).join(', '),
})

/** Names may have versions: NAME=VERSION. */
const isNamed = ({names}: Selection, name: string) => names.some(word => word.split('=')[0] === name)

/** What such a CPU begins with: stubs of tools, the cross compiler's libraries, and what was built before. */
export const beginningOf = ({profile, rules}: StubStore, {entries, kinds}: KnownStubs, built: ReadonlyMap<string, unknown>): Beginning => ({
  architecture: profile.target.architecture,
  kindOf: name => kinds.get(retarget(name, rules.names)),
  isGiven: name => built.has(retarget(name, rules.names)) || entries.get(retarget(name, rules.names))?.make === 'given',
})
