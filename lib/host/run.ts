import {execa, type Options} from 'execa'
import {isNotFound, missingProgram, plainVariables, tellProgram} from './programs.js'

export interface RunResult {
  exitCode: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  input?: string
  /** The whole environment; by default the caller's PATH and locale alone. */
  variables?: Record<string, string>
  onLine?: (line: string) => void
  signal?: AbortSignal
}

/**
 * Runs a program of the host to its end, without a shell and without standard input.
 * Throws `missing-program` where it is not installed; any exit code is the caller's to judge.
 */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const settings: Options = {
    reject: false,
    extendEnv: false,
    env: options.variables ?? plainVariables(),
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    ...(options.input === undefined ? {} : {input: options.input}),
    all: options.onLine !== undefined,
    ...(options.signal === undefined ? {} : {cancelSignal: options.signal}),
  }
  tellProgram([program, ...args])
  const child = execa(program, args, settings)
  if (options.onLine) {
    for await (const line of child.iterable({from: 'all' as 'stdout'})) options.onLine(String(line))
  }
  const result = await child
  if (isNotFound(result.code)) throw missingProgram(program, result.cause)
  return {exitCode: result.exitCode ?? 128, stdout: String(result.stdout ?? ''), stderr: String(result.stderr ?? '')}
}

/**
 * What a program of the host makes of bytes: undefined where it does not succeed, or would make more than `limit` bytes.
 * Throws `missing-program` where it is not installed.
 */
export async function runFilter(program: string, args: readonly string[], input: Buffer, limit: number): Promise<Buffer | undefined> {
  tellProgram([program, ...args])
  const settings = {reject: false, extendEnv: false, env: plainVariables(), input, encoding: 'buffer', maxBuffer: limit} as const
  const result = await execa(program, args, {...settings, stripFinalNewline: false})
  if (isNotFound(result.code)) throw missingProgram(program, result.cause)
  return result.failed ? undefined : Buffer.from(result.stdout)
}
