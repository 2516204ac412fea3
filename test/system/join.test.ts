import {type ChildProcess, spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import t, {type Test} from 'tap'
import {ERROR, processesIn} from './data.js'
import {CLI, DATA, PROFILE, plainVariables, scratch, xbuild} from './rig.js'
import {Terminal} from './terminal.js'

interface Running {
  child: ChildProcess
  ended: Promise<number | string>
  output: () => string
}

/** xbuild-env, which runs still; its output so far. */
function start(t: Test, args: readonly string[], cwd: string): Running {
  const child = spawn(process.execPath, [CLI, ...args], {cwd, env: plainVariables(), stdio: ['pipe', 'pipe', 'pipe']})
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  const ended = new Promise<number | string>(resolve => child.on('close', (code, signal) => resolve(code ?? String(signal))))
  return {child, ended, output: () => output}
}

async function until(holds: () => boolean | Promise<boolean>, what: string, seconds = 20): Promise<void> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
    if (await holds()) return
    await pause(20)
  }
  throw new Error(`it did not come to this: ${what}`)
}

const inSession = (script: string, ...more: string[]) => ['run', PROFILE, ...more, '--', 'sh', '-c', script]

/** The first command of a lasting session, which ends when something comes on its standard input. */
async function first(
  t: Test,
  cwd: string,
  script = 'echo ready; read line; echo "first got $line"; exit 5',
  ...more: string[]
): Promise<Running> {
  const running = start(t, inSession(script, ...more), cwd)
  await until(() => running.output().includes('ready\n'), 'the first is ready').catch(error => {
    throw new Error(`${error.message}; it said ${JSON.stringify(running.output())}`)
  })
  return running
}

const known = () => (existsSync(join(DATA, 'sessions')) ? readdirSync(join(DATA, 'sessions')) : [])

t.test('a second command joins the session that runs, with its own output, exit code and directory', async t => {
  const cwd = scratch(t)
  mkdirSync(join(cwd, 'below'))
  const one = await first(t, cwd, 'echo ready; mkdir -p /opt/mark; exec 3<>/dev/shm/of-one; read line; exit 5')
  const two = await xbuild(inSession('test -d /opt/mark && test -e /dev/shm/of-one && pwd; echo wrong >&2; exit 7'), {
    cwd: join(cwd, 'below'),
  })
  t.match(two, {exitCode: 7, stdout: `${join(cwd, 'below')}\n`, stderr: 'wrong\n'})
  t.match(await xbuild(['run', PROFILE, '--', 'nosuch'], {cwd}), {exitCode: 127, stderr: /nosuch: not found in the environment/})
  t.match(await xbuild(['run', PROFILE, '--', '/etc/passwd'], {cwd}), {exitCode: 126})
  t.match(await xbuild(inSession('cat; echo "$A$1"', '--env', 'A=a b'), {cwd, stdin: 'pipe', input: 'from the caller\n'}), {
    exitCode: 0,
    stdout: 'from the caller\na b\n',
  })
  t.match(await xbuild(inSession('id -un', '--user', 'nobody', '--workdir', '/'), {cwd}), {stdout: 'nobody\n'})
  one.child.stdin?.write('go\n')
  t.equal(await one.ended, 5)
  t.same(known(), [], 'nothing is kept of it')
  await xbuild(inSession('rm -r /opt/mark'), {cwd})
})

t.test('two that begin at once come to one session', async t => {
  const cwd = scratch(t)
  const both = [1, 2, 3].map(() => start(t, inSession('readlink /proc/self/ns/pid; sleep 2'), cwd))
  t.same(await Promise.all(both.map(({ended}) => ended)), [0, 0, 0], both.map(({output}) => output()).join())
  t.equal(new Set(both.map(({output}) => output())).size, 1, both.map(({output}) => output()).join())
})

t.test('the session goes on without its first command, until the last has ended', async t => {
  const cwd = scratch(t)
  const one = await first(t, cwd)
  const two = start(t, inSession('echo ready; read line; echo "two got $line"; exit 6'), cwd)
  await until(() => two.output().includes('ready'), 'the second is ready')
  one.child.stdin?.write('a\n')
  t.equal(await one.ended, 5, 'the first ends at once, and its output with it')
  t.match(one.output(), /first got a\n/)
  t.match(await xbuild(inSession('echo three'), {cwd}), {exitCode: 0, stdout: 'three\n'}, 'others may still come')
  two.child.stdin?.write('b\n')
  t.equal(await two.ended, 6)
  t.match(two.output(), /two got b\n/)
  t.same(known(), [])
  t.equal((await xbuild(inSession('true'), {cwd})).exitCode, 0, 'and no lock is left')
})

t.test('what a command leaves behind ends with it, though the session goes on', async t => {
  const cwd = scratch(t)
  const one = await first(t, cwd)
  const marker = randomUUID()
  const leave = `(setsid sh -c 'trap "" HUP TERM; while :; do sleep 1; done' ${marker} &) ; for i in 1 2 3; do setsid sleep 1000 ${marker} & done; sleep 0.2`
  t.match(await xbuild(inSession(leave), {cwd}), {exitCode: 0})
  t.same(await processesIn(marker), [])
  t.equal(one.child.exitCode, null)
  one.child.stdin?.write('a\n')
  await one.ended
})

t.test('signals reach the command that they are sent to, once, and no other', async t => {
  const cwd = scratch(t)
  const count =
    'n=0; trap "n=\\$((n + 1))" INT TERM HUP USR1; echo ready; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done; echo "count $n"'
  const one = await first(t, cwd, count)
  const two = await first(t, cwd, count)
  two.child.kill('SIGTERM')
  await Promise.all([one.ended, two.ended])
  t.match(one.output(), /count 0/)
  t.match(two.output(), /count 1/)
  const three = await first(t, cwd)
  const four = await first(t, cwd, 'echo ready; exec sleep 100')
  four.child.kill('SIGINT')
  t.equal(await four.ended, 130)
  three.child.stdin?.write('a\n')
  t.equal(await three.ended, 5)
})

for (const who of ['xbuild-env', 'its client'] as const) {
  t.test(`kill -9 of ${who} ends the command that has joined, and nothing else`, async t => {
    const cwd = scratch(t)
    const one = await first(t, cwd)
    const marker = randomUUID()
    const two = start(
      t,
      inSession(`setsid sh -c 'trap "" HUP TERM INT; while :; do sleep 1; done' ${marker} & echo ready; sleep 1000; : ${marker}`),
      cwd,
    )
    await until(() => two.output().includes('ready'), 'the second is ready')
    const client = Number(readFileSync(`/proc/${two.child.pid}/task/${two.child.pid}/children`, 'utf8'))
    process.kill(who === 'xbuild-env' ? Number(two.child.pid) : client, 'SIGKILL')
    await two.ended
    await until(async () => (await processesIn(marker)).length === 0, 'nothing of it is left')
    one.child.stdin?.write('a\n')
    t.equal(await one.ended, 5)
    t.match(one.output(), /first got a/)
  })
}

t.test('kill -9 of the xbuild-env that began the session ends its command, and leaves others', async t => {
  const cwd = scratch(t)
  const marker = randomUUID()
  const one = await first(t, cwd, `setsid sleep 1000 & echo ready; sleep 1000; : ${marker}`)
  const two = await first(t, cwd)
  one.child.kill('SIGKILL')
  await until(async () => (await processesIn(marker)).length === 0, 'nothing of the first is left')
  t.match(await xbuild(inSession('echo three'), {cwd}), {exitCode: 0, stdout: 'three\n'})
  two.child.stdin?.write('b\n')
  t.equal(await two.ended, 5)
  await until(() => known().length === 0, 'nothing is kept of it')
  t.match(await xbuild(inSession('true'), {cwd}), {exitCode: 0, stderr: ''})
})

t.test('kill -9 of all who hold a session ends it, also where PID 1 does not answer', async t => {
  const cwd = scratch(t)
  const marker = randomUUID()
  const one = await first(t, cwd, `echo ready; setsid sleep 1000 & sleep 1000; : ${marker}`)
  const two = await first(t, cwd, `echo ready; setsid sleep 1000 & sleep 1000; : ${marker}`)
  const [init = 0] = initsOf(one)
  process.kill(init, 'SIGSTOP')
  one.child.kill('SIGKILL')
  two.child.kill('SIGKILL')
  await until(async () => (await processesIn(marker)).length === 0 && !existsSync(`/proc/${init}`), 'nothing is left')
  t.match(await xbuild(inSession('true'), {cwd}), {exitCode: 0, stderr: ''})
})

t.test('who comes when all who held a session have just been killed begins a new one, without waiting', async t => {
  const cwd = scratch(t)
  for (const when of [0, 5, 20, 50]) {
    const one = await first(t, cwd, 'echo ready; sleep 1000')
    one.child.kill('SIGKILL')
    await pause(when)
    const result = await xbuild(inSession('true'), {cwd})
    t.match(result, {exitCode: 0}, `${when} ms`)
    t.ok(result.took < 8, `${result.took} s`)
  }
})

t.test('kill -9 of the process that holds a session ends all in it, and is told', async t => {
  const cwd = scratch(t)
  const one = await first(t, cwd)
  const two = await first(t, cwd)
  const outer = Number(readFileSync(`/proc/${one.child.pid}/task/${one.child.pid}/children`, 'utf8'))
  process.kill(outer, 'SIGKILL')
  t.equal(await one.ended, 137)
  t.equal(await two.ended, 137)
  t.match(two.output(), /the session was ended, and the command with it/)
  t.match(await xbuild(inSession('true'), {cwd}), {exitCode: 0, stderr: ''})
})

const childrenOf = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
const initsOf = ({child}: Running) =>
  childrenOf(Number(child.pid))
    .flatMap(childrenOf)
    .filter(pid => childrenOf(pid).length > 0)

t.test('a command that joins is confined as the first is', async t => {
  const cwd = scratch(t)
  const look = `
    grep -E '^(Seccomp|Seccomp_filters|NoNewPrivs|CapBnd|CapEff|Groups|Uid|Gid|SigBlk|SigIgn):' /proc/self/status
    for kind in user mnt pid net ipc uts cgroup; do readlink /proc/self/ns/$kind; done
    cat /proc/self/cgroup /proc/self/uid_map /proc/self/limits /proc/self/mountinfo
    for fd in /proc/self/fd/*; do case \${fd##*/} in 0|1|2|3) ;; *) echo "$fd $(readlink $fd)" ;; esac; done
    umask
    cd /dev/xbuild/lib && touch mark 2>&1
    perl -e 'printf "%d\\n", syscall(250, 0, 0, 0, 0, 0); printf "%d\\n", $!+0'
    ls /proc/1/fd | sort -n | tail -3`
  const one = await first(t, cwd, `echo ready; (${look}) >one 2>&1; echo looked; read line`)
  await until(() => one.output().includes('looked'), 'the first has looked')
  t.equal((await xbuild(inSession(`(${look}) >two 2>&1`), {cwd})).exitCode, 0)
  const [seenByFirst, seenBySecond] = ['one', 'two'].map(name => readFileSync(join(cwd, name), 'utf8'))
  t.equal(seenBySecond, seenByFirst)
  t.match(seenByFirst, /Seccomp:\t2/)
  t.match(seenByFirst, /Read-only file system/)
  one.child.stdin?.write('a\n')
  await one.ended
})

t.test('nothing of the client is in the session, and of its descriptors only the first three', async t => {
  const cwd = scratch(t)
  const one = await first(t, cwd)
  const script =
    'cat /proc/[0-9]*/cmdline | tr "\\0" "\\n" | grep -c "xbuild-env[.]js"; ls -l /proc/[0-9]*/fd | grep -c -e "[.]lock" -e sessions -e "[.]socket"; ls /proc/self/fd | wc -l'
  t.match(await xbuild(inSession(script), {cwd}), {stdout: '0\n0\n4\n'})
  one.child.stdin?.write('a\n')
  await one.ended
})

t.test('a session begun with limits bounds those who join', async t => {
  const cwd = scratch(t)
  const one = start(t, inSession('echo ready; read line', '--pids', '30'), cwd)
  await until(() => /ready|control group/.test(one.output()), 'it has begun')
  if (one.output().includes('control group')) return void t.pass('no control group can be had here')
  const script = 'for i in $(seq 40); do sleep 5 & done; wait'
  t.match(await xbuild(inSession(script), {cwd, timeout: 60_000}), {stderr: /[Cc]annot fork|Resource temporarily unavailable/})
  one.child.stdin?.write('a\n')
  await one.ended
})

t.test('what a session does not have is told with who has it', async t => {
  const cwd = scratch(t)
  const other = scratch(t)
  const one = await first(t, cwd)
  const told = (why: RegExp) => ({exitCode: 125, stdout: '', stderr: new RegExp(`${why.source}`)})
  for (const [args, dir, why] of [
    [inSession('true'), other, new RegExp(`process \\d+\\), which does not show ${other}`)],
    [inSession('true', '--bind', `${other}:/mnt`), cwd, /does not show .* at \/mnt/],
    [inSession('true', '--mode', 'emulated'), cwd, /runs programs native/],
    [inSession('true', '--stats'), cwd, /--stats is for a whole session/],
    [inSession('true', '--ephemeral'), cwd, /is in use by another session: [0-9a-f]{8} \(sh -c/],
    [['clone', PROFILE, 'copy'], cwd, /is in use by another session: [0-9a-f]{8} \(sh -c/],
    [['remove', PROFILE], cwd, /is in use by another session: [0-9a-f]{8} \(sh -c/],
  ] as const) {
    const result = await xbuild(args, {cwd: dir})
    t.match(result, told(why as RegExp), args.join(' '))
    t.match(result.stderr, ERROR)
  }
  t.match(await xbuild(inSession('pwd', '--workdir', '/'), {cwd: other}), {exitCode: 0, stdout: '/\n'})
  one.child.stdin?.write('a\n')
  await one.ended
  const traced = await first(t, cwd, undefined, '--trace', join(other, 'trace'))
  t.match(await xbuild(inSession('true'), {cwd}), told(/which nobody can join: it is traced/))
  traced.child.stdin?.write('a\n')
  await traced.ended
  const emulated = await first(t, cwd, undefined, '--mode', 'emulated')
  t.match(await xbuild(inSession('true'), {cwd}), {
    exitCode: 0,
    stderr: /everything runs emulated, as in the session that goes on: [0-9a-f]{8} \(sh -c/,
  })
  emulated.child.stdin?.write('a\n')
  await emulated.ended
  const ephemeral = await first(t, cwd, undefined, '--ephemeral')
  t.match(await xbuild(inSession('true'), {cwd}), told(/is in use by another session: [0-9a-f]{8} \(sh -c/))
  t.match(await xbuild(inSession('true', '--ephemeral'), {cwd}), {exitCode: 0})
  ephemeral.child.stdin?.write('a\n')
  await ephemeral.ended
})

t.test('a command that joins can be cut off the network, and the session keeps its own', async t => {
  const cwd = scratch(t)
  const links = 'grep -c : /proc/net/dev; getent hosts localhost >/dev/null; readlink /proc/self/ns/net'
  const one = await first(t, cwd)
  const [with_, without] = [await xbuild(inSession(links), {cwd}), await xbuild(inSession(links, '--no-network'), {cwd})]
  t.match(without.stdout, /^1\n/)
  t.not(without.stdout.split('\n')[1], with_.stdout.split('\n')[1])
  one.child.stdin?.write('a\n')
  await one.ended
})

t.test('a command that joins ends when its time is over', async t => {
  const cwd = scratch(t)
  const one = await first(t, cwd)
  const marker = randomUUID()
  t.match(await xbuild(inSession(`trap "" TERM; sleep 100 & sleep 100; : ${marker}`, '--timeout', '1s'), {cwd}), {
    exitCode: 124,
    stderr: /time ran out/,
  })
  await until(async () => (await processesIn(marker)).length === 0, 'nothing of it is left')
  one.child.stdin?.write('a\n')
  t.equal(await one.ended, 5)
  const limited = await first(t, cwd, 'echo ready; trap "" TERM; while :; do sleep 1; done', '--timeout', '3s')
  const two = await first(t, cwd)
  t.equal(await limited.ended, 124, 'the first')
  two.child.stdin?.write('a\n')
  t.equal(await two.ended, 5, 'whose end is not that of others')
})

t.test('a second terminal has a shell of its own, with its size and signals', async t => {
  const cwd = scratch(t)
  const one = new Terminal(t, `xb shell ${PROFILE}; echo "one ended $?"`, {cwd})
  await one.until(/[#$] /)
  const two = new Terminal(t, `xb shell ${PROFILE}; echo "two ended $?"; stty -a | grep -c ' -icanon'`, {cwd})
  await two.until(/[#$] /)
  two.type('PS1=; stty -echo; tty; stty size; echo re""ady\r')
  await two.until(/\/dev\/pts\/\d+/)
  await two.until('33 101')
  await two.until('ready')
  two.type('sleep 100\r')
  await pause(500)
  two.type('\x03')
  two.type('echo "after $?"\r')
  await two.until('after 130')
  one.type('exit 3\r')
  await one.until('one ended 3')
  two.type('echo still; exit 4\r')
  await two.until('still')
  await two.until('two ended 4')
  await two.until('0', 5)
})

t.test('packages that are installed beside a shell are routed, and their twins come when the session has ended', async t => {
  const cwd = scratch(t)
  const one = await first(t, cwd)
  t.match(await xbuild(['install', PROFILE, 'bc'], {cwd, timeout: 300_000}), {exitCode: 0})
  t.match(await xbuild(inSession('echo "6*7" | bc'), {cwd}), {stdout: '42\n'})
  const two = await first(t, cwd)
  one.child.stdin?.write('a\n')
  await one.ended
  t.match(await xbuild(inSession('apt-get --quiet --yes remove bc >/dev/null && ! command -v bc'), {cwd, timeout: 300_000}), {exitCode: 0})
  two.child.stdin?.write('a\n')
  t.equal(await two.ended, 5)
})
