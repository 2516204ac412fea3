import {chmod, writeFile} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {type SourcesFile, withSourcePackages} from '../core/debian/apt-sources.js'
import type {Mode} from '../core/session/mode.js'
import {planWithChangesIn, type SessionPlan} from '../core/session/plan.js'
import type {ComingRoute} from '../core/twins/route.js'
import {Tree} from '../host/beneath.js'
import {makeDirectory} from '../host/files.js'
import type {SessionOptions} from '../host/session.js'
import {copyTree} from '../host/tree.js'
import {layersOf, readInEnvironment} from '../session/files.js'
import {followPackages} from '../session/following.js'
import type {HeldPlace, SessionPlace} from '../session/place.js'
import type {Bind} from '../session/plan.js'
import {enter, prepareSession} from '../session/run.js'
import {runScript, type ScriptEnd} from '../session/run-script.js'
import {planScript, scriptOptions} from '../session/script.js'
import {APT_DIRECTORY, APT_SETTINGS, BUILD_DIRECTORY, CORE_CONTROL, CORE_SOURCE, type DebStep, DOWNLOADS, ROUTED} from './deb-plan.js'
import {isTracedStep, traceHeader, tracingTo} from './deb-trace.js'
import {downloadBinds} from './downloads.js'
import {PREFERENCES_FILE, preferencesOf, repositoryBinds, type SiteRepository, sourceLines, writeRepositories} from './site-repository.js'

/** Where packages are built: a throw-away layer, and a directory that is removed with it. */
export interface DebSite extends HeldPlace {
  directory: string
  /** Programs of what is being installed, which are native before their routes are found, where that is known. */
  coming?: readonly ComingRoute[]
  /** Where packages come from before the environment's own archives. */
  repositories?: readonly SiteRepository[]
  /** A directory of packages that were fetched before, which gets those that are fetched now: each by its sum. */
  downloads?: string
  /** Whether each exec of what it runs is recorded. */
  traces: 'kept' | 'none'
}

/** Whether apt is to have the lists of source packages, too. */
export type Listing = 'listed' | 'not-listed'

/** Of a site: the source as it was brought, unpacked and not built, and what sessions are shown for apt. */
export const sourceDirectoryOf = ({directory}: DebSite) => join(directory, 'source')
export const aptDirectoryOf = ({directory}: DebSite) => join(directory, 'apt')
const logsOf = ({directory}: DebSite) => join(directory, 'logs')

/** One build of the source in a site, of which there may be several. */
export interface DebAttempt {
  mode: Mode
  /** The source's copy, in which it is built. */
  build: string
  /** What the build changes in the environment is this build's alone. */
  changes: {upper: string; work: string}
  log: string
  trace: string
}

/** Bytes: a thousand archives. */
const TEXT_LIMIT = 2 ** 20

/** Makes a site's directories, and what apt goes by: with the lists of source packages, or without. */
export async function makeSite(site: DebSite, sources: Listing): Promise<void> {
  const apt = aptDirectoryOf(site)
  const core = join(apt, CORE_SOURCE, 'debian')
  for (const path of [sourceDirectoryOf(site), logsOf(site), core, join(apt, SOURCE_PARTS)]) await makeDirectory(path)
  await writeFile(join(core, 'control'), CORE_CONTROL)
  await writeFile(join(apt, 'apt.conf'), APT_SETTINGS)
  const {downloads} = site
  if (downloads !== undefined) for (const path of [downloads, join(apt, basename(DOWNLOADS))]) await makeDirectory(path)
  await writeSources(site, sources)
  await chmod(sourceDirectoryOf(site), 0o755)
}

/** What names the environment's archives. */
export function archivesOf(site: SessionPlace, sources: Listing): readonly SourcesFile[] {
  const files = readSourcesFiles(site)
  return sources === 'listed' ? withSourcePackages(files) : files
}

/** Has apt go by a site's repositories, and the environment's archives. */
export async function writeSources(site: DebSite, sources: Listing): Promise<void> {
  const {repositories = []} = site
  const apt = aptDirectoryOf(site)
  for (const {name, text} of withOwn(archivesOf(site, sources), repositories)) await writeFile(join(apt, name), text)
  await writeRepositories(apt, repositories)
  const preferences = readInEnvironment(layersOf(site.store, site.record), 'etc/apt/preferences', TEXT_LIMIT)
  await writeFile(join(apt, PREFERENCES_FILE), `${preferencesOf(repositories)}${preferences}`)
}

/** apt takes a file that several have from the first. */
const withOwn = (files: readonly SourcesFile[], repositories: readonly SiteRepository[]) =>
  files.map(({name, text}) => ({name, text: name === SOURCES_LIST ? `${sourceLines(repositories)}${text}` : text}))

/** What a look at packages that will come needs: the names of those that may have twins. */
export const listRouted = (site: DebSite, names: readonly string[]) =>
  writeFile(join(aptDirectoryOf(site), ROUTED), names.map(name => `${name}\n`).join(''))

const SOURCES_LIST = 'sources.list'
const SOURCE_PARTS = 'sources.list.d'

/** As apt takes them. man 5 sources.list, SOURCES.LIST.D */
const SOURCES_NAME = /^[A-Za-z0-9_.-]+\.(list|sources)$/

function readSourcesFiles({store, record}: SessionPlace) {
  const layers = layersOf(store, record)
  const parts = new Tree(layers, 'within').list(`etc/apt/${SOURCE_PARTS}`)
  const names = parts.kind === 'found' ? parts.value.map(({name}) => name).filter(name => SOURCES_NAME.test(name)) : []
  return [SOURCES_LIST, ...names.map(name => `${SOURCE_PARTS}/${name}`)].map(name => ({
    name,
    text: readInEnvironment(layers, `etc/apt/${name}`, TEXT_LIMIT),
  }))
}

/** Begins a build of the site's source: in a copy of it, or, for the last build, in itself, where it lies: it is the builder's. */
export async function beginAttempt(
  site: DebSite,
  name: string,
  mode: Mode,
  source: 'copy' | 'itself',
  signal: AbortSignal,
): Promise<DebAttempt> {
  const directory = join(site.directory, name)
  const changes = {upper: join(directory, 'upper'), work: join(directory, 'work')}
  for (const path of Object.values(changes)) await makeDirectory(path)
  const build = source === 'itself' ? sourceDirectoryOf(site) : join(directory, 'build')
  if (source === 'copy') await copyTree(sourceDirectoryOf(site), build, signal)
  return {mode, build, changes, log: inLogs(site, `${name}.log`), trace: inLogs(site, `${name}.trace`)}
}

/** The session of a step: one of a build in what it may change, all others in the layer itself. */
export async function planDebStep(
  site: DebSite,
  step: DebStep,
  argv: readonly string[] | 'shell',
  attempt?: DebAttempt,
  terminal = false,
): Promise<SessionPlan> {
  const isRoots = step.user === 'root'
  const options = scriptOptions({
    mode: attempt?.mode ?? 'hybrid',
    lasting: attempt ? 'ephemeral' : 'lasting',
    binds: [
      {source: attempt?.build ?? sourceDirectoryOf(site), target: BUILD_DIRECTORY, access: 'rw'},
      ...(isRoots ? [{source: aptDirectoryOf(site), target: APT_DIRECTORY, access: 'ro' as const}] : []),
      ...(isRoots ? [...repositoryBinds(site.repositories ?? []), ...downloadBinds(site)] : []),
    ],
    network: step.network,
    user: step.user,
    directory: step.directory,
    variables: step.variables,
    // The network's settings, for what fetches; a build gets nothing of the caller's, but a shell its terminal's.
    ...(isRoots ? {} : {caller: terminal ? {TERM: process.env.TERM, COLORTERM: process.env.COLORTERM} : {}}),
    argv: argv === 'shell' ? ['/bin/bash'] : argv,
  })
  const plan = await prepareSession(site, {...options, terminal})
  if (attempt) return planWithChangesIn(plan, attempt.changes.upper, attempt.changes.work)
  // What is thrown away need not outlast a power cut; a build's own programs may test what these calls do.
  return {...plan, operations: [{op: 'drop-syncs'}, ...plan.operations]}
}

/** Runs a step that works on a directory of the host's, which its session is shown. */
export function runBoundStep(
  site: DebSite,
  step: DebStep,
  binds: readonly Bind[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<ScriptEnd> {
  const plan = async (argv: readonly string[]) => {
    const {user, network, directory, variables: environment} = step
    const shown = [
      ...binds,
      {source: aptDirectoryOf(site), target: APT_DIRECTORY, access: 'ro' as const},
      ...repositoryBinds(site.repositories ?? []),
    ]
    const planned = await planScript(site, {lasting: 'lasting', binds: shown, user, network, directory, variables: environment, argv})
    return {...planned, operations: [{op: 'drop-syncs'} as const, ...planned.operations]}
  }
  const script = {run: step.script, timeoutSeconds: undefined, log: stepLog(site, step.name)}
  return runScript({plan, written: logsOf(site), onOuter: undefined, locks: site.locks}, script, onLine, signal)
}

/** Runs a step to its end. While packages come, their routes are found. */
export async function runDebStep(
  site: DebSite,
  step: DebStep,
  attempt: DebAttempt | undefined,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<ScriptEnd> {
  const {store, record, traces, coming} = site
  const follow = step.name === 'install' ? followPackages(store, record, () => {}, coming) : undefined
  const run = (plan: SessionPlan, options: SessionOptions) => enter(plan, follow, options)
  const trace = attempt?.trace ?? stepTrace(site, step.name)
  const header = traceHeader(record, attempt?.mode ?? 'hybrid', step)
  const ended = await runScript(
    {
      plan: argv => planDebStep(site, step, argv, attempt),
      written: attempt?.build ?? logsOf(site),
      run: traces === 'kept' && isTracedStep(step.name) ? tracingTo(trace, header, run) : run,
      onOuter: undefined,
      locks: site.locks,
    },
    {run: step.script, timeoutSeconds: undefined, log: attempt?.log ?? stepLog(site, step.name)},
    onLine,
    signal,
  )
  signal.throwIfAborted()
  return ended
}

const inLogs = (site: DebSite, name: string) => join(logsOf(site), name)
export const stepLog = (site: DebSite, name: DebStep['name']) => inLogs(site, `${name}.log`)
export const stepTrace = (site: DebSite, name: DebStep['name']) => inLogs(site, `${name}.trace`)
