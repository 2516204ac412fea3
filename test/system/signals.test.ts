import {spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {readdirSync, readFileSync} from 'node:fs'
import {constants} from 'node:os'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {outside} from './outside.js'
import {CLI, guest, PROFILE, plainVariables, scratch} from './rig.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1'] as const

/** A file of each process in /proc, of those that are still there and may be read. */
function* processes(file: string): Generator<[number, string]> {
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      yield [Number(pid), readFileSync(join('/proc', pid, file), 'utf8')]
    } catch {} // it has ended, or is another user's
  }
}

/** Processes with the text in their arguments, this test's own children of Node aside. */
const marked = (marker: string) =>
  [...processes('cmdline')].filter(([, arguments_]) => arguments_.includes(marker) && !arguments_.includes(CLI)).map(([pid]) => pid)

const mounted = (path: string) => [...processes('mountinfo')].filter(([, mounts]) => mounts.includes(path)).map(([pid]) => pid)

/** Asks until it holds, at most so long. */
async function eventually(holds: () => boolean, seconds: number): Promise<boolean> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
    if (holds()) return true
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return holds()
}

/** A session that has said "ready". */
async function started(t: Test, script: string, options: {cwd?: string; marker?: string; detached?: boolean; mode?: string} = {}) {
  const args = [
    CLI,
    'run',
    PROFILE,
    '--ephemeral',
    '--mode',
    options.mode ?? 'hybrid',
    '--',
    'bash',
    '-c',
    script,
    options.marker ?? 'bash',
  ]
  const child = spawn(process.execPath, args, {
    env: plainVariables(),
    cwd: options.cwd,
    detached: options.detached ?? false,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      output += text
    })
  }
  const ended = new Promise<{code: number | null; signal: string | null}>(resolve => {
    child.on('close', (code, signal) => resolve({code, signal}))
  })
  if (!(await eventually(() => output.includes('ready\n'), 20))) throw new Error(`the session did not start: ${output}`)
  return {child, ended, output: () => output}
}

/** The process that makes the session, between xbuild-env and the session's PID 1. */
function supervisor(node: number): number {
  for (const [pid, stat] of processes('stat')) {
    const [, name, rest = ''] = /^\d+ \((.*)\) \S (.*)$/s.exec(stat) ?? []
    if (name === 'xbuild-session' && Number(rest.split(' ')[0]) === node) return pid
  }
  throw new Error('no xbuild-session')
}

t.test('a signal reaches the guest once', async t => {
  for (const mode of ['hybrid', 'emulated']) {
    for (const signal of SIGNALS) {
      const name = signal.slice(3)
      const script = `count=0; trap 'count=$((count + 1))' ${name}; echo ready; for i in 1 2 3 4 5; do sleep 0.1; done; echo "count $count"; exit 5`
      const session = await started(t, script, {mode})
      session.child.kill(signal)
      t.same(await session.ended, {code: 5, signal: null}, `${mode} ${signal}`)
      t.match(session.output(), /count 1\n/, `${mode} ${signal}`)
    }
  }
})

t.test('a signal that is sent to the whole process group reaches the guest once', async t => {
  const script = 'count=0; trap "count=\\$((count + 1))" TERM; echo ready; for i in 1 2 3 4 5; do sleep 0.1; done; echo "count $count"'
  const session = await started(t, script, {detached: true})
  process.kill(-(session.child.pid ?? 0), 'SIGTERM')
  await session.ended
  t.match(session.output(), /count 1\n/)
})

t.test('a guest that a signal ends gives 128 and its number', async t => {
  for (const signal of SIGNALS) {
    // Said by the very program that is to end: until bash has executed one, it ignores SIGQUIT itself.
    const session = await started(t, `exec perl -e '$| = 1; print "ready\\n"; sleep 20'`)
    session.child.kill(signal)
    t.same(await session.ended, {code: 128 + constants.signals[signal], signal: null}, signal)
  }
})

const LEFT_BEHIND = 'setsid sleep 1000 & (trap "" HUP TERM INT; exec -a "$0" sleep 1000) & echo ready; sleep 1000; true'

for (const victim of ['xbuild-env', 'xbuild-session'] as const) {
  t.test(`kill -9 of ${victim} leaves no process and no mount`, async t => {
    const directory = scratch(t)
    const marker = `marker-${randomUUID()}`
    const session = await started(t, LEFT_BEHIND, {cwd: directory, marker})
    t.ok(await eventually(() => marked(marker).length >= 2, 2), 'the guest runs')
    t.ok(mounted(directory).length >= 2, 'and has mounts')
    process.kill(victim === 'xbuild-env' ? (session.child.pid ?? 0) : supervisor(session.child.pid ?? 0), 'SIGKILL')
    const end = await session.ended
    t.same(end, victim === 'xbuild-env' ? {code: null, signal: 'SIGKILL'} : {code: 137, signal: null})
    t.ok(await eventually(() => marked(marker).length === 0, 2), 'no process is left')
    t.ok(await eventually(() => mounted(directory).length === 0, 2), 'no mount is left')
    t.equal((await guest('true')).exitCode, 0, 'and no lock')
  })
}

t.test('daemons that the guest leaves end with the session', async t => {
  const marker = `marker-${randomUUID()}`
  const result = await guest(
    `for n in 1 2 3; do setsid sh -c 'trap "" HUP TERM; while :; do sleep 1; done' ${marker} & done; sleep 0.2; exit 3`,
  )
  t.equal(result.exitCode, 3)
  t.ok(result.took < 10, `took ${result.took} s`)
  t.same(marked(marker), [])
})

t.test('programs that are being executed as the session ends do not complain', async t => {
  const busy = 'for n in 1 2 3 4; do (setsid sh -c "while :; do /bin/true; done" &); done; sleep 0.2'
  for (let round = 0; round < 3; round++) t.match(await guest(busy), {exitCode: 0, stderr: ''})
})

t.test('orphans are reaped while the session lasts', async t => {
  // The substitution ends when the last orphan has: each holds its pipe. PID 1 may then be a moment from its turn on a
  // busy machine; a zombie that nobody waits for is still in /proc after ten seconds.
  const script = `
    orphans=$(for n in 1 2 3 4 5 6 7 8 9; do (setsid sh -c 'echo $$' &); done)
    for turn in $(seq 100); do
      left=0
      for pid in $orphans; do [ ! -e /proc/$pid ] || left=$((left + 1)); done
      [ $left != 0 ] || break
      sleep 0.1
    done
    echo $orphans | wc -w; echo $left`
  for (const mode of ['hybrid', 'emulated']) t.equal((await guest(script, ['--mode', mode])).stdout, '9\n0\n', mode)
})

t.test('timeout(1) ends a session', async t => {
  const result = await outside(`timeout 2 "$NODE" "$CLI" run ${PROFILE} --ephemeral -- sleep 100; echo $?`, {
    variables: {NODE: process.execPath, CLI},
    timeout: 20_000,
  })
  t.equal(result.stdout.toString(), '124\n', result.stderr.toString())
})
