import {type ChildProcess, spawn} from 'node:child_process'
import {constants} from 'node:os'
import type {Readable, Writable} from 'node:stream'
import {fileURLToPath} from 'node:url'
import type {Test} from 'tap'
import {encodeJoin, encodePlan, type SessionPlan} from '../../lib/core/session/plan.js'
import {planOnHost} from '../../lib/session/on-host.js'
import {plainVariables} from './rig.js'

/** The program that makes a session, or comes to one, as xbuild-env starts it, without xbuild-env. */
class Told {
  readonly child: ChildProcess
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  output = ''
  /** Lines, as shims/session/report.h has them. */
  report = ''
  /** What only the processes outside of the session say; or how many bytes of a trace came. */
  outer = ''
  traced = 0

  constructor(t: Test, argv: readonly string[], plan: Buffer, variables: Record<string, string> = {}) {
    const [program = '', ...args] = argv
    this.child = spawn(program, args, {env: plainVariables(variables), stdio: Array(6).fill('pipe')})
    t.teardown(() => this.child.kill('SIGKILL'))
    const [, stdout, stderr, input, report, trace] = this.child.stdio as unknown as [
      Writable,
      Readable,
      Readable,
      Writable,
      Readable,
      Readable,
    ]
    trace.on('data', bytes => {
      this.traced += bytes.length
      this.outer += bytes
    })
    for (const stream of [stdout, stderr]) stream.setEncoding('utf8').on('data', text => (this.output += text))
    report.setEncoding('utf8').on('data', text => (this.report += text))
    input.on('error', () => {}) // it ended early: the report says why
    input.end(plan)
    this.ended = new Promise(resolve => this.child.on('close', (code, signal) => resolve(code ?? String(signal))))
  }

  /** As lib/host/session.ts passes a signal on. */
  tell(signal: NodeJS.Signals): void {
    process.kill(Number(this.child.pid), constants.signals[signal] + PASSED_ON)
  }

  /** Waits until it has said something. */
  async says(words: RegExp, seconds = 20): Promise<void> {
    const said = () => `${this.report}${this.outer}${this.output}`
    for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
      if (words.test(said())) return
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    throw new Error(`it did not say ${words}: ${said()}`)
  }
}

export class SessionProgram extends Told {
  constructor(t: Test, plan: SessionPlan | Buffer, program = SESSION, variables: Record<string, string> = {}) {
    super(t, [program], Buffer.isBuffer(plan) ? plan : encodePlan(plan), variables)
  }

  /** PID 1 of the session, as the host counts, when its root is complete. */
  async ready(seconds = 20): Promise<number> {
    for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
      if (this.report.includes('ready\n')) return Number(/^started (\d+)$/m.exec(this.report)?.[1])
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    throw new Error(`the session did not begin: ${this.report}${this.output}`)
  }
}

/** As shims/session/relay.c has it. */
const PASSED_ON = 33

export const SESSION = fileURLToPath(new URL('../../dist/shims/xbuild-session', import.meta.url))

/** A session on the host's own tree; without words, one that is only held. */
export async function planOf(...argv: string[]): Promise<SessionPlan> {
  const words = argv.map(word => Buffer.from(word))
  const plan = await planOnHost({argv: words, directory: '/', home: '/', network: 'own', environment: [], caller: process.env})
  return argv.length > 0 ? plan : {...plan, command: {kind: 'hold'}}
}

/** A command in a session that runs, by its client alone. */
export class Client extends Told {
  constructor(t: Test, socket: string, script: string, args: readonly string[] = ['join']) {
    const variables = [Buffer.from(`PATH=${process.env.PATH}`)]
    const argv = ['sh', '-c', script].map(word => Buffer.from(word))
    const command = {kind: 'execute', argv, environment: variables, directory: '/', uid: 0, gid: 0, groups: []} as const
    super(
      t,
      [SESSION, ...args],
      args[0] === 'stop' ? Buffer.from(`${socket}\0`) : encodeJoin({socket, terminal: false, network: 'session', command}),
    )
  }
}
