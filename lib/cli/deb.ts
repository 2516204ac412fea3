import {accessSync, constants, lstatSync, realpathSync, statSync} from 'node:fs'
import {basename, isAbsolute, join, relative, resolve} from 'node:path'
import {readProfile} from '../config/profiles.js'
import {verdictLine} from '../core/compare/verdict.js'
import {EXIT, XbuildError} from '../core/errors.js'
import {countTests, type TestCase, testName} from '../core/project/tests.js'
import {parseMode, runningOf} from '../core/session/mode.js'
import {type ThrowAwayLayer, withThrowAwayLayer} from '../environment/layer.js'
import {requireTwins} from '../environment/record.js'
import {refuseStubs, stubsLeft} from '../environment/stubs-left.js'
import {takeLock} from '../host/lock.js'
import {existingPart} from '../host/mount-options.js'
import {OutputDirectory, writerIn} from '../host/output-directory.js'
import {runSession} from '../host/session.js'
import {type DebVerification, verifyDeb} from '../measure/verify-deb.js'
import {collectDebs, type DebFile, type DebRun, logName, runBuildOf, stemOf, writeBuildLog} from '../packages/deb-build.js'
import {type DebPlan, type DebStep, describePlan} from '../packages/deb-plan.js'
import {PreparationError, type PreparedBuild, prepareBuild} from '../packages/deb-prepare.js'
import {type DebAttempt, type DebSite, planDebStep, stepTrace} from '../packages/deb-site.js'
import {readSource} from '../packages/deb-source.js'
import {putTraces} from '../packages/deb-trace.js'
import {standingProfiles} from '../packages/stub-store.js'
import {withPlace} from '../session/held-place.js'
import {parseJobs} from './build-input.js'
import {describeTests} from './build-report.js'
import {checkTraced} from './check-traced.js'
import {type Context, openContext} from './context.js'
import {DebProgress} from './deb-progress.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import {green, note, print, red, warn} from './output.js'
import {describeNotEmulated} from './stubs-report.js'
import {describeComparison} from './verify-report.js'

export interface DebOptions {
  all?: boolean
  checks: boolean
  jobs?: string
  out: string
  mode?: string
  verify?: boolean
  shell?: boolean
  trace?: boolean
  dryRun?: boolean
  json?: boolean
}

export async function deb(given: string, word: string, options: DebOptions): Promise<number> {
  const mode = parseMode(options.mode)
  if (options.verify && mode === 'emulated') {
    throw new XbuildError('usage', '--verify builds in both modes, and --mode names one', {hint: 'leave out one of the two'})
  }
  const jobs = parseJobs(options.jobs)
  const context = await openContext()
  const {store} = context
  const record = await store.read(await store.choose(given, undefined))
  runningOf(record, mode) // refuses what it cannot have
  if (options.verify) requireTwins(record)
  if (options.verify || mode === 'emulated') await refuseStubs(store, record)
  if (options.trace) checkTraced(record)
  const output = findOutput(options.out)
  const source = readSource(word, output.path)
  const profiles = await standingProfiles(record)
  const plan: DebPlan = {source, packages: options.all ? 'all' : 'any', checks: options.checks ? 'run' : 'skip', profiles, jobs, mode}
  if (options.dryRun) return describe(plan, options)
  return buildOver(context, record.name, plan, output, options)
}

function describe(plan: DebPlan, {json}: DebOptions): number {
  const steps = describePlan(plan)
  if (json) printAs('deb --dry-run', {...plan, steps})
  else print(steps.map(describeStep).join('\n'))
  return 0
}

function describeStep({name, script, user, network, directory, variables: environment}: DebStep): string {
  const variables = Object.entries(environment).map(([variable, value]) => `# ${variable}=${value}`)
  return [
    `# ${name}: as ${user}, in ${directory}, ${network === 'own' ? 'without a network' : 'with the network'}`,
    ...variables,
    script,
  ].join('\n')
}

/** A directory for results: what of it is there, and what is to be made when there are some. */
interface Output {
  path: string
  top: string
  below: string
}

/**
 * A relative path lies below the directory that xbuild-env was called in, and no link leads out of there: that may be the
 * source tree, and whoever made it has made the link.
 */
function findOutput(given: string): Output {
  const full = resolve(given)
  const there = existingPart(full)
  const top = realpathSync(there)
  const below = relative(there, full)
  const wrong = (why: string) => new XbuildError('bad-output', `${there} ${why}`, {hint: 'name a directory that you may write: --out DIR'})
  if (!statSync(top).isDirectory()) throw wrong('is not a directory')
  try {
    accessSync(top, constants.W_OK)
  } catch {
    throw wrong('cannot be written')
  }
  const here = process.cwd()
  const within = relative(here, full)
  if (isAbsolute(given) || /^\.\.(\/|$)/.test(within)) return {path: join(top, below), top, below: orItself(below)}
  const link = partsOf(here, within).find(isLink)
  if (link === undefined) return {path: full, top: here, below: orItself(within)}
  throw new XbuildError('bad-output', `${link} is a symbolic link`, {hint: 'name the directory itself: --out /some/directory'})
}

/** What a path below a directory leads through, and itself. */
const partsOf = (directory: string, path: string) => path.split('/').map((_, i, names) => join(directory, ...names.slice(0, i + 1)))

const isLink = (path: string) => lstatSync(path, {throwIfNoEntry: false})?.isSymbolicLink() === true

const orItself = (path: string) => (path === '' ? '.' : path)

async function buildOver(context: Context, name: string, plan: DebPlan, output: Output, options: DebOptions): Promise<number> {
  const {store, settings} = context
  const interruption = onInterruption('nothing is left of it')
  const progress = new DebProgress()
  try {
    return await withPlace({store, binfmt: settings.binfmt}, name, 'ephemeral', async ({record, locks}) => {
      const {signal} = interruption
      const traces = options.trace ? 'kept' : 'none'
      const build = (layer: ThrowAwayLayer) =>
        buildIn({...layer, binfmt: settings.binfmt, locks: [layer.lock, ...locks], traces}, plan, {
          output,
          options,
          progress,
          signal,
        })
      return withThrowAwayLayer(store, record, build, signal)
    })
  } finally {
    progress.end()
    interruption.forget()
  }
}

interface Work {
  output: Output
  options: DebOptions
  progress: DebProgress
  signal: AbortSignal
}

async function buildIn(site: DebSite, plan: DebPlan, work: Work): Promise<number> {
  const {options, progress, signal} = work
  const prepared = await prepareBuild(site, plan, progress.tell, signal).catch(async error => {
    if (!(error instanceof PreparationError)) throw error
    progress.showTail()
    if (options.shell) await openShell(error.site, error.step, undefined, work, error.message)
    throw error
  })
  const {verify} = options
  const run = await runBuildOf(
    prepared,
    plan,
    {name: plan.mode, mode: plan.mode, source: verify ? 'copy' : 'itself'},
    progress.tell,
    signal,
  )
  tellRun(site, run, work)
  const verification = verify ? await verifyDeb(prepared, plan, run, progress.tell, other => tellRun(site, other, work), signal) : undefined
  const result = await putResults(prepared, run, work)
  progress.end()
  const stubs = verify || plan.mode === 'emulated' ? await stubsLeft(prepared.site.store, prepared.site.record) : []
  report(prepared, plan, {run, verification, stubs, ...result}, work)
  if (run.end.kind === 'passed') return verification === undefined || isSame(verification) ? 0 : 1
  if (options.shell) await openShell(prepared.site, run.step, run.attempt, work, `the build of ${prepared.source.name} failed`)
  return run.end.exitCode
}

const isSame = (verification: DebVerification) => verification.kind === 'compared' && verification.result.verdict !== 'different'

function tellRun({record}: DebSite, {attempt, seconds, end, tests}: DebRun, {progress}: Work): void {
  if (end.kind === 'failed') progress.showTail()
  const counted = tests.length > 0 ? ` (tests: ${describeTests(tests)})` : ''
  progress.say(
    `${runningOf(record, attempt.mode)}: ${end.kind === 'passed' ? 'built' : `failed: ${end.why},`} after ${seconds.toFixed(1)} s${counted}`,
  )
}

interface Results {
  files: readonly DebFile[]
  log: string
  traces: Awaited<ReturnType<typeof putTraces>>
}

/** The packages of a build that passed, and the log and the traces of any. Of builds that have one directory, the files do not mix. */
async function putResults({site, source}: PreparedBuild, run: DebRun, {output: {top, below, path}, signal}: Work): Promise<Results> {
  const {target} = await readProfile(site.record.profile, site.record.suite)
  const stem = stemOf(source, target.architecture)
  const log = logName(stem)
  const lock = await takeLock(join(site.store.home, '.results.lock'), 'exclusive', 'yes', signal)
  try {
    const output = new OutputDirectory(top, below, writerIn(site.store.home))
    try {
      await writeBuildLog(site, run.attempt.log, log, output)
      const traces = await putTraces({install: stepTrace(site, 'install'), build: run.attempt.trace}, stem, output, path)
      const files = run.end.kind === 'passed' ? await collectDebs(run.attempt, source, output, signal) : []
      return {files, log: join(path, log), traces}
    } finally {
      output.close()
    }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof XbuildError || !(error instanceof Error && 'code' in error)) throw error
    throw new XbuildError('bad-output', `the packages cannot be copied to ${path} (${error.code})`, {
      hint: 'it must be a directory that you may write, with space for them: --out DIR',
      cause: error,
    })
  } finally {
    await lock?.release()
  }
}

interface Reported extends Results {
  run: DebRun
  verification: DebVerification | undefined
  /** What was native where all was to be emulated, since it has no build for the CPU. */
  stubs: readonly string[]
}

function report(
  {site, source, seconds}: PreparedBuild,
  plan: DebPlan,
  {run, verification, stubs, files, log, traces}: Reported,
  work: Work,
): void {
  const {end, tests} = run
  if (work.options.json) {
    printAs('deb', {
      environment: site.record.name,
      package: source.name,
      version: source.version,
      packages: plan.packages,
      mode: runningOf(site.record, plan.mode),
      result: end.kind === 'passed' ? 'built' : 'failed',
      ...(end.kind === 'failed' ? {exitCode: end.exitCode, why: end.why} : {}),
      seconds: {...seconds, build: run.seconds},
      tests: {...countTests(tests), names: failedNames(tests)},
      directory: work.output.path,
      files,
      log,
      ...(work.options.trace ? {traces} : {}),
      ...(verification ? {verification: jsonOf(verification)} : {}),
      ...(stubs.length > 0 ? {stubs} : {}),
    })
    return
  }
  for (const test of failedNames(tests)) note(`test failed: ${test}`)
  for (const {name} of files) print(join(work.options.out, name))
  for (const trace of Object.values(traces)) note(`what ran native, and what emulated: xbuild-env trace ${trace}`)
  if (stubs.length > 0) note(describeNotEmulated(stubs))
  if (verification) for (const line of describeVerification(verification, run)) note(line)
  if (end.kind === 'failed')
    warn(`${red('xbuild-env:')} ${source.name} ${source.version} failed: ${end.why}\n  its full output is in ${log}`)
  else note(`${green('built')} ${source.name} ${source.version}; the log is ${join(work.options.out, basename(log))}`)
}

const failedNames = (tests: readonly TestCase[]) => tests.filter(({result}) => result === 'failed').map(testName)

const jsonOf = (verification: DebVerification) =>
  verification.kind === 'compared'
    ? verification.result
    : {verdict: 'different' as const, emulated: verification.emulated.end, seconds: verification.emulated.seconds}

function describeVerification(verification: DebVerification, hybrid: DebRun): string[] {
  if (verification.kind === 'compared') return [...describeComparison(verification.result), verdictLine(verification.result)]
  const {end} = verification.emulated
  if (end.kind === 'failed')
    return hybrid.end.kind === 'failed' ? ['it fails in both modes'] : [`only the emulated build fails: ${end.why}`]
  return ['only the hybrid build fails: it passes emulated']
}

/** Where a step failed: what it had before it, its user, its network. */
async function openShell(
  site: DebSite,
  step: DebStep,
  attempt: DebAttempt | undefined,
  {progress, signal}: Work,
  why: string,
): Promise<void> {
  progress.end()
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
  note(`${why}\nthis is a shell where it did: ${step.user} in ${step.directory}; all is removed when it ends`)
  const plan = await planDebStep(site, step, 'shell', attempt, isTerminal)
  const ended = await runSession(plan, {output: 'inherit', signal, locks: site.locks})
  signal.throwIfAborted()
  if (ended.kind === 'ended') return
  throw new XbuildError('cannot-execute', `the layer has no shell that can be executed (${ended.errno})`, {
    hint: 'look at the log instead',
    exitCode: EXIT.cannotExecute,
  })
}
