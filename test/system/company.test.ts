import {spawn, spawnSync} from 'node:child_process'
import {existsSync, openSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import t, {type Test} from 'tap'
import {encodeJoin, encodePlan} from '../../lib/core/session/plan.js'
import {scratch} from './rig.js'
import {Client, planOf, SESSION, SessionProgram} from './session-program.js'

const SOURCES = ['peer.c', '../../shims/session/message.c'].map(name => fileURLToPath(new URL(name, import.meta.url)))

/** peer.c, compiled. */
function peer(t: Test): string {
  const program = join(scratch(t), 'peer')
  t.equal(spawnSync('cc', ['-o', program, ...SOURCES], {stdio: 'inherit'}).status, 0)
  return program
}

/** A session on the host's own tree that others join, and where. */
async function company(t: Test, kind: 'joins' | 'held', ...argv: string[]) {
  const socket = join(scratch(t), 'socket')
  const session = new SessionProgram(t, {...(await planOf(...argv)), company: {kind, socket}})
  t.teardown(() => new Client(t, socket, '', ['stop']).ended)
  return {socket, session, init: await session.ready()}
}

const ticksOf = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}

async function until(holds: () => boolean, what: string, seconds = 20): Promise<void> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await pause(20)) if (holds()) return
  throw new Error(`it did not come to this: ${what}`)
}

t.test('two hundred commands run in a session at once, and one that finds no place is told so', async t => {
  const {socket, init} = await company(t, 'held')
  const clients = Array.from({length: 256}, (_, i) => new Client(t, socket, `echo begun; read line; exit ${i % 100}`))
  for (const client of clients) await client.says(/begun/, 60)
  const late = new Client(t, socket, 'echo begun')
  t.equal(await late.ended, 125)
  t.match(late.report, /^error join\t87\t\n$/, 'EUSERS')
  t.notMatch(late.outer, /gone/, 'the session is there')
  for (const {child} of clients) child.stdin?.write('go\n')
  t.same(
    await Promise.all(clients.map(({ended}) => ended)),
    clients.map((_, i) => i % 100),
  )
  t.ok(existsSync(`/proc/${init}`))
  const one = new Client(t, socket, 'exit 3')
  t.equal(await one.ended, 3, 'their places are free again')
})

t.test('where there are few descriptors, those who join wait, and nothing goes round meanwhile', async t => {
  const socket = join(scratch(t), 'socket')
  const plan = encodePlan({...(await planOf()), company: {kind: 'held', socket}})
  const few = join(scratch(t), 'few')
  writeFileSync(few, `#!/bin/sh\nulimit -n 24\nexec ${SESSION}\n`, {mode: 0o755})
  const session = new SessionProgram(t, plan, few)
  t.teardown(() => new Client(t, socket, '', ['stop']).ended)
  await session.ready()
  const clients = Array.from({length: 40}, () => new Client(t, socket, 'read line; exit 5'))
  await pause(1000)
  const before = ticksOf(Number(session.child.pid))
  await pause(1000)
  const ticks = ticksOf(Number(session.child.pid)) - before
  t.ok(ticks < 30, `${ticks} hundredths of a second of a second's processor time`)
  for (const {child} of clients) child.stdin?.write('go\n')
  t.same(new Set(await Promise.all(clients.map(({ended}) => ended))), new Set([5]))
})

t.test('a command that is killed ends within seconds, also where the guest has stopped PID 1', async t => {
  const {session, init} = await company(t, 'joins', 'sleep', '1000')
  process.kill(init, 'SIGSTOP')
  session.tell('SIGKILL')
  t.equal(await session.ended, 137)
  t.notOk(existsSync(`/proc/${init}`))
})

/** As the session's root may: PID 1 closes its end of the socket of messages, by a system call that is made in its place. */
function closeOrders(init: number): boolean {
  const find = `for fd in /proc/${init}/fd/*; do
    inode=$(readlink "$fd" | sed -n 's/socket:.\\(.*\\)./\\1/p')
    [ "$inode" ] && grep -q " 0005 .* $inode\\b" /proc/net/unix /proc/${init}/net/unix && echo "\${fd##*/}"
  done`
  const fd = String(spawnSync('sh', ['-c', find]).stdout).trim()
  const steps = [
    'set $at=$rip',
    'set $orig_rax=-1',
    'set $rip=$at-2',
    'set $rax=3',
    `set $rdi=${fd}`,
    'stepi',
    'set $rip=$at',
    'set $rax=-4',
  ]
  return spawnSync('gdb', ['-nx', '-batch', '-p', String(init), ...steps.flatMap(step => ['-ex', step])]).error === undefined
}

t.test('a session whose PID 1 has closed its end is over, and the process outside does not go round', async t => {
  const {session, init, socket} = await company(t, 'held')
  const client = new Client(t, socket, 'echo begun; sleep 1000')
  await client.says(/begun/)
  if (!closeOrders(init)) return void t.pass('no gdb here')
  t.equal(await client.ended, 137)
  await until(() => !existsSync(`/proc/${session.child.pid}`), 'nothing of it is left')
})

t.test('who waits for a session that does not answer can be told to end', async t => {
  const {session, socket} = await company(t, 'held')
  process.kill(Number(session.child.pid), 'SIGSTOP')
  t.teardown(() => process.kill(Number(session.child.pid), 'SIGCONT'))
  for (const args of [['stop'], ['join']]) {
    const client = new Client(t, socket, 'true', args)
    await pause(300)
    client.tell('SIGTERM')
    await client.says(/^interrupted 143\n$/, 5)
    await until(() => client.child.exitCode === 143, 'its end')
  }
  process.kill(Number(session.child.pid), 'SIGCONT')
})

t.test('a command that comes in while the last one ends is sent away, and the last one ends', async t => {
  const {session, socket} = await company(t, 'joins', 'sh', '-c', 'read line')
  const last = new Client(t, socket, 'echo begun; read line; exit 4')
  await last.says(/begun/)
  session.child.stdin?.write('go\n')
  await session.says(/ended 0/)
  const request = join(scratch(t), 'request')
  const command = {
    kind: 'execute',
    argv: [Buffer.from('sleep'), Buffer.from('1000')],
    environment: [],
    directory: '/',
    uid: 0,
    gid: 0,
    groups: [],
  } as const
  const plan = encodeJoin({socket, terminal: false, network: 'session', command})
  writeFileSync(request, plan.subarray(Buffer.from(`plain\0session-network\0${socket}\0`).length))
  const late = spawn(peer(t), ['come', socket], {stdio: ['pipe', 'pipe', 'inherit', openSync(request, 'r')]})
  t.teardown(() => late.kill('SIGKILL'))
  let said = ''
  late.stdout?.setEncoding('utf8').on('data', text => (said += text))
  await until(() => said.includes('in\n'), 'it is in')
  await pause(200)
  const outer = Number(session.child.pid)
  process.kill(outer, 'SIGSTOP')
  last.child.stdin?.write('go\n')
  await pause(300)
  late.stdin?.write('go\n')
  await pause(300)
  process.kill(outer, 'SIGCONT')
  t.equal(await Promise.race([last.ended, pause(8000)]), 4)
  t.match(last.outer, /last/)
  await until(() => said.includes('end\n'), 'the late one is told')
  t.notMatch(said, /word/)
})

t.test('what a guest has put in the place of a session gets none of the descriptors of who comes', async t => {
  const socket = join(scratch(t), 'socket')
  const guest = new SessionProgram(t, await planOf(peer(t), 'await', socket))
  await guest.says(/there/)
  const client = new Client(t, socket, 'true')
  t.equal(await client.ended, 125)
  t.match(client.report, new RegExp(`^error meet\t1\t${socket}\n$`), 'EPERM')
  t.equal(await guest.ended, 0)
  t.equal(guest.output, 'there\n0 descriptors\n')
})
