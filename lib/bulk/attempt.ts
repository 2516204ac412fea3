import {writeFileSync} from 'node:fs'
import {mkdir, readdir, rename, rm} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {type ArchiveComparison, worstOf} from '../core/bulk/archive-comparison.js'
import type {AttemptEnd, Phase, Way} from '../core/bulk/events.js'
import {findReason, findTrouble, type KnownReason, saysUnmet} from '../core/bulk/log.js'
import type {BulkPlan, PlannedPackage} from '../core/bulk/plan.js'
import type {AttemptResult, Verification} from '../core/bulk/result.js'
import {XbuildError} from '../core/errors.js'
import {saysNoSpace} from '../core/no-space.js'
import {shortened} from '../core/printable.js'
import {countTests, type TestCase, testName} from '../core/project/tests.js'
import type {Mode} from '../core/session/mode.js'
import {type ThrowAwayLayer, withThrowAwayLayer} from '../environment/layer.js'
import type {Store} from '../environment/store.js'
import type {Binfmt} from '../host/binfmt.js'
import {makeDirectory} from '../host/files.js'
import {OutputDirectory, writerIn} from '../host/output-directory.js'
import {collectDebs, type DebFile, type DebRun, runBuildOf} from '../packages/deb-build.js'
import type {DebPlan} from '../packages/deb-plan.js'
import {type DebEvent, PreparationError, prepareBuild} from '../packages/deb-prepare.js'
import {type DebSite, stepLog} from '../packages/deb-site.js'
import {readSource} from '../packages/deb-source.js'
import {outdateLists} from '../packages/kept-lists.js'
import type {SiteRepository} from '../packages/site-repository.js'
import {standingProfiles} from '../packages/stub-store.js'
import {withPlace} from '../session/held-place.js'
import {keepLogs, lastExecs, readKeptTraces} from './attempt-logs.js'
import {HANG_FILE, LOG_FILE, RESULT_FILE, readResult} from './attempt-result.js'
import {compareWithArchive} from './compare-archive.js'
import {indexBuilt} from './feed.js'
import {emulatedShare} from './ledger.js'
import {firstErrorIn, readLogLines} from './log-lines.js'
import {verifyBuilt} from './verify-built.js'
import {isDiskFull, LimitReached, Watchdog} from './watchdog.js'

/** What is to be tried. */
export interface AttemptInput {
  store: Store
  binfmt: Binfmt | undefined
  plan: BulkPlan
  planned: PlannedPackage
  attempt: number
  way: Way
  jobs: number
  /** Gets its name when it is whole. */
  directory: string
  /** Where packages come from before the environment's archives. */
  repositories: readonly SiteRepository[]
  /** Packages that the run's other attempts have fetched. */
  downloads: string
  /** The results of a hybrid attempt that an emulated one is compared with. */
  hybrid: string | undefined
  reasons: readonly KnownReason[]
  /** Build profiles of this attempt alone. */
  profiles: readonly string[]
  onPhase: (phase: Phase) => void
  signal: AbortSignal
}

/** What is known of an attempt on the way. */
interface Progress {
  readonly partial: string
  readonly start: number
  phase: Phase
  seconds: Partial<Record<Phase, number>>
  site: DebSite | undefined
  run: DebRun | undefined
  files: readonly DebFile[]
  twinsFailed: string | undefined
  archive: readonly ArchiveComparison[] | undefined
  verification: Verification | undefined
}

/** Builds a package once. What was done already is not done again: its result is there. */
export async function runAttempt(input: AttemptInput): Promise<AttemptResult> {
  const done = readResult(input.directory)
  if (done?.way === input.way) return done
  await rm(input.directory, {recursive: true, force: true}) // what is damaged there, or another experiment's, is no result
  const partial = await makePartial(input)
  try {
    return await attemptIn(partial, input)
  } catch (error) {
    await rm(partial, {recursive: true, force: true}) // where the disk is full, its place is needed
    throw error
  }
}

async function attemptIn(partial: string, input: AttemptInput): Promise<AttemptResult> {
  const began = new Date().toISOString()
  const start = performance.now()
  const progress: Progress = {
    partial,
    start,
    phase: 'start',
    seconds: {},
    site: undefined,
    run: undefined,
    files: [],
    twinsFailed: undefined,
    archive: undefined,
    verification: undefined,
  }
  const watchdog = new Watchdog(input.plan.settings.limits, input.store.home, () => progress.site?.directory)
  const end = await buildOver(input, progress, watchdog)
    .catch(error => judgeError(input, progress, watchdog, error))
    .finally(() => watchdog.end())
  if (end.kind === 'interrupted') await rm(partial, {recursive: true, force: true})
  const {attempt, way, plan, planned, jobs} = input
  const known = {package: planned.name, version: planned.version, attempt, way, mode: modeOf(way), environment: environmentOf(plan, way)}
  const {seconds: phases, files, twinsFailed, archive, verification, run} = progress
  const failedTests = run ? failedNames(run.tests) : []
  const error = end.kind === 'built' || end.kind === 'interrupted' ? undefined : firstErrorIn(readLogLines(join(partial, LOG_FILE)))
  const ledger = end.kind === 'interrupted' ? undefined : await readTraces(progress, plan, end)
  const whole: AttemptResult = {
    format: 1,
    ...known,
    began,
    end: withLedger(end, ledger),
    phases,
    jobs,
    builder: processorTime(),
    files,
    failedTests,
    error,
    twinsFailed,
    ledger,
    archive,
    verification,
  }
  if (end.kind !== 'interrupted') await finish(partial, input.directory, whole)
  return whole
}

/** An attempt is a process of its own. */
function processorTime(): number {
  const {user, system} = process.cpuUsage()
  return Number(((user + system) / 1e6).toFixed(3))
}

const PARTIAL = '.partial-'

/** What killed attempts at this package left is removed: of one package, one attempt is made at a time. */
async function makePartial({directory, attempt}: AttemptInput): Promise<string> {
  const place = dirname(directory)
  await makeDirectory(place)
  const left = (await readdir(place)).filter(name => name.startsWith(PARTIAL))
  for (const name of left) await rm(join(place, name), {recursive: true, force: true})
  const partial = join(place, `${PARTIAL}${attempt}`)
  await mkdir(partial)
  return partial
}

const modeOf = (way: Way): Mode => (way === 'emulated' ? 'emulated' : 'hybrid')
const environmentOf = ({environment, native}: BulkPlan, way: Way) => (way === 'native' ? (native ?? environment) : environment)

/** The names of the first so many tests that failed are kept. */
const MOST_TESTS = 100

const failedNames = (tests: readonly TestCase[]) =>
  tests
    .filter(({result}) => result === 'failed')
    .slice(0, MOST_TESTS)
    .map(testName)

const withLedger = (end: AttemptEnd, ledger: AttemptResult['ledger']): AttemptEnd =>
  ledger && (end.kind === 'built' || end.kind === 'failed') ? {...end, share: Number(emulatedShare(ledger).toFixed(3))} : end

async function readTraces({partial, site}: Progress, {settings}: BulkPlan, end: AttemptEnd): Promise<AttemptResult['ledger']> {
  if (!site || settings.traces === 'none') return undefined
  return readKeptTraces(partial, site.record.profile, end.kind === 'built' ? 'read-once' : 'needed')
}

async function finish(partial: string, directory: string, result: AttemptResult): Promise<void> {
  writeFileSync(join(partial, RESULT_FILE), `${JSON.stringify(result)}\n`, {flush: true})
  await rename(partial, directory)
}

const elapsed = ({start}: Pick<Progress, 'start'>) => Number(((performance.now() - start) / 1000).toFixed(3))

/** Builds in a throw-away layer over the way's environment; what is worth keeping of it is kept however that ends. */
async function buildOver(input: AttemptInput, progress: Progress, watchdog: Watchdog): Promise<AttemptEnd> {
  const {store, binfmt, plan, way} = input
  const signal = AbortSignal.any([input.signal, watchdog.signal])
  return withPlace({store, binfmt}, environmentOf(plan, way), 'ephemeral', async ({record, locks}) => {
    const traces = record.programs === 'native' ? 'none' : plan.settings.traces
    const use = async (layer: ThrowAwayLayer) => {
      const repositories = way === 'native' ? [] : input.repositories
      const site: DebSite = {...layer, binfmt, locks: [layer.lock, ...locks], traces, repositories, downloads: input.downloads}
      progress.site = site
      try {
        return await build(site, input, progress, watchdog, signal)
      } catch (error) {
        return judgeError(input, progress, watchdog, error) // while the logs that it goes by are there
      } finally {
        await keepLogs(site, progress.partial)
      }
    }
    return withThrowAwayLayer(store, record, use, signal)
  })
}

async function build(site: DebSite, input: AttemptInput, progress: Progress, watchdog: Watchdog, signal: AbortSignal): Promise<AttemptEnd> {
  const {plan, planned, way, jobs, store} = input
  const enter = (phase: Phase) => {
    progress.phase = phase
    input.onPhase(phase)
  }
  const tell = (event: DebEvent) => {
    watchdog.printed()
    if (event.kind === 'phase') enter(event.phase)
    if (event.kind === 'phase-ended') progress.seconds[event.phase] = Number(event.seconds.toFixed(3))
    if (event.kind === 'twins-failed') progress.twinsFailed = event.why
  }
  const checks = way === 'untested' ? 'skip' : plan.settings.checks
  const profiles = [...new Set([...(await standingProfiles(site.record)), ...plan.settings.profiles, ...input.profiles])]
  const source = planned.path === undefined ? archiveSource(planned) : readSource(planned.path, input.directory)
  const debPlan: DebPlan = {source, packages: 'any', checks, profiles, jobs, mode: runsAs(site, way)}
  const prepared = await prepareBuild(site, debPlan, tell, signal)
  progress.site = prepared.site
  // Where what it makes is compared, there may be another build.
  const how = {name: 'build', mode: debPlan.mode, source: input.hybrid === undefined ? 'itself' : 'copy'} as const
  const run = await runBuildOf(prepared, debPlan, how, tell, signal)
  progress.run = run
  if (run.end.kind === 'failed') return failedBuild(input, progress, run, run.end)
  enter('results')
  const output = new OutputDirectory(progress.partial, '.', writerIn(store.home))
  try {
    progress.files = await collectDebs(run.attempt, prepared.source, output, signal)
  } finally {
    output.close()
  }
  if (plan.against !== 'archive' && way !== 'native') await indexBuilt(progress.partial, `${planned.name}/${input.attempt}`)
  const {record} = prepared.site
  if (plan.settings.archive === 'compared' && way === 'hybrid' && record.programs === 'emulated' && planned.path === undefined) {
    const onLine = (line: string) => tell({kind: 'line', line})
    const place = {...prepared.site, record}
    enter('compare')
    const start = performance.now()
    progress.archive = await compareWithArchive(place, debPlan, prepared.source, progress.files, progress.partial, onLine, signal)
    progress.seconds.compare = elapsed({start})
  }
  if (input.hybrid !== undefined) progress.verification = await verifyBuilt(prepared, debPlan, run, input.hybrid, tell, signal)
  const {archive, verification} = progress
  return {
    kind: 'built',
    seconds: elapsed(progress),
    ...testCounts(run),
    ...(archive ? {archive: worstOf(archive)} : {}),
    ...(verification ? {verified: verification.verdict} : {}),
  }
}

const archiveSource = ({name, version}: PlannedPackage) => ({kind: 'archive', name, version, named: 'source'}) as const

/** In an environment of the host's own architecture, everything runs by itself. */
const runsAs = ({record}: DebSite, way: Way) => (record.programs === 'native' ? 'hybrid' : modeOf(way))

function testCounts({tests}: DebRun): {tests?: {passed: number; failed: number}} {
  if (tests.length === 0) return {}
  const {passed, failed} = countTests(tests)
  return {tests: {passed, failed}}
}

/** Characters of the first error that a line about a package has. */
const MOST_OF_WHY = 160

function failedBuild(
  {reasons, store}: AttemptInput,
  progress: Progress,
  {attempt}: DebRun,
  {why, exitCode}: {why: string; exitCode: number},
): AttemptEnd {
  const log = readLogLines(attempt.log)
  const {lines} = log
  const full = lines.findLast(saysNoSpace)
  const seconds = elapsed(progress)
  if (full !== undefined && isDiskFull(store.home)) {
    return {kind: 'infrastructure', seconds, phase: 'build', trouble: 'disk', why: 'the disk is full'}
  }
  const reason = findReason(lines, reasons)
  const first = firstErrorIn(log)?.text.trim() ?? ''
  const told = first === '' ? why : `${shortened(first, MOST_OF_WHY)} (${why})`
  return {kind: 'failed', seconds, phase: 'build', why: told, exitCode, ...(reason ? {reason: reason.id} : {})}
}

/** What ended an attempt before its build did. Throws what is a fault of xbuild-env's own. */
function judgeError(input: AttemptInput, progress: Progress, {signal}: Watchdog, error: unknown): AttemptEnd {
  const {phase} = progress
  const seconds = elapsed(progress)
  if (input.signal.aborted) return {kind: 'interrupted', seconds}
  if (signal.reason instanceof LimitReached) {
    const {limit, message, processes} = signal.reason
    if (processes !== '') writeFileSync(join(progress.partial, HANG_FILE), `${processes}\n${progress.site ? lastExecs(progress.site) : ''}`)
    return {kind: 'limit', seconds, phase, limit, why: message}
  }
  if (error instanceof PreparationError) return judgePreparation(error, seconds)
  if (!(error instanceof XbuildError)) throw error
  const why = error.message
  if (error.reason === 'in-use') return {kind: 'infrastructure', seconds, phase, trouble: 'busy', why}
  if (error.reason === 'no-space') return {kind: 'infrastructure', seconds, phase, trouble: 'disk', why}
  if (PACKAGES_OWN.includes(error.reason)) return {kind: 'failed', seconds, phase, why, exitCode: error.exitCode}
  return {kind: 'infrastructure', seconds, phase, trouble: 'lost', why}
}

/** What a package's own files are refused for. */
const PACKAGES_OWN: readonly XbuildError['reason'][] = ['bad-source', 'bad-artifact', 'bad-directory']

function judgePreparation({site, step, message, exitCode}: PreparationError, seconds: number): AttemptEnd {
  const {lines} = readLogLines(stepLog(site, step.name))
  const phase = step.name
  const isUnmet = (phase === 'install' || phase === 'look') && lines.some(saysUnmet)
  const trouble = isUnmet ? undefined : findTrouble(lines)
  if (isUnmet) return {kind: 'blocked', seconds, why: message}
  if (trouble?.trouble === 'gone' || trouble?.trouble === 'damaged') outdateLists(site)
  if (trouble) return {kind: 'infrastructure', seconds, phase, trouble: trouble.trouble, why: trouble.line}
  return {kind: 'failed', seconds, phase, why: message, exitCode}
}
