import {execa} from 'execa'
import {isNotFound, missingProgram, plainVariables} from './programs.js'

/** Runs two programs of which the second reads what the first writes; resolves with why one failed, if one did. The signal ends both. */
export async function runPipe(
  from: readonly string[],
  to: readonly string[],
  signal: AbortSignal,
  environment = plainVariables(),
): Promise<string | undefined> {
  const [program = '', ...args] = from
  const [other = '', ...others] = to
  const settings = {reject: false, extendEnv: false, env: environment, buffer: {stdout: false, stderr: true}, cancelSignal: signal} as const
  const reader = execa(other, others, {...settings, stdin: 'pipe', stdout: 'ignore'})
  const writer = execa(program, args, {...settings, stdin: 'ignore'})
  writer.stdout?.pipe(reader.stdin)
  reader.stdin?.on('error', () => {}) // it ended early, and says why
  const ends = await Promise.all([writer, reader])
  const failed = ends.find(({exitCode}) => exitCode !== 0)
  if (isNotFound(failed?.code)) throw missingProgram(failed === ends[0] ? program : other, failed.cause)
  return failed && (String(failed.stderr).trim() || `${failed.command} ended with ${failed.exitCode ?? failed.signal}`)
}
