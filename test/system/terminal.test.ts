import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import t, {type Test} from 'tap'
import {PROFILE, scratch} from './rig.js'
import {shell, Terminal} from './terminal.js'

const skip = spawnSync('script', ['--version']).error ? 'script (package bsdutils or util-linux) is not installed' : false

t.test("the guest has a terminal of the session's own", {skip}, async t => {
  const terminal = new Terminal(
    t,
    `xb run ${PROFILE} --ephemeral -- sh -c 'test -t 0 && test -t 1 && test -t 2 && tty; stty size; echo $TERM; ls /dev/pts'`,
  )
  t.equal(await terminal.ended, 0)
  t.match(terminal.output, /^\/dev\/pts\/0\r\n33 101\r\nxterm\r\n0 +ptmx\r\n$/)
})

t.test('without a terminal on both sides the guest has none', {skip}, async t => {
  const terminal = new Terminal(t, `xb run ${PROFILE} --ephemeral -- sh -c 'test -t 1 || echo no terminal; tty' | cat`)
  await terminal.ended
  t.match(terminal.output, /^no terminal\r\nnot a tty\r\n$/)
})

t.test('a guest that has the terminal of its caller as its input cannot let others use it', {skip}, async t => {
  const directory = scratch(t)
  const guest = 'tty -s && read line && echo $line && chmod 666 /proc/self/fd/0; chmod 666 /proc/1/fd/0; exec 3<>/proc/self/fd/0; echo $?'
  const terminal = new Terminal(
    t,
    `for tty in $(tty) /dev/tty; do before=$(stat -c %a $tty); xb run ${PROFILE} --ephemeral -- sh -c '${guest}' <$tty >out 2>&1; cat out
      test $before = $(stat -c %a $tty) || { echo changed; chmod $before $tty; }; done`,
    {cwd: directory},
  )
  terminal.type('typed\ntyped\n')
  await terminal.ended
  t.match(terminal.output, /typed\r\nchmod: .*Read-only file system[\s\S]*typed\r\nchmod: .*Read-only file system/)
  t.notMatch(terminal.output, 'changed')
})

t.test('exit codes come through the terminal', {skip}, async t => {
  for (const [script, code] of [
    ['exit 0', 0],
    ['exit 7', 7],
    ['kill -TERM $$', 143],
  ] as const) {
    const terminal = new Terminal(t, `xb run ${PROFILE} --ephemeral -- sh -c '${script}'`)
    t.equal(await terminal.ended, code, script)
  }
})

t.test('the size of the terminal follows the outer one', {skip}, async t => {
  const directory = scratch(t)
  const script = `tty > outer; xb run ${PROFILE} --ephemeral -- bash -c 'trap "stty size; exit 4" WINCH; echo ready; while :; do sleep 0.1; done'`
  const terminal = new Terminal(t, script, {cwd: directory})
  await terminal.until('ready')
  const outer = readFileSync(join(directory, 'outer'), 'utf8').trim()
  t.equal(spawnSync('stty', ['-F', outer, 'rows', '44', 'cols', '77']).status, 0)
  await terminal.until('44 77')
  t.equal(await terminal.ended, 4)
})

t.test('colours and other bytes come through unchanged', {skip}, async t => {
  const terminal = new Terminal(t, `xb run ${PROFILE} --ephemeral -- printf '\\033[31mr\\303\\244d\\033[0m\\007\\377\\033]0;title\\007'`)
  t.equal(await terminal.ended, 0)
  t.equal(terminal.output, '\u001b[31mr\u00c3\u00a4d\u001b[0m\u0007\u00ff\u001b]0;title\u0007')
})

t.test('much output comes whole, and in order', {skip}, async t => {
  const terminal = new Terminal(t, `xb run ${PROFILE} --ephemeral -- seq 200000`)
  t.equal(await terminal.ended, 0)
  t.equal(terminal.output, Array.from({length: 200_000}, (_, n) => `${n + 1}\r\n`).join(''))
})

t.test('much is pasted while much is printed: both come whole', {skip}, async t => {
  const typed = 'x'.repeat(40_000)
  const guest = 'stty raw -echo; echo read""y; seq 60000 | head -c 300000; echo printed; head -c 40000 | md5sum; echo en""d'
  const terminal = new Terminal(t, `xb run ${PROFILE} --ephemeral -- bash -c '${guest}'`)
  await terminal.until('ready\n')
  terminal.type(typed)
  await terminal.until('printed\n')
  t.equal(terminal.output.indexOf('printed\n') - terminal.output.indexOf('ready\n') - 'ready\n'.length, 300_000)
  t.equal(await terminal.until(/([0-9a-f]{32}) .*\n/), createHash('md5').update(typed).digest('hex'))
  t.equal(await terminal.ended, 0)
})

/** A guest that prints for ever, in a terminal that nobody looks at; `guest` goes on beside it. */
async function unseen(t: Test, guest: string, before = 'true') {
  const directory = scratch(t)
  const script = `tty >outer; echo $BASHPID >shell; ${before}; exec "$NODE" "$CLI" run ${PROFILE} --ephemeral -- bash -c 'exec 2>/dev/null; ${guest}; yes & while :; do sleep 0.05; done'`
  const terminal = new Terminal(t, script, {cwd: directory})
  await terminal.until('y\r\n')
  terminal.lookAway()
  const text = (name: string) => (existsSync(join(directory, name)) ? readFileSync(join(directory, name), 'utf8').trim() : '')
  const tool = Number(text('shell'))
  const [session = 0] = readFileSync(`/proc/${tool}/task/${tool}/children`, 'utf8').split(' ').map(Number)
  await isFull(session)
  return {terminal, tool, session, text}
}

/** Until a process has written to the terminal all that this takes: it sleeps. */
async function isFull(pid: number): Promise<void> {
  for (let still = 0, last = ''; still < 5; await pause(100)) {
    const now = /^wchar: \d+$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[0] ?? ''
    still = now === last ? still + 1 : 0
    last = now
  }
}

/** Whoever started it may be too busy to take its status. */
const isRunning = (pid: number) => existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''

/** Until a file says something. */
async function said(text: () => string): Promise<string> {
  while (text() === '') await pause(20)
  return text()
}

t.test('signals and sizes reach the guest while nobody looks at the terminal', {skip}, async t => {
  const {terminal, tool, text} = await unseen(t, 'trap "stty size >size" WINCH; trap "echo ended >end; exit 3" TERM')
  t.equal(spawnSync('stty', ['-F', text('outer'), 'rows', '44', 'cols', '77']).status, 0)
  while (text('size') !== '44 77') await pause(20) // rows come before columns
  process.kill(tool, 'SIGTERM')
  t.equal(await said(() => text('end')), 'ended')
  terminal.look()
  t.equal(await terminal.ended, 3)
})

t.test('whoever wants the end of a session does not wait for the rest of its output', {skip}, async t => {
  const {tool, session, terminal, text} = await unseen(t, 'trap "echo ended >end; exit 3" TERM')
  process.kill(tool, 'SIGTERM')
  await said(() => text('end'))
  while (isRunning(session)) {
    process.kill(tool, 'SIGTERM')
    await pause(50)
  }
  while (isRunning(tool)) await pause(20)
  terminal.look()
  t.match(String(await terminal.ended), /^(3|143)$/) // the last signal may have come when no session was left to pass it on to
})

/** Processor time that a process has used, in hundredths of a second. man 5 proc_pid_stat */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return Number(fields[11]) + Number(fields[12])
}

t.test('a terminal that takes nothing, and says so, costs no processor time', {skip}, async t => {
  const before = `perl -MFcntl -e "fcntl(STDOUT, F_SETFL, O_RDWR | O_NONBLOCK)"`
  const {session} = await unseen(t, 'true', before)
  const start = ticks(session)
  await pause(1000)
  t.ok(ticks(session) - start < 20, `${ticks(session) - start} hundredths of a second`)
})

t.test('Ctrl-C ends what runs in front, and the shell goes on', {skip}, async t => {
  for (const mode of ['hybrid', 'emulated']) {
    const terminal = await shell(t, ['--mode', mode])
    terminal.type('echo sleep""ing; sleep 1000\r')
    await terminal.until('sleeping\r\n')
    await new Promise(resolve => setTimeout(resolve, 500))
    terminal.type('\u0003')
    t.match(await terminal.command('echo code $?'), /code 130\n$/, mode)
    terminal.type('exit 9\r')
    t.equal(await terminal.ended, 0)
  }
})

t.test('Ctrl-C ends a command by SIGINT', {skip}, async t => {
  for (const pipe of ['', ' | cat']) {
    const terminal = new Terminal(
      t,
      `set -o pipefail; xb run ${PROFILE} --ephemeral -- sh -c 'echo ready; exec sleep 1000'${pipe}; echo "code $?"`,
    )
    await terminal.until('ready')
    await new Promise(resolve => setTimeout(resolve, 300))
    terminal.type('\u0003')
    await terminal.until('code 130')
    t.equal(await terminal.ended, 0, `"${pipe}"`)
  }
})

t.test('Ctrl-Z stops what runs in front, fg lets it go on', {skip}, async t => {
  const terminal = await shell(t)
  terminal.type('sh -c "trap : CONT; echo work""ing; sleep 1; echo fin""ished"\r')
  await terminal.until('working\r\n')
  terminal.type('\u001a')
  await terminal.until(/Stopped[^\n]*\n/)
  t.match(await terminal.command('jobs'), /^\[1\]\+ {2}Stopped/)
  terminal.type('fg\r')
  await terminal.until('finished\r\n')
  t.equal(await terminal.command('jobs; echo none'), 'none\n')
})

t.test("the shell's exit code is the tool's, and the terminal is as it was", {skip}, async t => {
  const directory = scratch(t)
  const script = `stty -echo -ixon; stty -g > before; xb run ${PROFILE} --ephemeral -- sh -c 'stty raw echo; exit 6'; code=$?; stty -g > after; exit $code`
  const terminal = new Terminal(t, script, {cwd: directory})
  t.equal(await terminal.ended, 6)
  t.equal(readFileSync(join(directory, 'after'), 'utf8'), readFileSync(join(directory, 'before'), 'utf8'))
})

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGKILL', 137],
] as const) {
  t.test(`a session that ${signal} ends leaves the terminal as it was`, {skip}, async t => {
    const directory = scratch(t)
    const script = `stty -g > before; (echo $BASHPID > pid; exec "$NODE" "$CLI" run ${PROFILE} --ephemeral -- sh -c 'echo ready; exec sleep 1000'); echo "code $?"; for i in $(seq 50); do stty -g > after; cmp -s before after && break; sleep 0.1; done`
    const terminal = new Terminal(t, script, {cwd: directory})
    await terminal.until('ready')
    process.kill(Number(readFileSync(join(directory, 'pid'), 'utf8')), signal)
    await terminal.until(`code ${code}`)
    await terminal.ended
    t.equal(readFileSync(join(directory, 'after'), 'utf8'), readFileSync(join(directory, 'before'), 'utf8'))
  })
}

t.test('the end of the input, Ctrl-D, ends the shell', {skip}, async t => {
  const terminal = await shell(t, [], {after: 'echo code $?'})
  await terminal.command('false')
  terminal.type('\u0004')
  await terminal.until(/code \d+/)
  t.equal(await terminal.ended, 0)
})

t.test('a terminal that hangs up ends the command by that signal', {skip}, async t => {
  const status = join(scratch(t), 'status')
  const terminal = new Terminal(
    t,
    `"$NODE" "$CLI" run ${PROFILE} --ephemeral -- sh -c 'echo re""ady; sleep 100' </dev/tty & child=$!
    trap 'kill -HUP $child' HUP
    while kill -0 $child; do wait $child; done; wait $child; echo $? >${status}`,
  )
  await terminal.until('ready')
  terminal.hangUp()
  while (!existsSync(status) || readFileSync(status, 'utf8') === '') await pause(50)
  t.equal(readFileSync(status, 'utf8'), '129\n')
})
