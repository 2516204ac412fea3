import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {ERROR, IS_ROOT} from './data.js'
import {build, configuration, sourceTree} from './project.js'
import {CLI, guest, PROFILE, plainVariables, scratch, xbuild} from './rig.js'
import {planOf} from './session-program.js'

t.test('124: time ran out; the command is asked to end, and what it then does is done', async t => {
  const result = await guest('trap "echo asked; exit 7" TERM; echo begun; while :; do sleep 0.1; done', ['--timeout', '1s'])
  t.equal(result.exitCode, 124)
  t.equal(result.stdout, 'begun\nasked\n')
  // The whole process group is asked: dash tells of its sleep, if there is one at the moment.
  t.match(result.stderr, /^(Terminated\n)?xbuild-env: time ran out \(--timeout 1s\): what ran was ended\n$/)
})

t.test('a command that does not end when it is asked to is killed five seconds later, with all that it started', async t => {
  const result = await guest('trap "" TERM; sleep 600 & wait; sleep 600', ['--timeout', '1s'])
  t.equal(result.exitCode, 124)
  t.ok(result.took >= 6, `${result.took} s`)
  t.match(result.stderr, /^xbuild-env: time ran out [^\n]+\n$/)
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

const toolInScope = (args: readonly string[], cwd: string) =>
  execa(
    'systemd-run',
    [...(IS_ROOT ? [] : ['--user']), ...['--quiet', '--scope', '-p', 'Delegate=yes', '--', process.execPath, CLI], ...args],
    {reject: false, extendEnv: false, env: plainVariables({XDG_RUNTIME_DIR: RUNTIME}), stdin: 'ignore', stripFinalNewline: false, cwd},
  )

const inScope = (script: string, args: readonly string[]) =>
  toolInScope(['run', PROFILE, '--ephemeral', ...args, '--', 'sh', '-c', script], process.cwd())

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

t.test('2: a limit of a build that is none', async t => {
  const tree = sourceTree(t, configuration({build: 'echo begun'}))
  for (const args of [
    ['--memory', '512'],
    ['--pids', '0'],
  ]) {
    const {exitCode, stderr} = await build(tree, args)
    t.equal(exitCode, 2)
    t.match(stderr, ERROR)
  }
})

t.test('125: where no control group can be had, no step of a build begins', async t => {
  const tree = sourceTree(t, configuration({build: 'touch begun'}, {'in-place': true}))
  const {exitCode, stderr} = await build(tree, ['--memory', '1G'])
  if (exitCode === 0) return // these tests have been started in a group that is lent to them
  t.equal(exitCode, 125)
  t.match(stderr, ERROR)
  t.match(stderr, /no control group/)
  if (isLent) t.match(stderr, 'Delegate=yes -- xbuild-env build --memory 1G\n')
  t.notOk(existsSync(join(tree, 'begun')))
})

// As xbuild-env has it, beside the programs that are not TypeScript.
const RUN_SCRIPT = new URL('../../dist/session/run-script.js', import.meta.url).href
const {runScript}: typeof import('../../lib/session/run-script.js') = await import(RUN_SCRIPT)

t.test('a script of a build runs below the process that was put into the group', async t => {
  const written = scratch(t)
  let outer = 0
  const onOuter = (pid: number) => {
    outer = pid
    process.kill(pid, 'SIGSTOP') // what is put into a group later does not take with it what it has started
    setTimeout(() => process.kill(pid, 'SIGCONT'), 200)
  }
  const plan = (argv: readonly string[]) => planOf(...argv)
  const began = performance.now()
  const {end} = await runScript(
    {written, plan, onOuter, locks: []},
    {run: 'true', timeoutSeconds: undefined, log: join(written, 'log')},
    () => {},
    new AbortController().signal,
  )
  t.equal(end.kind, 'passed')
  t.ok(outer > 0)
  t.ok(performance.now() - began >= 200, 'it has waited')
})

t.test('the steps of a build get no more memory and processes than was said', {skip}, async t => {
  const steps = {
    memory: 'head -c 600000000 /dev/zero | tail -c 600000000 | wc -c',
    processes: 'for i in 1 2 3 4 5 6 7 8 9; do sleep 60 & done',
  }
  for (const [step, limit, said] of [
    ['memory', ['--memory', '256M'], /^xbuild-env: memory ran out \(--memory 256M\): the kernel killed \S+ programs? of the build$/m],
    ['processes', ['--pids', '8'], /^xbuild-env: there were too many processes \(--pids 8\): the build could start no more$/m],
  ] as const) {
    const {exitCode, stderr} = await toolInScope(['build', '--step', step, ...limit], sourceTree(t, configuration(steps)))
    t.equal(exitCode, step === 'memory' ? 0 : 1, stderr)
    t.match(stderr, said)
  }
})
