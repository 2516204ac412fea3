import {dirname, resolve} from 'node:path'
import {
  type BenchMode,
  type BenchResult,
  describeLoad,
  isBusy,
  LONG_RUN,
  meanRatios,
  PUBLISHED,
  parseBenchModes,
  parseRuns,
  type Repeats,
  type Usage,
} from '../core/bench.js'
import {XbuildError} from '../core/errors.js'
import {shellLine} from '../core/shell-words.js'
import {isThere, writeFileSafely} from '../host/files.js'
import {commitOf} from '../host/git.js'
import {describeMachine, programVersion} from '../host/machine.js'
import {runBench} from '../measure/bench.js'
import {twinVersions} from '../packages/place.js'
import {holdPlace} from '../session/held-place.js'
import type {HeldPlace} from '../session/place.js'
import {benchHtml} from './bench-html.js'
import {type BenchCommandOptions, chooseSubject, makeTasks, prepare, type Subject} from './bench-subject.js'
import {benchMarkdown, benchText} from './bench-table.js'
import {openContext} from './context.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import {note, print} from './output.js'
import {VERSION} from './program.js'

export async function bench(name: string, directory: string | undefined, options: BenchCommandOptions): Promise<number> {
  if (options.json && options.markdown) {
    throw new XbuildError('usage', '--json and --markdown say in two ways how it is printed', {hint: 'leave one of the two out'})
  }
  const modes = parseBenchModes(options.modes)
  const repeats: Repeats = {
    runs: parseRuns('--runs', options.runs ?? '3'),
    emulatedRuns: options.emulatedRuns === undefined ? undefined : parseRuns('--emulated-runs', options.emulatedRuns),
  }
  const subject = await chooseSubject(directory, options)
  checkReport(options.html)
  const context = await openContext()
  const environment = options.prepare ? await prepare(context, name, subject) : name
  const {release, ...place} = await holdPlace({store: context.store, binfmt: context.settings.binfmt}, environment, 'ephemeral')
  const interruption = onInterruption('the build was ended, and nothing of it is left but its log')
  try {
    const result = await measure(place, subject, modes, repeats, options, interruption.signal)
    await show(result, options)
    return 0
  } finally {
    interruption.forget()
    await release()
  }
}

/** Now, rather than when all has been measured. */
function checkReport(path: string | undefined): void {
  if (path === undefined || isThere(dirname(resolve(path)))) return
  throw new XbuildError('usage', `--html ${path}: there is no directory ${dirname(resolve(path))}`, {
    hint: 'make it, or name another file',
  })
}

async function measure(
  place: HeldPlace,
  subject: Subject,
  modes: readonly BenchMode[],
  repeats: Repeats,
  options: BenchCommandOptions,
  signal: AbortSignal,
): Promise<BenchResult> {
  const machine = await describeMachine()
  if (isBusy(machine)) note(describeLoad(machine))
  const tasks = await makeTasks(place, subject, modes, signal)
  const {record} = place
  for (const {name, ways} of tasks) {
    for (const [mode, way] of ways)
      if (way.kind === 'skipped') note(`${name}, ${mode}: skipped, ${way.reason}${way.fix ? ` (${way.fix})` : ''}`)
  }
  const packages = await runBench(place, tasks, {
    ...repeats,
    trees: options.keep ? 'kept' : 'removed',
    signal,
    onBuild: (task, mode, run) => note(`${task.name}, ${mode}, run ${run} …`),
    onBuilt: (task, mode, run, usage) => note(describeRun(task.name, mode, run, usage, repeats)),
    onKept: directory => note(`what was built is in ${directory}`),
  })
  return {
    date: new Date().toISOString(),
    version: VERSION,
    ...(subject.kind === 'tree' ? await checkoutOf(subject.directory) : {}),
    command: shellLine(['xbuild-env', ...process.argv.slice(2)]),
    environment: {name: record.name, profile: record.profile, suite: record.suite, triple: record.triple},
    machine,
    programs: {
      ...(await twinVersions(place)),
      ...(await hostVersions(['gcc', `${record.triple}-gcc`])),
    },
    packages,
    means: meanRatios(packages),
    published: PUBLISHED,
  }
}

async function checkoutOf(directory: string): Promise<{commit?: string}> {
  const commit = await commitOf(directory)
  return commit === undefined ? {} : {commit}
}

async function hostVersions(programs: readonly string[]): Promise<Record<string, string>> {
  const versions = await Promise.all(programs.map(programVersion))
  return Object.fromEntries(programs.flatMap((program, i) => (versions[i] === undefined ? [] : [[`${program} of the host`, versions[i]]])))
}

const describeRun = (name: string, mode: BenchMode, run: number, {wallSeconds}: Usage, {emulatedRuns, runs}: Repeats) =>
  `${name}, ${mode}, run ${run}: ${wallSeconds.toFixed(1)} s${
    mode === 'emulated' && emulatedRuns === undefined && runs > run && wallSeconds > LONG_RUN
      ? '; not repeated, since that took over a minute (--emulated-runs)'
      : ''
  }`

async function show(result: BenchResult, options: BenchCommandOptions): Promise<void> {
  if (options.html !== undefined) {
    await writeFileSafely(resolve(options.html), benchHtml(result))
    note(`wrote ${options.html}`)
  }
  if (options.json) printAs('bench', result)
  else print(options.markdown ? benchMarkdown(result) : benchText(result))
}
