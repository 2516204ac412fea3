import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {readProfile, readRootKind} from '../config/profiles.js'
import type {Order} from '../core/bulk/cycles.js'
import {type Against, type BulkPlan, type Experiment, type LeftOut, PLAN_FORMAT, type PlannedPackage} from '../core/bulk/plan.js'
import {chooseVerified, type Selection, selectSources, type VerifyWish} from '../core/bulk/select.js'
import {type IndexedSource, parseSources} from '../core/debian/source-index.js'
import {XbuildError} from '../core/errors.js'
import {withThrowAwayLayer} from '../environment/layer.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import type {Coming} from '../environment/update.js'
import type {Binfmt} from '../host/binfmt.js'
import {makeDirectory} from '../host/files.js'
import {makeWorkDirectory} from '../host/work-directory.js'
import {fetchIndices} from '../packages/indices.js'
import {type OwnSource, readOwnSources} from '../packages/own-source.js'
import {withPlace} from '../session/held-place.js'
import {type ChosenFromNothing, chooseFromNothing} from './choose-from-nothing.js'
import {comingOf} from './coming.js'
import {findUninstallable} from './dose.js'
import {feedOrder} from './feed-order.js'
import {readPaths} from './own-paths.js'
import {earlierDurations, planPackages} from './plan.js'

export interface PlanRequest extends Pick<BulkPlan, 'settings' | 'policy' | 'against' | 'first'> {
  store: Store
  binfmt: Binfmt | undefined
  record: EnvironmentRecord
  /** The run's. */
  name: string
  /** An environment of the host's own architecture; undefined: one of the same suite, where there is one. */
  native: string | undefined
  selection: Selection
  verify: VerifyWish
  /** Source trees and .dsc files of the host's. */
  paths: readonly string[]
}

export interface PlanOptions {
  checkInstallable: boolean
  onLine: (line: string) => void
  onNote: (line: string) => void
  signal: AbortSignal
}

export interface MadePlan {
  plan: BulkPlan
  /** Undefined: any. */
  order: Order | undefined
  /** Undefined: not known. */
  coming: Coming | undefined
}

/** Finds out what is to be built, in what order where that counts, and all that is fixed of a run. */
export async function makePlan(request: PlanRequest, options: PlanOptions): Promise<MadePlan> {
  const {store, record, name, settings, policy, first} = request
  const against = await whereFrom(request)
  const {target} = await readProfile(record.profile, record.suite)
  const {architecture} = target
  const native = await findNative(store, record, request.native)
  const own = readPaths(request.paths)
  const mine = readOwnSources(own.sources, architecture)
  const begun = against === 'nothing' ? await fromNothing(request, mine, options) : undefined
  const chosen = begun ? {...begun, binaries: ''} : await choose(request, architecture, options)
  const earlier = await earlierDurations(store, architecture)
  const order = begun?.order ?? (against === 'feed' ? feedOrder(chosen, mine, architecture, settings) : undefined)
  const planned = planPackages({...chosen, earlier, paths: own.sources})
  const plan: BulkPlan = {
    format: PLAN_FORMAT,
    name,
    made: new Date().toISOString(),
    environment: record.name,
    architecture,
    suite: record.suite,
    native,
    settings,
    policy: {...policy, experiments: possible(policy.experiments, record, native, against)},
    against,
    first,
    packages: withVerified(begun ? withProfiles(planned, begun) : planned, request.verify),
    left: [...chosen.left, ...own.left],
  }
  if (begun) return {plan, order, coming: begun.coming}
  const isTwinned = record.programs === 'emulated' && chosen.binaries !== ''
  const coming = isTwinned
    ? await comingOf(record, [...chosen.packages, ...mine.map(({source}) => source)], chosen.binaries, architecture, settings)
    : undefined
  return {plan, order, coming}
}

/** Where there is no archive, packages are built against nothing, and nowhere else. Throws `usage`. */
async function whereFrom({record, against}: PlanRequest): Promise<Against> {
  const isNothing = (await readRootKind(record.profile, record.suite)) === 'cross'
  if (isNothing ? against !== 'feed' : against !== 'nothing') return isNothing ? 'nothing' : against
  throw new XbuildError('usage', `environment "${record.name}" has ${isNothing ? 'no' : 'an'} archive: --against ${against}`, {
    hint: `there: --against ${isNothing ? 'nothing' : 'archive or --against feed'}`,
  })
}

function fromNothing(
  {store, record, binfmt, selection, settings}: PlanRequest,
  own: readonly OwnSource[],
  {onLine, onNote, signal}: PlanOptions,
) {
  onNote('looking for what is needed first …')
  return chooseFromNothing({store, record, binfmt, selection, own, onLine, signal}, settings)
}

const withProfiles = (packages: readonly PlannedPackage[], {cuts, lessened}: ChosenFromNothing): PlannedPackage[] =>
  packages.map(one => {
    const [cut, profiles] = [cuts.get(one.name), lessened.get(one.name)]
    return {...one, ...(cut ? {cut} : {}), ...(profiles ? {profiles} : {})}
  })

function withVerified(packages: readonly PlannedPackage[], wish: VerifyWish): PlannedPackage[] {
  const verified = chooseVerified(
    packages.map(({name}) => name),
    wish,
  )
  return packages.map(one => (verified.has(one.name) ? {...one, verify: 'emulated'} : one))
}

/** Where everything runs by itself, there is nothing to emulate; nor can stubs be. */
const possible = (experiments: readonly Experiment[], {programs}: EnvironmentRecord, native: string | undefined, against: Against) =>
  experiments.filter(
    one =>
      one === 'alone' ||
      (programs === 'emulated' && (one !== 'native' || native !== undefined) && (one !== 'emulated' || against !== 'nothing')),
  )

interface Chosen {
  index: readonly IndexedSource[]
  packages: readonly IndexedSource[]
  left: LeftOut[]
  blocked: ReadonlyMap<string, string>
  /** The archives' list of packages. */
  binaries: string
}

const NOTHING: Chosen = {index: [], packages: [], left: [], blocked: new Map(), binaries: ''}

/** What is built from the archives, by their lists. */
async function choose(request: PlanRequest, architecture: string, options: PlanOptions): Promise<Chosen> {
  const {store, selection, against} = request
  const {names, sections, all, sample} = selection
  if (against === 'archive' && names.length === 0 && sections.length === 0 && !all && sample === undefined) return NOTHING
  await makeDirectory(store.builds)
  const workplace = await makeWorkDirectory(store.builds)
  try {
    options.onNote('fetching the lists of packages …')
    await fetchLists(request, workplace.path, options)
    const lists = {sources: join(workplace.path, 'Sources'), packages: join(workplace.path, 'Packages')}
    const index = parseSources(await readFile(lists.sources, 'utf8'))
    const {packages, left} = selectSources(index, selection, architecture)
    const chosen = {index, packages, left, binaries: await readFile(lists.packages, 'utf8')}
    if (packages.length === 0 || !options.checkInstallable) return {...chosen, blocked: new Map()}
    options.onNote('looking for what cannot be installed …')
    const found = await findUninstallable(
      lists,
      architecture,
      packages.map(({name}) => name),
      options.signal,
    )
    if (found.kind === 'unknown') options.onNote(`what cannot be installed is found out when it is tried: ${found.why}`)
    return {...chosen, blocked: found.kind === 'found' ? found.blocked : new Map()}
  } finally {
    await workplace.remove()
  }
}

/** In a layer that is thrown away. */
const fetchLists = ({store, binfmt, record: {name}}: PlanRequest, directory: string, {onLine, signal}: PlanOptions) =>
  withPlace({store, binfmt}, name, 'ephemeral', ({record, locks}) =>
    withThrowAwayLayer(
      store,
      record,
      async layer => {
        await fetchIndices({...layer, binfmt, locks: [layer.lock, ...locks], traces: 'none'}, directory, onLine, signal)
      },
      signal,
    ),
  )

async function findNative(store: Store, record: EnvironmentRecord, name: string | undefined): Promise<string | undefined> {
  if (name !== undefined) {
    if ((await store.read(name)).programs === 'native') return name
    throw new XbuildError('usage', `environment "${name}" is not of this machine's own architecture`, {
      hint: 'make one: xbuild-env create amd64',
    })
  }
  for (const one of await store.names()) {
    const other = await store.read(one).catch(() => undefined)
    if (other?.programs === 'native' && other.suite === record.suite) return one
  }
  return undefined
}
