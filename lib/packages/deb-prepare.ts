import {basename} from 'node:path'
import {readEmulatedProfile, readTwinRules} from '../config/profiles.js'
import {type ComingPackage, parseComing} from '../core/debian/coming.js'
import type {SourceName} from '../core/debian/source-package.js'
import {type ErrorReason, XbuildError} from '../core/errors.js'
import {NO_SPACE_HINT, saysNoSpace} from '../core/no-space.js'
import {broughtBy, relatedNames} from '../core/stubs/reach.js'
import type {EmulatedRecord} from '../environment/record.js'
import {readRouting} from '../environment/routing.js'
import {fetchTwinsAhead, foreseeRoutes, refreshRouting, withoutTwins} from '../environment/update.js'
import {statusTime} from '../session/files.js'
import type {ScriptEnd} from '../session/run-script.js'
import {withTree} from '../session/twins.js'
import {builtBefore} from './built-before.js'
import {
  type DebPlan,
  type DebStep,
  fetchStep,
  installStep,
  lookStep,
  RECORDS,
  repositoriesStep,
  resolveStep,
  unpackStep,
} from './deb-plan.js'
import {type DebSite, type Listing, listRouted, makeSite, runDebStep, sourceDirectoryOf, writeSources} from './deb-site.js'
import {bringSource, checkArchitectures, findDsc, wantedNames} from './deb-source.js'
import {knownStubs, makeMissing, offerOf, reachOf, resolvedNames} from './deb-stubs.js'
import {keepDownloads} from './downloads.js'
import {findLists, keepLists} from './kept-lists.js'
import {findStubStore, type StubStore} from './stub-store.js'

/** What is compared is built. */
export type DebPhase = Exclude<DebStep['name'], 'compare'> | 'twins'

export type DebEvent =
  | {kind: 'phase'; phase: DebPhase}
  | {kind: 'line'; line: string}
  | {kind: 'twins'; packages: readonly string[]}
  | {kind: 'twins-failed'; why: string}
  | {kind: 'phase-ended'; phase: DebPhase; seconds: number}

export type TellDeb = (event: DebEvent) => void

/** What is ready to be built: a site whose layer has the build dependencies, and their twins. */
export interface PreparedBuild {
  site: DebSite
  source: SourceName
  seconds: Partial<Record<DebPhase, number>>
}

/** Something before the build failed: `site` is where, for a look at it. */
export class PreparationError extends XbuildError {
  readonly site: DebSite
  readonly step: DebStep

  constructor(reason: ErrorReason, message: string, details: {hint: string; site: DebSite; step: DebStep}) {
    super(reason, message, {hint: details.hint})
    this.site = details.site
    this.step = details.step
  }
}

/** From a layer that has nothing yet to one in which the build can begin. */
export async function prepareBuild(site: DebSite, plan: DebPlan, tell: TellDeb, signal: AbortSignal): Promise<PreparedBuild> {
  const seconds: PreparedBuild['seconds'] = {}
  const timed = async <T>(phase: DebPhase, work: () => Promise<T>): Promise<T> => {
    tell({kind: 'phase', phase})
    const start = performance.now()
    const result = await work()
    seconds[phase] = (performance.now() - start) / 1000
    tell({kind: 'phase-ended', phase, seconds: seconds[phase]})
    return result
  }
  await makeSite(site, listingOf(plan))
  await bringSource(plan.source, sourceDirectoryOf(site), signal)
  await timed('fetch', () => fetch(site, plan, tell, signal))
  const source = await timed('unpack', () => unpack(site, plan, tell, signal))
  checkArchitectures(plan, source, sourceDirectoryOf(site))
  const stubs = await findStubStore(site.store, site.record)
  const stubbed = stubs ? await timed('stubs', () => bringStubs(site, stubs, plan, source, tell, signal)) : {site, names: []}
  const ahead = await withTwinsAhead(stubbed)
  await timed('install', () => runOrFail(ahead, installStep(plan, source), tell, signal, whyNotInstalled(site, source)))
  if (site.record.programs === 'native') await keepDownloads(site, signal)
  return {site: await fetchRest(ahead, tell, signal), source, seconds}

  async function withTwinsAhead({site, names}: StubbedSite): Promise<DebSite> {
    const {record} = site
    if (record.programs === 'native') return site
    const coming = await timed('look', () => look(site, record, plan, source, names, tell, signal))
    return timed('twins', () => fetchAhead(site, record, coming, tell, signal))
  }
}

const listingOf = ({source}: Pick<DebPlan, 'source'>): Listing => (source.kind === 'archive' ? 'listed' : 'not-listed')

/** With the lists that another site has kept, or, where none has, those of the archives, which are kept. */
async function fetch(site: DebSite, plan: DebPlan, tell: TellDeb, signal: AbortSignal): Promise<void> {
  const lists = findLists(site, listingOf(plan))
  await runOrFail(site, fetchStep(plan, lists), tell, signal, whyNotFetched(plan))
  if (lists === undefined) await keepLists(site, listingOf(plan), signal)
}

interface Failure {
  reason: ErrorReason
  what: string
  hint: string
}

/** Of what a step prints, so many lines are kept: what apt says of ten thousand packages. */
const MOST_LINES = 100_000

/** Runs a step that has to pass; returns what it printed. */
async function runOrFail(site: DebSite, step: DebStep, tell: TellDeb, signal: AbortSignal, failure: Failure): Promise<string[]> {
  const lines: string[] = []
  const onLine = (line: string) => {
    if (lines.length < MOST_LINES) lines.push(line)
    tell({kind: 'line', line})
  }
  const ended = await runDebStep(site, step, undefined, onLine, signal)
  if (ended.end.kind === 'passed') return lines
  if (lines.some(saysNoSpace)) {
    throw new PreparationError('no-space', `${failure.what}: no space left on the disk`, {hint: NO_SPACE_HINT, site, step})
  }
  throw new PreparationError(failure.reason, `${failure.what}: ${why(lines, ended)}`, {hint: failure.hint, site, step})
}

/** Of what apt-get or dpkg-source printed, its own reasons: the first says what the others follow from. */
function why(lines: readonly string[], {end}: ScriptEnd): string {
  const unmet = lines.flatMap(line => /(?:Depends|Conflicts): .*(?:but|however).*/.exec(line)?.[0] ?? [])
  const error = lines.map(line => /^(?:E: |dpkg-source: error: )(.*)/.exec(line)?.[1]).find(text => text !== undefined)
  const reasons = unmet.length > 0 ? unmet.slice(0, 3).join('; ') : error
  return reasons ?? lines.at(-1) ?? (end.kind === 'passed' ? '' : end.why)
}

function whyNotFetched({source}: DebPlan): Failure {
  const wanted = source.kind === 'archive' ? `the source package ${source.name}` : 'the lists of packages'
  return {
    reason: 'archive',
    what: `${wanted} cannot be fetched`,
    hint:
      source.kind === 'archive'
        ? 'a name as apt-get source takes it; a source tree is named with a slash (./NAME). The mirrors must be reachable, and have sources'
        : 'the mirrors of the environment must be reachable',
  }
}

const whyNotInstalled = ({record}: DebSite, {name}: SourceName): Failure => ({
  reason: 'install-failed',
  what: `the build dependencies of ${name} cannot be installed`,
  hint: `--shell shows the layer in which it was tried; the archives of environment "${record.name}" must have them`,
})

async function unpack(site: DebSite, {source}: DebPlan, tell: TellDeb, signal: AbortSignal): Promise<SourceName> {
  if (source.kind === 'directory') return source
  const {file, control} = findDsc(sourceDirectoryOf(site))
  await runOrFail(site, unpackStep(file, control), tell, signal, {
    reason: 'bad-source',
    what: `${basename(file)} cannot be unpacked`,
    hint: 'are all its files whole? Get them again',
  })
  return control
}

/** A site for which all that can be had at once is there, of which so many have stubs. */
interface StubbedSite {
  site: DebSite
  names: readonly string[]
}

/** For a CPU without an archive: makes the packages that apt would install, as far as they are no libraries that have to be built. */
async function bringStubs(
  site: DebSite,
  stubs: StubStore,
  plan: DebPlan,
  source: SourceName,
  tell: TellDeb,
  signal: AbortSignal,
): Promise<StubbedSite> {
  const progress = {onLine: (line: string) => tell({kind: 'line', line}), signal}
  const known = await knownStubs(site, stubs, progress)
  const reached = reachOf(known, [...wantedNames(sourceDirectoryOf(site), source), ...broughtByReal(site, stubs)])
  const offer = async (): Promise<DebSite> => {
    const offering = {...site, repositories: [...(site.repositories ?? []), await offerOf(stubs, reached)]}
    await writeSources(offering, listingOf(plan))
    await runOrFail(offering, repositoriesStep(), tell, signal, whyNotInstalled(site, source))
    return offering
  }
  const quiet: TellDeb = event => {
    if (event.kind !== 'line' || !/^(Inst|Conf) /.test(event.line)) tell(event)
  }
  const all = await offer()
  const lines = await runOrFail(all, resolveStep(plan, source), quiet, signal, whyNotInstalled(site, source))
  const wanted = resolvedNames(lines).flatMap(name => known.entries.get(name) ?? [])
  return {
    site: (await makeMissing(site, stubs, wanted, progress)) === 'made' ? await offer() : all,
    names: wanted.flatMap(({name, make}) => (make === 'stub' ? [name] : [])),
  }
}

/** What real packages depend on, which a build may have installed. */
const broughtByReal = ({repositories = [], record}: DebSite, {profile}: StubStore): string[] => [
  ...repositories.flatMap(({index}) => broughtBy(index)),
  ...[...builtBefore(record, profile.target.architecture).values()].flatMap(({relations}) => relatedNames(relations)),
]

/** What apt will install. */
async function look(
  site: DebSite,
  record: EmulatedRecord,
  plan: DebPlan,
  source: SourceName,
  stubs: readonly string[],
  tell: TellDeb,
  signal: AbortSignal,
): Promise<ComingPackage[]> {
  const rules = await readTwinRules(await readEmulatedProfile(record.profile, record.suite))
  await listRouted(site, [...Object.keys(rules.packages), ...stubs])
  let isApts = true
  const quiet: TellDeb = event => {
    if (event.kind === 'line' && event.line === RECORDS) isApts = false
    if (isApts) tell(event)
  }
  const lines = await runOrFail(site, lookStep(plan, source), quiet, signal, whyNotInstalled(site, source))
  await keepDownloads(site, signal)
  return parseComing(lines.slice(lines.indexOf(RECORDS) + 1))
}

/** The twins of what is there and of what will come. Those that cannot be had leave their programs emulated. */
async function fetchAhead(
  site: DebSite,
  record: EmulatedRecord,
  coming: readonly ComingPackage[],
  tell: TellDeb,
  signal: AbortSignal,
): Promise<DebSite> {
  const {store} = site
  const events = {
    onFetch: (packages: readonly string[]) => tell({kind: 'twins', packages}),
    onLine: (line: string) => tell({kind: 'line', line}),
    signal,
  }
  const time = statusTime(store, record)
  const fetch = async (tree: string) => {
    await refreshRouting(store, record, tree, time)
    const missing = withoutTwins(await readRouting(store.environment(record.name)))
    const names = coming.map(({pack}) => pack.name)
    const withModules = [...coming.flatMap(({pack, modules}) => (modules === 'some' ? [pack.name] : [])), ...missing]
    const stubs = coming.flatMap(({pack}) => (pack.stub ? [pack.name] : []))
    return fetchTwinsAhead(store, record, {tree, time}, {names, stubs, withModules}, events)
  }
  try {
    const withTwins = await withTree({...site, record}, fetch)
    return {...site, record: withTwins, coming: await foreseeRoutes(store, withTwins, coming)}
  } catch (error) {
    signal.throwIfAborted()
    tell({kind: 'twins-failed', why: error instanceof Error ? error.message : String(error)})
    return site
  }
}

/** What has come may have modules that its dependencies did not tell of, and the last routes may not be found yet. */
async function fetchRest(site: DebSite, tell: TellDeb, signal: AbortSignal): Promise<DebSite> {
  const {store, record} = site
  if (record.programs === 'native') return site
  const routing = await readRouting(store.environment(record.name))
  const isDone = routing?.statusTime === statusTime(store, record) && withoutTwins(routing).length === 0
  return isDone ? site : fetchAhead(site, record, [], tell, signal)
}
