import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {type FromNothing, planFromNothing} from '../core/bulk/from-nothing.js'
import type {Beginning} from '../core/bulk/need-finder.js'
import type {LeftOut} from '../core/bulk/plan.js'
import {type Selection, selectSources} from '../core/bulk/select.js'
import {parseBinaries} from '../core/debian/binary-index.js'
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
import {findStubStore, HOST_PACKAGES, type KnownStubs, type StubStore, standingProfiles} from '../packages/stub-store.js'
import {retarget} from '../root/layout-rules.js'
import {withPlace} from '../session/held-place.js'

export interface PlanFromNothingInput {
  store: Store
  record: EnvironmentRecord
  binfmt: Binfmt | undefined
  selection: Selection
  profiles: readonly string[]
  onLine: (line: string) => void
  signal: AbortSignal
}

export interface PlannedFromNothing extends FromNothing {
  architecture: string
  left: readonly LeftOut[]
  /** All sources of the archive. */
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
    const all = parseSources(await readFile(join(workplace.path, 'Sources'), 'utf8'))
    const built = builtBefore(record, architecture)
    const {packages, left} = selectSources(all, selection, architecture)
    const sources = all.filter(({architectures}) => isBuiltFor(architectures, architecture))
    const binaries = parseBinaries(await readFile(join(stubs.directory, HOST_PACKAGES), 'utf8'))
    const made = new Set([...built.values()].map(({source}) => source))
    const isWanted = ({name}: IndexedSource) => !made.has(name) || isNamed(selection, name)
    const names = packages.filter(isWanted).map(({name}) => name)
    const always = [...new Set([...(await standingProfiles(record)), ...profiles])]
    return {...planFromNothing(names, {sources, binaries}, beginningOf(stubs, known, built), always), architecture, left, index: all}
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

/** Names may have versions: NAME=VERSION. */
const isNamed = ({names}: Selection, name: string) => names.some(word => word.split('=')[0] === name)

/** What such a CPU begins with: stubs of tools, the cross compiler's libraries, and what was built before. */
export const beginningOf = ({profile, rules}: StubStore, {entries, kinds}: KnownStubs, built: ReadonlyMap<string, unknown>): Beginning => ({
  architecture: profile.target.architecture,
  kindOf: name => kinds.get(retarget(name, rules.names)),
  isGiven: name => built.has(retarget(name, rules.names)) || entries.get(retarget(name, rules.names))?.make === 'given',
})
