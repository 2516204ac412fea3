import {appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa} from 'execa'
import t from 'tap'
import {processesIn} from './data.js'
import {namedSource} from './deb-tree.js'
import {CLI, DATA, PROFILE, plainVariables, scratch, xbuild} from './rig.js'

const RUN = `test-${process.pid}-hostile`
const FULL = `${RUN}-full`
const JUMPS = `${RUN}-jumps`
const runPath = (...below: string[]) => join(DATA, 'runs', RUN, ...below)
t.teardown(() => {
  for (const run of [RUN, FULL, JUMPS]) rmSync(join(DATA, 'runs', run), {recursive: true, force: true})
})

/** By the name of a package: what its clean target does, as a recipe of make's, and how its attempt ends. */
const BUILDS: Readonly<Record<string, {does: string; ends: object}>> = {
  daemon: {does: 'setsid sleep 4321 >/dev/null 2>&1 </dev/null & echo left', ends: {kind: 'built'}},
  changes: {does: 'rm -f debian/source/format; echo more >new', ends: {kind: 'built'}},
  chatty: {does: 'yes "a line of a build that says much" | head -c 300000000', ends: {kind: 'built'}},
  kills: {does: 'kill -9 $$PPID; sleep 5', ends: {kind: 'failed', why: /killed by signal 9/}},
  input: {does: 'read x; cat; cat </dev/tty', ends: {kind: 'failed', why: /cannot open \/dev\/tty/, reason: 'tty'}},
  forks: {does: 'f() { f & f; }; f', ends: {kind: 'limit', limit: 'processes'}},
  fills: {does: 'while :; do head -c 100000000 /dev/zero >>big; done', ends: {kind: 'limit', limit: 'disk'}},
  memory: {does: 'tail /dev/zero', ends: {kind: 'limit', limit: 'memory'}},
  forever: {does: 'while :; do :; done', ends: {kind: 'limit', limit: 'time', why: /with a processor for \d+ s/}},
}

/** Bytes of a log that is kept of a build that says more. */
const LONGEST_LOG = 70 * 2 ** 20

t.test('whatever a build does ends its own attempt at most, and leaves nothing that runs', async t => {
  const trees = Object.entries(BUILDS).map(([name, {does}]) => {
    const tree = namedSource(t, name)
    appendFileSync(join(tree, 'debian/rules'), `clean: odd\nodd:\n\t${does}\n`)
    return tree
  })
  const limits = ['--timeout', '3m', '--processes', '200', '--disk', '400M', '--memory', '1G']
  const run = await xbuild(['packages', 'build', PROFILE, ...trees, '--run', RUN, '--no-experiments', '--no-checks', '--json', ...limits])
  t.equal(run.exitCode, 1, run.stderr)
  t.match(JSON.parse(run.stdout).counts, {built: 3, failed: 6, queued: 0, building: 0})
  for (const [name, {ends}] of Object.entries(BUILDS)) {
    const {end} = JSON.parse(readFileSync(runPath('attempts', `tiny-${name}`, '1/result.json'), 'utf8'))
    t.match(end, ends, name)
  }
  t.ok(statSync(runPath('attempts/tiny-chatty/1/log.txt')).size < LONGEST_LOG)
  t.same(await processesIn('sleep 4321'), [], 'what it left in the background has ended')
})

/** In a mount namespace of its own: a run whose disk is full until it has begun to wait. */
const ON_A_FULL_DISK = `
set -eu
run=$1 cli=$2 profile=$3 tree=$4
mount -t tmpfs -o size=300M tmpfs "$XBUILD_ENV_DATA/runs/$run"
cd "$XBUILD_ENV_DATA/runs/$run"
head -c 299M /dev/zero >filler
(until grep -q '"waits"' journal 2>/dev/null; do sleep 0.2; done; rm filler) &
exec node "$cli" packages build "$profile" "$tree" --run "$run" --no-experiments --no-checks --json
`

t.test(
  'a run whose journal, logs and results find no place waits for one, and then goes on',
  {skip: process.getuid?.() === 0 ? false : 'not root: a disk of its own cannot be mounted'},
  async t => {
    mkdirSync(join(DATA, 'runs', FULL), {recursive: true})
    const words = ['--mount', '--propagation', 'private', 'sh', '-c', ON_A_FULL_DISK, 'sh', FULL, CLI, PROFILE, namedSource(t, 'small')]
    const run = await execa('unshare', words, {env: plainVariables({XBUILD_ENV_DATA: DATA}), extendEnv: false, reject: false})
    t.equal(run.exitCode, 0, run.stderr)
    t.match(run.stderr, /waits: the disk is full\ngoes on\n.*built/s)
    t.match(JSON.parse(run.stdout).counts, {built: 1, failed: 0})
  },
)

/** Debian's faketime: the builder's clock of the day reads what a file says, and its monotonic clock is left alone. */
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'

t.test(
  'a clock of the day that jumps by a day, to and fro, ends no attempt, and a run can be gone on with and looked at',
  {skip: existsSync(FAKETIME) ? false : 'no faketime here: apt-get install libfaketime'},
  async t => {
    const tree = namedSource(t, 'patient')
    appendFileSync(join(tree, 'debian/rules'), 'clean: slow\nslow:\n\tsleep 12\n')
    const file = join(scratch(t), 'clock')
    const env = plainVariables({
      XBUILD_ENV_DATA: DATA,
      LD_PRELOAD: FAKETIME,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
    })
    const jump = (to: string) => writeFileSync(file, `${to}\n`)
    jump('+0')
    const words = [
      'packages',
      'build',
      PROFILE,
      tree,
      '--run',
      JUMPS,
      '--timeout',
      '3m',
      '--silence',
      '1m',
      '--no-experiments',
      '--no-checks',
    ]
    const running = execa(process.execPath, [CLI, ...words], {env, extendEnv: false, reject: false})
    const jobs = async (): Promise<{phase?: string}[]> => {
      const {exitCode, stdout} = await xbuild(['packages', 'status', JUMPS, '--json'])
      return exitCode === 0 ? JSON.parse(stdout).jobs : []
    }
    while (running.exitCode === null && (await jobs()).length === 0) await sleep(100)
    jump('+1d')
    while (running.exitCode === null && (await jobs())[0]?.phase !== 'build') await sleep(100)
    jump('-1d')
    const run = await running
    t.equal(run.exitCode, 0, run.stderr)
    const times = readFileSync(join(DATA, 'runs', JUMPS, 'journal'), 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).at)
    t.ok(Math.max(...times) - Math.min(...times) > 20 * 3600_000, 'the journal has times a day apart')
    const status = JSON.parse((await xbuild(['packages', 'status', JUMPS, '--json'])).stdout)
    t.match(status.counts, {built: 1, failed: 0, left: 0})
    const [attempt, ...others] = JSON.parse((await xbuild(['packages', 'why', 'tiny-patient', JUMPS, '--json'])).stdout).attempts
    t.same(others, [])
    t.ok(attempt.end.seconds >= 12 && attempt.end.seconds < 600, `it took ${attempt.end.seconds} s, by a clock that does not jump`)
    t.equal((await xbuild(['packages', 'resume', JUMPS])).exitCode, 0)
  },
)
