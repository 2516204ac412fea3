import {createWriteStream} from 'node:fs'
import {join} from 'node:path'
import {finished} from 'node:stream/promises'
import type {BenchMode, Usage} from '../core/bench.js'
import {XbuildError} from '../core/errors.js'
import type {Mode} from '../core/session/mode.js'
import type {HostPath, SessionPlan} from '../core/session/plan.js'
import {makeDirectory} from '../host/files.js'
import {removeTree} from '../host/maker.js'
import {run} from '../host/run.js'
import {runSession} from '../host/session.js'
import {planOnHost} from '../session/on-host.js'
import type {HeldPlace} from '../session/place.js'
import {prepareSession} from '../session/run.js'

/** One build of a tree. */
export interface Build {
  name: string
  mode: BenchMode
  command: string
  source: HostPath
  /** Made for this build; it must not exist yet. */
  directory: HostPath
  log: HostPath
}

const shell = (command: string) => ['sh', '-c', command].map(word => Buffer.from(word))

/** What is native in an environment of the host's own architecture is built in that. */
function modeIn({programs}: HeldPlace['record'], mode: BenchMode): Mode | 'on-host' {
  switch (mode) {
    case 'hybrid':
    case 'emulated':
      return mode
    case 'cross':
      return 'on-host'
    case 'native':
      return programs === 'native' ? 'hybrid' : 'on-host'
  }
}

async function planBuild(place: HeldPlace, build: Build, tree: HostPath, home: HostPath): Promise<SessionPlan> {
  const command = {directory: tree, variables: [], caller: {}, network: 'own', argv: shell(build.command)} as const
  const mode = modeIn(place.record, build.mode)
  if (mode === 'on-host') return planOnHost({...command, home})
  return prepareSession(place, {
    ...command,
    mode,
    lasting: 'ephemeral',
    binds: [{source: tree, target: tree, access: 'rw'}],
    user: 'root',
    terminal: false,
  })
}

/** Copies the tree, builds the copy, and says what that used. The copying is not measured, the start of the session is. */
export async function measureBuild(place: HeldPlace, build: Build, signal: AbortSignal): Promise<Usage> {
  const tree = join(build.directory, 'tree')
  const home = join(build.directory, 'home')
  await makeDirectory(home)
  await copyTree(build.source, tree, signal)
  const plan = await planBuild(place, build, tree, home)
  const log = createWriteStream(build.log)
  const tail: string[] = []
  const onLine = (line: string) => {
    log.write(`${line}\n`)
    tail.push(line)
    if (tail.length > TAIL_LINES) tail.shift()
  }
  signal.throwIfAborted()
  const start = performance.now()
  const result = await runSession(plan, {output: {lines: onLine}, signal, locks: place.locks})
  const wallSeconds = (performance.now() - start) / 1000
  await finished(log.end())
  signal.throwIfAborted()
  if (result.kind !== 'ended' || result.exitCode !== 0)
    throw buildFailed(build, result.kind === 'ended' ? result.exitCode : result.errno, tail)
  if (!result.usage) throw new XbuildError('session-failed', `the session of ${build.name}, ${build.mode}, did not say what it used`)
  const {userSeconds, systemSeconds, peakBytes} = result.usage
  return {wallSeconds, cpuSeconds: userSeconds + systemSeconds, peakBytes}
}

const TAIL_LINES = 15

function buildFailed({name, mode, command, log}: Build, status: number | string, tail: readonly string[]): XbuildError {
  const shown = tail.map(line => `\n  | ${line}`).join('')
  return new XbuildError('build-failed', `${name}, ${mode}: the build ended with ${status}: ${command}${shown}`, {
    hint: `its full output is in ${log}`,
  })
}

/** With the times of its files, which make and configure go by. The keyboard's Ctrl-C reaches cp too. */
async function copyTree(source: HostPath, copy: HostPath, signal: AbortSignal): Promise<void> {
  const {exitCode, stderr} = await run('cp', ['-a', '--reflink=auto', '--', source, copy])
  signal.throwIfAborted()
  if (exitCode === 0) return
  await removeTree(copy)
  throw new XbuildError('bad-directory', `${source} could not be copied: ${stderr.trim().split('\n')[0]}`, {
    hint: 'it must be readable, and the disk of the cache directory (XDG_CACHE_HOME) must have room for it',
  })
}
