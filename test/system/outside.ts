import {execa, type Options} from 'execa'
import {CLI, plainVariables, type Result} from './rig.js'

export interface BytesResult extends Omit<Result, 'stdout' | 'stderr'> {
  stdout: Buffer
  stderr: Buffer
}

const QUOTED = [process.execPath, CLI].map(part => `'${part.replaceAll("'", "'\\''")}'`).join(' ')

/**
 * Runs a bash script of the host's, in which `xb` is xbuild-env: for arguments, variables and pipes that Node cannot
 * make, such as bytes that are not UTF-8. Its own arguments are `args`.
 */
export async function outside(
  script: string,
  options: Options & {variables?: Record<string, string>; args?: readonly string[]} = {},
): Promise<BytesResult> {
  const {variables, args = [], ...rest} = options
  const start = performance.now()
  const result = await execa('bash', ['-c', `xb() { ${QUOTED} "$@"; }\n${script}`, 'bash', ...args], {
    reject: false,
    extendEnv: false,
    env: plainVariables(variables),
    stdin: 'ignore',
    encoding: 'buffer',
    stripFinalNewline: false,
    ...rest,
  })
  return {
    exitCode: result.exitCode ?? -1,
    stdout: Buffer.from(result.stdout as Uint8Array),
    stderr: Buffer.from(result.stderr as Uint8Array),
    took: (performance.now() - start) / 1000,
  }
}

/**
 * For `bash` in a session: `executed PID` prints whose code a process executes, the emulator's or its program's own, where
 * /proc/PID/exe names the program in either case.
 */
export const EXECUTED = `executed() { sed -n '/ r-xp .* \\//{s/.* //p;q}' "/proc/$1/maps"; }`

/** For `bash` in a session: `ask PROGRAM ARG…` starts a program that copies lines, and prints what the kernel runs for it. */
export const ASK = `
${EXECUTED}
ask() {
  coproc "$@"
  echo line >&"\${COPROC[1]}"
  read -r answer <&"\${COPROC[0]}"
  echo "$answer $(executed "$COPROC_PID")"
  kill "$COPROC_PID"
  wait "$COPROC_PID" 2>/dev/null
}
`
