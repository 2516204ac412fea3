import {existsSync, readFileSync} from 'node:fs'
import {execa} from 'execa'
import t from 'tap'
import {ERROR, IS_ROOT} from './data.js'
import {CLI, guest, PROFILE, plainVariables, xbuild} from './rig.js'

t.test('124: the time was over; the command is asked to end, and what it then does is done', async t => {
  const result = await guest('trap "echo asked; exit 7" TERM; echo begun; while :; do sleep 0.1; done', ['--timeout', '1s'])
  t.equal(result.exitCode, 124)
  t.equal(result.stdout, 'begun\nasked\n')
  // The whole process group is asked: dash tells of its sleep, if there is one at the moment.
  t.match(result.stderr, /^(Terminated\n)?xbuild-env: the time was over \(--timeout 1s\): the session was ended\n$/)
})

t.test('a command that does not end when it is asked to is killed five seconds later, with all that it started', async t => {
  const result = await guest('trap "" TERM; sleep 600 & wait; sleep 600', ['--timeout', '1s'])
  t.equal(result.exitCode, 124)
  t.ok(result.took >= 6, `${result.took} s`)
  t.match(result.stderr, /^xbuild-env: the time was over [^\n]+\n$/)
})

t.test('a command that ends in time has its own status, and nothing is said', async t => {
  const result = await guest('exit 7', ['--timeout', '10m'])
  t.equal(result.exitCode, 7)
  t.equal(result.stderr, '')
})

t.test('2: a limit that is none', async t => {
  for (const [option, value] of [
    ['--timeout', '0s'],
    ['--timeout', '30'],
    ['--timeout', '1000h'],
    ['--memory', '512'],
    ['--memory', '1.5G'],
    ['--pids', '0'],
    ['--pids', 'many'],
  ] as const) {
    const result = await guest('echo begun', [option, value])
    t.equal(result.exitCode, 2, `${option} ${value}`)
    t.match(result.stderr, ERROR)
    t.equal(result.stdout, '')
  }
})

/** Where systemd lends groups of cgroup v2: what it is called with, and its variables. */
const RUNTIME = `/run/user/${process.getuid?.()}`
const hasSystemd = existsSync(IS_ROOT ? '/run/systemd/system' : `${RUNTIME}/systemd/private`)
const controllers = existsSync('/sys/fs/cgroup/cgroup.controllers')
  ? readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8').split(/\s+/)
  : []
const isLent = hasSystemd && controllers.includes('memory') && controllers.includes('pids')
const skip = isLent ? false : 'no systemd here that lends groups of cgroup v2'

const inScope = (script: string, args: readonly string[]) =>
  execa(
    'systemd-run',
    [
      ...(IS_ROOT ? [] : ['--user']),
      ...['--quiet', '--scope', '-p', 'Delegate=yes', '--', process.execPath, CLI],
      ...['run', PROFILE, '--ephemeral', ...args, '--', 'sh', '-c', script],
    ],
    {reject: false, extendEnv: false, env: plainVariables({XDG_RUNTIME_DIR: RUNTIME}), stdin: 'ignore', stripFinalNewline: false},
  )

t.test('125: where no control group can be had, nothing begins, and it is said why', async t => {
  for (const limit of [
    ['--memory', '1G'],
    ['--pids', '100'],
  ]) {
    const result = await xbuild(['run', PROFILE, '--ephemeral', ...limit, '--', 'echo', 'begun'])
    if (result.exitCode === 0) continue // these tests have been started in a group that is lent to them
    t.equal(result.exitCode, 125)
    t.match(result.stderr, ERROR)
    t.match(result.stderr, /no control group/)
    if (isLent) t.match(result.stderr, `Delegate=yes -- xbuild-env run ${PROFILE} --ephemeral ${limit.join(' ')} -- echo begun\n`)
    t.equal(result.stdout, '')
  }
})

t.test('of memory, all programs of a session together get no more than was said', {skip}, async t => {
  const fits = await inScope('head -c 20000000 /dev/zero | tail -c 20000000 | wc -c', ['--memory', '256M'])
  t.equal(fits.stdout, '20000000\n')
  t.equal(fits.stderr, '')
  const tooMuch = await inScope('head -c 600000000 /dev/zero | tail -c 600000000 | wc -c; echo went on', ['--memory', '256M'])
  t.match(tooMuch.stdout, /went on\n$/)
  t.match(tooMuch.stderr, /^xbuild-env: memory ran out \(--memory 256M\): the kernel killed a program of the session$/m)
})

t.test('a session that starts more and more processes gets no more than was said', {skip}, async t => {
  const fits = await inScope('sleep 0.1 & sleep 0.1 & wait; echo went on', ['--pids', '3'])
  t.equal(fits.stdout, 'went on\n')
  t.equal(fits.stderr, '')
  const tooMany = await inScope('for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; echo not reached', ['--pids', '5'])
  t.not(tooMany.exitCode, 0)
  t.match(tooMany.stderr, /^xbuild-env: there were too many processes \(--pids 5\): the session could start no more$/m)
})
