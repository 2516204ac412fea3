import {realpathSync, statSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {readRootKind} from '../config/profiles.js'
import {guessBuild, TELLING_FILES} from '../core/compare/guess-build.js'
import {count, type VerifyResult} from '../core/compare/verdict.js'
import {XbuildError} from '../core/errors.js'
import {type EnvironmentRecord, requireTwins} from '../environment/record.js'
import {isThere} from '../host/files.js'
import {type VerifyEvents, verify} from '../measure/verify.js'
import type {BuiltTree} from '../measure/verify-run.js'
import {withPlace} from '../session/held-place.js'
import {openContext} from './context.js'
import {onInterruption} from './interruption.js'
import {printAs} from './json.js'
import {LiveLine, note, print} from './output.js'
import {isSystemDirectory, parseVariable} from './run.js'
import {describeResult} from './verify-report.js'

export interface VerifyOptions {
  build?: string
  runs: string
  env?: string[]
  network?: boolean
  keep?: string
  json?: boolean
}

export async function verifyCommand(env: string, given: string | undefined, options: VerifyOptions): Promise<number> {
  const hybridRuns = parseRuns(options.runs)
  const {store, settings} = await openContext()
  const name = await store.choose(env, undefined)
  const found = await store.read(name)
  await checkKind(found)
  const directory = sourceDirectory(given ?? '.', settings.data)
  const build = chooseBuild(directory, options.build)
  const {sourceDateEpoch, variables} = chosenVariables(options.env ?? [])
  const interruption = onInterruption(options.keep === undefined ? 'nothing is left' : `what was built so far is in ${options.keep}`)
  const network = options.network === false ? 'own' : 'host'
  const what = {directory, build, sourceDateEpoch, variables, network, hybridRuns} as const
  try {
    const result = await withPlace({store, binfmt: settings.binfmt}, name, 'ephemeral', place =>
      verify({...place, ...what, keep: options.keep, signal: interruption.signal}, progress(build)),
    )
    if (options.json) printAs('verify', result)
    else print(describeResult(result).join('\n'))
    if (options.keep !== undefined) note(`the built trees are in ${options.keep}`)
    return result.verdict === 'different' ? 1 : 0
  } finally {
    interruption.forget()
  }
}

async function checkKind(record: EnvironmentRecord): Promise<void> {
  const {name, profile, suite} = requireTwins(record)
  if ((await readRootKind(profile, suite)) === 'debian') return
  throw new XbuildError(
    'usage',
    `environment "${name}" cannot be verified: there is no compiler that runs on ${profile}, so no emulated build`,
    {
      hint: 'verify in an environment of an architecture that the archive has: "xbuild-env profiles" shows which',
    },
  )
}

function parseRuns(text: string): number {
  if (/^[1-9]$/.test(text)) return Number(text)
  throw new XbuildError('usage', `--runs ${text}: not a number from 1 to 9`, {hint: 'with 1, nothing tells what differs by itself'})
}

/** Its real path, at which the copies are seen in the sessions. */
function sourceDirectory(given: string, data: string): string {
  const directory = resolve(given)
  if (!isThere(directory)) throw new XbuildError('bad-directory', `${directory} does not exist`, {hint: 'name the source tree to build'})
  const real = realpathSync(directory)
  if (!statSync(real).isDirectory())
    throw new XbuildError('bad-directory', `${directory} is not a directory`, {hint: 'name the source tree to build'})
  if (isSystemDirectory(real)) {
    throw new XbuildError('bad-directory', `${real} is a directory of the system`, {hint: 'change to the source tree to build, or name it'})
  }
  if (`${data}/`.startsWith(`${real}/`)) {
    throw new XbuildError('bad-directory', `${real} holds the environments themselves`, {hint: 'name the source tree to build'})
  }
  return real
}

function chooseBuild(directory: string, given: string | undefined): VerifyResult['build'] {
  if (given !== undefined) return {command: given}
  const guess = guessBuild(TELLING_FILES.filter(file => isThere(join(directory, file))))
  if (guess) return guess
  throw new XbuildError('usage', `nothing in ${directory} tells how it is built`, {
    hint: "say it: --build 'make -j2'",
  })
}

/** One time for all builds: https://reproducible-builds.org/specs/source-date-epoch/, in seconds since 1970. */
function chosenVariables(given: readonly string[]): {sourceDateEpoch: string; variables: Buffer[]} {
  const own = given.flatMap(parseVariable)
  const name = 'SOURCE_DATE_EPOCH='
  const chosen = own
    .findLast(variable => variable.toString('latin1').startsWith(name))
    ?.toString()
    .slice(name.length)
  const sourceDateEpoch = chosen ?? process.env.SOURCE_DATE_EPOCH ?? String(Math.floor(Date.now() / 1000))
  return {sourceDateEpoch, variables: chosen === undefined ? [...own, Buffer.from(`${name}${sourceDateEpoch}`)] : own}
}

/** Of a build that fails, so many of the last lines are shown. */
const TAIL = 15

function progress(build: VerifyResult['build']): VerifyEvents {
  const live = new LiveLine()
  note('because' in build ? `building with "${build.command}", since ${build.because}` : `building with "${build.command}"`)
  return {
    onStep: step => live.show(typeof step === 'string' ? step : `building ${step.name}`),
    onBuilt: built => {
      live.clear()
      noteBuilt(built)
    },
    onCompared: () => live.clear(),
  }
}

function noteBuilt({run, changed, output}: BuiltTree): void {
  note(`${run.name}: ended with ${run.exitCode} after ${run.seconds.toFixed(1)} s, ${count(changed.size, 'path')} made or changed`)
  if (run.exitCode !== 0) for (const line of output.slice(-TAIL)) note(`  ${line}`)
}
