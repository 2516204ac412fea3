import {existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {execa, type Options} from 'execa'
import {wrongOutput} from './outputs.js'

/** The command line tool, as a user runs it. */
export const CLI = fileURLToPath(new URL('../../bin/xbuild-env.js', import.meta.url))

/**
 * Where the environments of the tests are kept, from one test file to the next and from one run to the next: test/run
 * sets it. The environment PROFILE is made by create.test.ts, which comes first.
 */
export const DATA = process.env.XBUILD_TEST_DATA ?? join(tmpdir(), `xbuild-env-test-${process.getuid?.()}`)
export const PROFILE = 'mips64el'

export interface Result {
  exitCode: number
  stdout: string
  stderr: string
  /** Seconds. */
  took: number
}

/** Variables of a plain login, not the test runner's. */
export function plainVariables(more: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: process.env.HOME ?? '/',
    USER: process.env.USER ?? 'root',
    XBUILD_ENV_DATA: DATA,
    ...more,
  }
}

/** Runs xbuild-env to its end. What it prints as JSON must be what its schema says. */
export async function xbuild(args: readonly string[], options: Options & {variables?: Record<string, string>} = {}): Promise<Result> {
  const {variables, ...rest} = options
  const start = performance.now()
  const result = await execa(process.execPath, [CLI, ...args], {
    reject: false,
    extendEnv: false,
    env: plainVariables(variables),
    stdin: 'ignore',
    stripFinalNewline: false,
    ...rest,
  })
  const wrong = result.exitCode === 0 || result.exitCode === 1 ? wrongOutput(args, String(result.stdout ?? '')) : undefined
  if (wrong !== undefined) throw new Error(wrong)
  return {
    exitCode: result.exitCode ?? -1,
    stdout: String(result.stdout ?? ''),
    stderr: String(result.stderr ?? ''),
    took: (performance.now() - start) / 1000,
  }
}

/** A shell command in the environment, in an ephemeral session unless `lasting`. */
export const guest = (script: string, args: readonly string[] = [], options: Parameters<typeof xbuild>[1] = {}) =>
  xbuild(['run', PROFILE, '--ephemeral', ...args, '--', 'sh', '-c', script], options)

/** Waits for a file that a command makes, as long as the command runs. */
export async function appears(path: string, command: Promise<Result>): Promise<void> {
  let ended: Result | undefined
  void command.then(result => {
    ended = result
  })
  while (!existsSync(path)) {
    if (ended) throw new Error(`it has ended without ${path}: ${ended.stderr}`)
    await pause(50)
  }
}

/** A directory of the test's own, removed at its end. */
export function scratch(t: {teardown: (undo: () => void) => void}): string {
  const directory = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  t.teardown(() => rmSync(directory, {recursive: true, force: true}))
  return directory
}
