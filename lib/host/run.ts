import {type Options, execa} from 'execa'
import {XbuildError} from '../core/errors.js'

export interface RunResult {
  exitCode: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  input?: string
  /** The whole environment; by default the caller's PATH and locale alone. */
  environment?: Record<string, string>
  onLine?: (line: string) => void
  signal?: AbortSignal
}

/** Which Debian package has a program that xbuild-env runs on the host. */
const PACKAGES: Record<string, string> = {
  mmdebstrap: 'mmdebstrap',
  newuidmap: 'uidmap',
  flock: 'util-linux',
  cc: 'gcc libc6-dev',
}

export function missingProgram(program: string, cause?: unknown): XbuildError {
  const packages = PACKAGES[program] ?? program
  return new XbuildError('missing-program', `${program} is not installed`, {hint: `apt-get install ${packages}`, cause})
}

/**
 * Runs a program of the host to its end, without a shell and without standard input.
 * Throws `missing-program` where it is not installed; any exit code is the caller's to judge.
 */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const settings: Options = {
    reject: false,
    extendEnv: false,
    env: options.environment ?? plainEnvironment(),
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    ...(options.input === undefined ? {} : {input: options.input}),
    ...(options.signal === undefined ? {} : {cancelSignal: options.signal}),
  }
  const child = execa(program, args, settings)
  if (options.onLine) {
    for await (const line of child.iterable({from: 'all' as 'stdout'})) options.onLine(String(line))
  }
  const result = await child
  if (result.code === 'ENOENT') throw missingProgram(program, result.cause)
  return {exitCode: result.exitCode ?? 128, stdout: String(result.stdout ?? ''), stderr: String(result.stderr ?? '')}
}

/** What programs of the host get to see: neither a test runner's variables nor a user's odd ones change what they do. */
export function plainEnvironment(): Record<string, string> {
  return {PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C.UTF-8', HOME: process.env.HOME ?? '/'}
}
