import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {execa} from 'execa'
import type {Test} from 'tap'
import {CLI, plainVariables, type Result} from '../rig.js'

/** A machine as others see it: a network of its own. */
export interface Machine {
  address: string
  /** Before a command line that is to run there. */
  there: readonly string[]
  /** Takes it off the network, or puts it there again. */
  link: (state: 'up' | 'down') => Promise<unknown>
}

/** This machine, as it is. */
export const HERE: Machine = {address: '127.0.0.1', there: [], link: async () => {}}

/** Why there can be no others; false where there can. */
export const noMachines = (): string | false => (process.getuid?.() === 0 ? false : 'networks of machines are made by root')

const run = (...argv: string[]) => execa(argv[0] ?? '', argv.slice(1))

/** The first, and others that have a wire to it each: 10.77.N.1 at the first, 10.77.N.2 at the other. */
export async function makeMachines(t: Test, others: number): Promise<[Machine, ...Machine[]]> {
  const holders = await Promise.all(Array.from({length: others + 1}, () => holdNetwork(t)))
  const [first = 0, ...rest] = holders
  const within = (pid: number) => ['nsenter', `--net=/proc/${pid}/ns/net`, '--']
  for (const pid of holders) await run(...within(pid), 'ip', 'link', 'set', 'lo', 'up')
  const machines: Machine[] = []
  for (const [i, pid] of rest.entries()) {
    const [near, far, network] = [`near${i + 1}`, `far${i + 1}`, `10.77.${i + 1}`]
    await run(...within(first), 'ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', String(pid))
    await run(...within(first), 'ip', 'address', 'add', `${network}.1/24`, 'dev', near)
    await run(...within(pid), 'ip', 'address', 'add', `${network}.2/24`, 'dev', far)
    await run(...within(first), 'ip', 'link', 'set', near, 'up')
    await run(...within(pid), 'ip', 'link', 'set', far, 'up')
    machines.push({
      address: `${network}.2`,
      there: within(pid),
      link: state => run(...within(pid), 'ip', 'link', 'set', far, state),
    })
  }
  return [{address: '10.77.1.1', there: within(first), link: async () => {}}, ...machines]
}

/** A process in a network of its own, which lasts as long as the test. */
async function holdNetwork(t: Test): Promise<number> {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo there; exec sleep infinity'], {stdio: ['ignore', 'pipe', 'inherit']})
  t.teardown(() => holder.kill('SIGKILL'))
  await once(holder.stdout, 'data')
  return Number(holder.pid)
}

/** Runs xbuild-env on a machine. */
export async function xbuildOn(machine: Machine, args: readonly string[], variables: Record<string, string>, cwd = '/'): Promise<Result> {
  const [program = '', ...rest] = [...machine.there, process.execPath, CLI, ...args]
  const start = performance.now()
  const {exitCode, stdout, stderr} = await execa(program, rest, {
    reject: false,
    extendEnv: false,
    env: plainVariables(variables),
    stdin: 'ignore',
    stripFinalNewline: false,
    cwd,
  })
  return {exitCode: exitCode ?? -1, stdout: String(stdout), stderr: String(stderr), took: (performance.now() - start) / 1000}
}

/** `farm serve` on a machine, once it says that it serves. */
export class Server {
  readonly child: ChildProcess
  readonly ended: Promise<number | string>
  port = 0
  key = ''
  stderr = ''

  private constructor(t: Test, machine: Machine, args: readonly string[], variables: Record<string, string>) {
    const [program = '', ...rest] = [...machine.there, process.execPath, CLI, 'farm', 'serve', ...args, '--json']
    this.child = spawn(program, rest, {env: plainVariables(variables), stdio: ['ignore', 'pipe', 'pipe'], cwd: '/'})
    this.child.stderr?.setEncoding('utf8').on('data', text => (this.stderr += text))
    this.ended = new Promise(resolve => this.child.on('close', (code, signal) => resolve(code ?? String(signal))))
    t.teardown(() => this.end('SIGTERM'))
  }

  static async start(t: Test, machine: Machine, args: readonly string[], variables: Record<string, string>): Promise<Server> {
    const server = new Server(t, machine, args, variables)
    let stdout = ''
    const said = new Promise<void>(resolve =>
      server.child.stdout?.setEncoding('utf8').on('data', text => {
        stdout += text
        if (/^\}$/m.test(stdout)) resolve()
      }),
    )
    const early = await Promise.race([said, server.ended])
    if (early !== undefined) throw new Error(`farm serve ended with ${early}: ${server.stderr}`)
    const {port, key} = JSON.parse(stdout) as {port: number; key: string}
    return Object.assign(server, {port, key})
  }

  end(signal: NodeJS.Signals): Promise<number | string> {
    this.child.kill(signal)
    return this.ended
  }
}
