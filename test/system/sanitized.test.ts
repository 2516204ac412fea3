import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {ACTIVATOR_FD, ROUTES_FD} from '../../lib/core/places.js'
import {encodePlan, type Operation, type SessionPlan} from '../../lib/core/session/plan.js'
import {kernelHasPrivateBinfmt} from '../../lib/host/binfmt.js'
import {planOnHostReadOnly} from '../../lib/session/on-host.js'
import type {Bind} from '../../lib/session/plan.js'
import {scratch} from './rig.js'
import {planOf, SESSION, SessionProgram} from './session-program.js'
import {Terminal} from './terminal.js'

const SHIMS = fileURLToPath(new URL('../../shims', import.meta.url))
const ACTIVATOR = fileURLToPath(new URL('../../dist/shims/xbuild-activator', import.meta.url))

const directory = scratch(t)
const sanitized = join(directory, 'xbuild-session')
const sources = readdirSync(join(SHIMS, 'session')).filter(name => name.endsWith('.c'))
const CHECKS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer']

/** Not static: the address sanitizer is a library that replaces malloc. */
const compile = (arguments_: readonly string[]) =>
  spawnSync('cc', ['-g', '-O1', ...CHECKS, '-o', sanitized, ...arguments_], {encoding: 'utf8'})

writeFileSync(join(directory, 'empty.c'), 'int main(void) { return 0; }\n')
const lacking = compile([join(directory, 'empty.c')]).status === 0 ? false : 'the compiler has no libraries of its sanitizers (libasan)'

/**
 * What a report of a sanitizer's ends a process with, as no program of a session does here. Leaks are not looked for: each of
 * the processes ends with what it has.
 */
const SANITIZER_EXIT = 86
const VARIABLES = {
  ASAN_OPTIONS: `detect_leaks=0:exitcode=${SANITIZER_EXIT}:detect_stack_use_after_return=1`,
  UBSAN_OPTIONS: `print_stacktrace=1:exitcode=${SANITIZER_EXIT}`,
}

/** What a plan comes to; the numbers of processes and what they used differ each time. */
async function outcome(plan: SessionPlan | Buffer, program: string, tell?: NodeJS.Signals) {
  const session = new SessionProgram(t, plan, program, program === sanitized ? VARIABLES : {})
  if (tell) {
    await session.ready()
    session.tell(tell)
  }
  const ended = await session.ended
  const report = session.report.replaceAll(/^(started|usage) .*$/gm, '$1')
  return {ended, output: session.output, report, traced: session.traced}
}

interface Wanted {
  ended: number
  output?: string | RegExp
  report?: string | RegExp
  traced?: number
}

/**
 * Everything that a plan can say, in a tree that shows the host's. Each plan has directories of its own: two overlays at once
 * with one work directory take it away from each other.
 */
async function wholePlan(network: SessionPlan['network'], script: string): Promise<SessionPlan> {
  const own = mkdtempSync(join(directory, 'plan-'))
  const [empty, lower, upper, work, routes] = ['empty', 'lower', 'upper', 'work', 'routes'].map(name => join(own, name)) as [
    string,
    string,
    string,
    string,
    string,
  ]
  for (const path of [empty, lower, upper, work, routes]) mkdirSync(path, {recursive: true})
  const command = {
    argv: ['sh', '-c', script].map(word => Buffer.from(word)),
    directory: '/',
    home: '/',
    network,
    variables: [],
    caller: process.env,
  }
  const shown: Bind[] = [
    {source: lower, target: '/tmp/shown', access: 'rw'},
    {source: join(directory, 'empty.c'), target: '/tmp/deep/file', access: 'ro'},
  ]
  const plan = await planOnHostReadOnly(command, empty, shown)
  const binfmt: Operation[] = [
    {
      op: 'binfmt',
      entry: {name: 'sanitized', offset: 0, magic: '\\x7fXYZ', mask: '\\xff\\xff\\xff\\xff', interpreter: ACTIVATOR, flags: 'POCF'},
    },
    {op: 'follow'},
  ]
  const before: Operation[] = [
    {op: 'trace'},
    {op: 'drop-syncs'},
    {op: 'hostname', name: 'sanitized'},
    {op: 'hold', fd: ROUTES_FD, source: routes},
    {op: 'hold', fd: ACTIVATOR_FD, source: ACTIVATOR},
    ...(kernelHasPrivateBinfmt() ? binfmt : []),
  ]
  const inside: Operation[] = [
    {op: 'directory', path: '/dev/xbuild'},
    {op: 'directory', path: '/tmp/mqueue'},
    {op: 'mount', type: 'mqueue', target: '/tmp/mqueue', options: ''},
    {op: 'protect', path: '/proc/fs'},
    {op: 'overlay', target: '/tmp/view', upper, work, lower: [lower]},
  ]
  const operations = plan.operations.flatMap(operation => (operation.op === 'enter' ? [...inside, operation] : [operation]))
  return {...plan, operations: [...before, ...operations]}
}

const RAN = 'started\nready\nusage\n'

t.test('a build of it with sanitizers makes the same sessions, and finds no fault', {skip: lacking}, async t => {
  const found = compile([...sources.map(name => join(SHIMS, 'session', name)), join(SHIMS, 'activator/table.c')])
  t.equal(found.status, 0, found.stderr)

  const same = async (name: string, plan: () => Promise<SessionPlan>, wanted: Wanted, tell?: NodeJS.Signals) => {
    const run = async (program: string) => outcome(await plan(), program, tell)
    const [checked, plain] = await Promise.all([run(sanitized), run(SESSION)])
    t.match(checked, wanted, name)
    t.same(checked, plain, `${name}: as without the sanitizers`)
  }

  await same('a command', () => planOf('sh', '-c', 'echo out; sleep 0.1 & exit 7'), {ended: 7, output: 'out\n', report: RAN})
  await same('none', () => planOf(), {ended: 0, report: RAN}, 'SIGTERM')
  await same('a signal', () => planOf('sleep', '100'), {ended: 143, report: RAN}, 'SIGTERM')
  await same('what is not there', () => planOf('/none'), {ended: 127, report: /^started\nready\nexec 2\n/})

  const script =
    'ls /tmp /tmp/shown; cat /tmp/deep/file; hostname; : >/tmp/view/new && ls /tmp/view; (echo x >/tmp/deep/file) 2>/dev/null || echo kept'
  const output = /^\/tmp:\ndeep\nmqueue\nshown\nview\n[\s\S]*main[\s\S]*\nsanitized\nnew\nkept\n$/
  for (const network of ['own', 'host'] as const) {
    const plan = () => wholePlan(network, script)
    await same(`every operation, network ${network}`, plan, {ended: 0, output, report: RAN, traced: 64})
    await same('and locked', async () => ({...(await plan()), mounts: 'locked'}), {ended: 0, output, report: RAN})
  }

  const terminal = encodePlan({...(await planOf('sh', '-c', 'stty size; read line; echo "<$line>"; exit 5')), terminal: true})
  writeFileSync(join(directory, 'plan'), terminal)
  const variables = Object.entries(VARIABLES).map(([name, value]) => `${name}=${value}`)
  const inTerminal = new Terminal(t, `${variables.join(' ')} ${sanitized} 3<${directory}/plan 4>${directory}/report 5>/dev/null`)
  await inTerminal.until('33 101\r\n')
  inTerminal.type('typed\r')
  await inTerminal.until('<typed>')
  t.equal(await inTerminal.ended, 5, inTerminal.output + readFileSync(join(directory, 'report')))
})

/** What no plan of ours says, and where it has to be told. */
t.test('a build of it with sanitizers finds no fault in how broken plans end', {skip: lacking}, async t => {
  const whole = encodePlan(await wholePlan('own', 'true'))
  const words = whole.toString('latin1').split('\0')
  const plan = (...change: string[]) => Buffer.from(`${change.join('\0')}\0`, 'latin1')
  const changed = (word: string, to: string) => plan(...words.slice(0, -1).map(old => (old === word ? to : old)))
  const ids = ['direct', '0', '0', 'own-network', 'plain', 'open', 'host-tree', '0']
  const long = '/x'.repeat(5000)
  const broken: Record<string, Buffer> = {
    nothing: Buffer.alloc(0),
    'no NUL': Buffer.from('direct'),
    'ids that are no threes': plan('direct', '1', '0', '0'),
    'a number that is none': plan('direct', '1x'),
    'a negative number': plan('direct', '-1'),
    'a number that is too large': plan('direct', '9'.repeat(30)),
    'a huge list': plan('direct', '9223372036854775807', '0'),
    'a list that is longer than the plan': plan('direct', '3', '0', '0'),
    'ids that are no numbers': plan('direct', '3', 'a', 'b', 'c', ...ids.slice(2)),
    'more ids than the kernel takes': plan('direct', '3000', ...Array(3000).fill('4294967295'), ...ids.slice(2)),
    'no operation of ours': changed('hostname', 'host\xffname'),
    'a long path': changed('/tmp/view', long),
    'a long file': changed('/tmp/deep/file', long),
    'a relative path': changed('/tmp/mqueue', 'x'),
    'a long name': changed('sanitized', long),
    'no such type': changed('mqueue', long),
    'a descriptor that is none': changed('100', '99999999999'),
  }
  for (let cut = 12; cut < words.length - 1; cut += 23) broken[`cut behind ${cut} words`] = plan(...words.slice(0, cut))
  for (const [name, bytes] of Object.entries(broken)) {
    const {ended, output, report} = await outcome(bytes, sanitized)
    t.equal(ended, 125, `${name}: ${output}`)
    t.match(report, /^(started\n)?error [^\n]+\n$/, name)
  }
})
