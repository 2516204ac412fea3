import {type ChildProcess, type SpawnOptions, spawn} from 'node:child_process'
import {once} from 'node:events'
import {setTimeout as pause} from 'node:timers/promises'
import type {Test} from 'tap'

/** Longer than anything here takes on a machine that is busy with other things, ms. */
const LONGEST_MS = 30_000

/** What a look at the machine finds, as soon as it finds something. */
export async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (const end = performance.now() + LONGEST_MS; performance.now() < end; await pause(5)) {
    const found = look()
    if (found !== undefined && found !== false) return found
  }
  throw new Error(`nothing came of it: ${look}`)
}

/** Starts a program that has ended when the test has. */
export function start(t: Pick<Test, 'teardown'>, argv: readonly string[], options: SpawnOptions = {}): ChildProcess & {pid: number} {
  const [program = '', ...args] = argv
  const child = spawn(program, args, {stdio: 'ignore', ...options})
  if (child.pid === undefined) throw new Error(`${program} cannot be started`)
  t.teardown(() => kill(child))
  return child as ChildProcess & {pid: number}
}

/** Ends it as nobody can prevent it, and waits for that. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** For a script of another Node: `const {name} = await import(…)`. */
export const importing = (names: string, module: string) =>
  `const {${names}} = await import(${JSON.stringify(new URL(`../../lib/${module}.js`, import.meta.url).href)});`

/** The arguments of a Node that runs such a script as this one runs the tests, which may be in TypeScript. */
export const nodeArguments = (script: string) => [process.execPath, ...process.execArgv, '--input-type=module', '--eval', script]

/** What a program prints, to its end. Throws where it fails. */
export async function outputOf(argv: readonly string[], options: SpawnOptions = {}): Promise<string> {
  const [program = '', ...args] = argv
  const child = spawn(program, args, {...options, stdio: ['ignore', 'pipe', 'pipe']})
  let [output, errors] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', text => (output += text))
  child.stderr?.setEncoding('utf8').on('data', text => (errors += text))
  const [code, signal] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program} ended with ${code ?? signal}: ${errors}`)
  return output
}

/** Sets variables of this process until the test has ended. */
export function withVariables(t: Pick<Test, 'teardown'>, variables: Record<string, string>): void {
  const before = {...process.env}
  Object.assign(process.env, variables)
  t.teardown(() => {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  })
}

/** What a user who is not root can be, alone: root of a user namespace, with mounts of its own. */
export const ALONE = ['unshare', '--user', '--map-root-user', '--mount']
