import {once} from 'node:events'
import {appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {execa} from 'execa'
import t from 'tap'
import {ERROR, processesIn} from './data.js'
import {namedSource} from './deb-tree.js'
import {CLI, DATA, PROFILE, plainVariables, scratch, xbuild} from './rig.js'

/** A run's name is its directory's: each test process has its own. */
const run = (name: string) => `test-${process.pid}-${name}`

const runPath = (name: string, ...below: string[]) => join(DATA, 'runs', run(name), ...below)

t.teardown(() => execa('sh', ['-c', `rm -rf "$1"/runs/test-${process.pid}-*`, 'sh', DATA]))

interface Summary {
  counts: Record<string, number>
  packages: {package: string; state: string; attempts: number}[]
}

const stateOf = ({packages}: Summary, name: string) => packages.find(one => one.package === name)

t.test('what was built stays built over kill -9 and resume, what fails does not stop the rest, and none is half there', async t => {
  const [good, bad] = [namedSource(t, 'good'), namedSource(t, 'bad')]
  appendFileSync(join(bad, 'debian/rules'), 'clean: fails\nfails:\n\tfalse\n')
  const args = [
    'packages',
    'build',
    PROFILE,
    good,
    bad,
    './nowhere/to-be-found',
    '--run',
    run('killed'),
    '--slots',
    '1',
    '--no-experiments',
  ]
  const first = execa(process.execPath, [CLI, ...args], {reject: false, extendEnv: false, env: plainVariables(), stdin: 'ignore'})
  const results = runPath('killed', 'attempts')
  while (first.exitCode === null && !(existsSync(results) && readdirSync(results).some(name => existsSync(join(results, name, '1'))))) {
    await sleep(200)
  }
  const second = await xbuild(['packages', 'resume', run('killed')])
  t.equal(second.exitCode, 125)
  t.match(second.stderr, ERROR)
  t.match(second.stderr, new RegExp(`held by process ${first.pid} `), 'a second writer is told who holds the run')
  first.kill('SIGKILL')
  t.match((await first).stderr, /left out: \.\/nowhere\/to-be-found: .*does not exist/)
  for (let left = 50; left > 0 && (await processesIn(run('killed'))).length > 0; left--) await sleep(200)
  t.same(await processesIn(run('killed')), [], 'its attempts are gone with it')
  appendFileSync(runPath('killed', 'journal'), '{"kind":"ended","pack')
  const before = readFileSync(runPath('killed', 'journal'), 'utf8')

  const resumed = await xbuild(['packages', 'resume', run('killed'), '--json'])
  t.equal(resumed.exitCode, 1, resumed.stderr)
  const summary: Summary = JSON.parse(resumed.stdout)
  t.match(summary.counts, {built: 1, failed: 1, queued: 0, building: 0})
  t.equal(stateOf(summary, 'tiny-good')?.state, 'built')
  t.equal(stateOf(summary, 'tiny-bad')?.state, 'failed')
  const ended = [...before.matchAll(/"kind":"ended","at":\d+,"package":"([a-z-]+)"/g)].map(([, name = '']) => name)
  for (const name of ended) t.equal(stateOf(summary, name)?.attempts, 1, `${name} had ended, and is not built again`)
  const files = readdirSync(join(results, 'tiny-good'), {recursive: true}).map(String)
  t.equal(files.filter(name => name.endsWith('tiny-good_1.0_mips64el.deb')).length, 1)
  t.notOk(
    files.some(name => name.includes('.partial')),
    'nothing half-made is left',
  )

  const why = await xbuild(['packages', 'why', 'tiny-bad', run('killed')])
  t.match(why.stdout, /tiny-bad 1\.0: failed: unclear/)
  t.match(why.stdout, /\n> make: \*\*\* \[.*fails/)
  t.match((await xbuild(['packages', 'log', 'tiny-bad', run('killed')])).stdout, /==== build\n/)
  const status = JSON.parse((await xbuild(['packages', 'status', run('killed'), '--json'])).stdout)
  t.match(status, {work: {kind: 'idle', left: 'done'}, counts: {all: 2, built: 1, failed: 1}})
  const typo = await xbuild(['packages', 'why', 'tiny-god', run('killed')])
  t.match(typo.stderr, /did you mean tiny-good\?/)
  t.equal(typo.exitCode, 125)
})

t.test('Ctrl-C keeps what is done, and what hangs is ended with its processes written down', async t => {
  const hang = namedSource(t, 'hang')
  appendFileSync(join(hang, 'debian/rules'), 'clean: hangs\nhangs:\n\tsleep 4000\n')
  const args = ['packages', 'build', PROFILE, hang, '--run', run('hang'), '--silence', '15s', '--no-experiments', '--json']
  const ended = await xbuild(args)
  t.equal(ended.exitCode, 1, ended.stderr)
  t.match(ended.stdout, /printed nothing and used no processor time for 15 s/)
  const hung = readFileSync(runPath('hang', 'attempts/tiny-hang/1/hang.txt'), 'utf8')
  t.match(hung, /sleep 4000/)
  t.match(hung, /the last execs:\n(.*\n)*.*sleep 4000/)

  const again = execa(process.execPath, [CLI, 'packages', 'retry', 'tiny-hang', '--run', run('hang')], {
    reject: false,
    extendEnv: false,
    env: plainVariables(),
    stdin: 'ignore',
  })
  while (again.exitCode === null && (await processesIn(`packages __attempt ${runPath('hang')}`)).length === 0) await sleep(200)
  again.kill('SIGINT')
  const interrupted = await again
  t.equal(interrupted.exitCode, 130, interrupted.stderr)
  t.match(interrupted.stderr, /go on: xbuild-env packages resume/)
  const status = JSON.parse((await xbuild(['packages', 'status', run('hang'), '--json'])).stdout)
  t.match(status, {work: {kind: 'idle', left: 'stopped'}, counts: {all: 1, queued: 1}})
})

t.test('what is asked for wrongly is told before anything is made', async t => {
  for (const [args, message] of [
    [['build', PROFILE, './nowhere'], /there is nothing to be built/],
    [['build', PROFILE, '--timeout', 'soon'], /--timeout soon: not a time/],
    [['status', 'no-such-run'], /there is no run "no-such-run"/],
    [['build', PROFILE, '.', '--run', '../x'], /cannot be the name of a run/],
  ] as const) {
    const failed = await xbuild(['packages', ...args])
    t.match(failed.stderr, message)
    t.not(failed.exitCode, 0)
  }
})

t.test('a run waits while somebody works in the environment, and no package fails for that', async t => {
  const good = namedSource(t, 'waits')
  const cwd = scratch(t)
  const shell = execa(process.execPath, [CLI, 'run', PROFILE, '--', 'sh', '-c', 'echo ready; read line'], {
    cwd,
    reject: false,
    extendEnv: false,
    env: plainVariables(),
  })
  await once(shell.stdout, 'data')
  const args = ['packages', 'build', PROFILE, good, '--run', run('busy'), '--retries', '0', '--no-experiments', '--json']
  const built = xbuild(args)
  while (!existsSync(runPath('busy', 'journal')) || !readFileSync(runPath('busy', 'journal'), 'utf8').includes('"waits"')) await sleep(200)
  t.match(JSON.parse((await xbuild(['packages', 'status', run('busy'), '--json'])).stdout).work, {
    kind: 'waits',
    why: /in use by another session/,
  })
  shell.stdin.write('go\n')
  await shell
  const ended = await built
  t.equal(ended.exitCode, 0, ended.stderr)
  t.match(JSON.parse(ended.stdout).counts, {built: 1, failed: 0})
})

t.test('two calls that begin a run of one name do not mix what they build', async t => {
  const [one, two] = [namedSource(t, 'one'), namedSource(t, 'two')]
  const begin = (source: string) => xbuild(['packages', 'build', PROFILE, source, '--run', run('same'), '--no-experiments', '--json'])
  const both = await Promise.all([begin(one), begin(two)])
  const [won, lost] = both[0].exitCode === 0 ? both : [both[1], both[0]]
  t.equal(won?.exitCode, 0, won?.stderr)
  t.match(JSON.parse(won?.stdout ?? '{}').counts, {built: 1})
  t.equal(lost?.exitCode, 125)
  t.match(lost?.stderr, /run "[^"]+" already exists/)
})

t.test('what is damaged of a run is told, and the rest counts', async t => {
  const good = namedSource(t, 'damaged')
  const args = ['packages', 'build', PROFILE, good, '--run', run('damaged'), '--no-experiments', '--json']
  t.equal((await xbuild(args)).exitCode, 0)
  for (const name of ['holder.json', 'live.json']) writeFileSync(runPath('damaged', name), '')
  const journal = readFileSync(runPath('damaged', 'journal'), 'utf8').split('\n')
  writeFileSync(runPath('damaged', 'journal'), [journal[0], '\0\0\0', '{"kind":"again"}', ...journal.slice(1)].join('\n'))
  t.match(JSON.parse((await xbuild(['packages', 'status', run('damaged'), '--json'])).stdout), {counts: {built: 1}})
  const resumed = await xbuild(['packages', 'resume', run('damaged'), '--json'])
  t.equal(resumed.exitCode, 0, resumed.stderr)
  t.match(resumed.stderr, /2 lines of the journal cannot be read \(line 2 and others\)/)
  t.match(JSON.parse(resumed.stdout).packages, [{package: 'tiny-damaged', state: 'built', attempts: 1}])
  const elsewhere = scratch(t)
  mkdirSync(join(elsewhere, 'pool'))
  writeFileSync(join(elsewhere, 'pool/mine'), 'mine')
  const refused = await xbuild(['packages', 'publish', run('damaged'), elsewhere])
  t.match(refused, {exitCode: 125, stderr: /holds other things than a repository/})
  t.match(refused.stderr, ERROR)
  t.equal(readFileSync(join(elsewhere, 'pool/mine'), 'utf8'), 'mine')
  writeFileSync(runPath('damaged', 'plan.json'), '{"for')
  const damaged = await xbuild(['packages', 'status', run('damaged')])
  t.match(damaged, {exitCode: 125, stderr: /plan\.json is damaged/})
  t.match(damaged.stderr, ERROR)
  t.equal((await xbuild(['packages', 'build', PROFILE, good, '--run', run('other'), '--dry-run'])).exitCode, 0, 'other runs do without it')
})
