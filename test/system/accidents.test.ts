import {type ChildProcess, spawn} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import t from 'tap'
import {asMaker, copiedData, ERROR, emptyData, filesOf, processesIn, withoutProgress, xbuildIn} from './data.js'
import {CLI, DATA, PROFILE, plainVariables, xbuild} from './rig.js'

interface Started {
  process: ChildProcess
  stderr: () => string
  /** Exit code, or the signal's name. */
  ended: Promise<number | string>
}

/** xbuild-env in a process group of its own, as a shell's job control starts it. */
function start(data: string, args: readonly string[]): Started {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: plainVariables({XBUILD_ENV_DATA: data}),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  let stderr = ''
  child.stderr?.on('data', text => {
    stderr += text
  })
  const ended = new Promise<number | string>(resolve => child.on('close', (code, signal) => resolve(code ?? signal ?? '')))
  return {process: child, stderr: () => stderr, ended}
}

/** Until something shows, or the test has run out of time. */
async function until(shows: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await shows())) await pause(50)
}

const namesIn = (directory: string) => (existsSync(directory) ? readdirSync(directory) : [])

/** A path below the directory that is being made in `part` of the data. */
const inMaking = (data: string, part: 'roots' | 'twins', path: string) => () => {
  const partial = namesIn(join(data, part)).find(name => name.startsWith('.partial-'))
  return partial !== undefined && existsSync(join(data, part, partial, path))
}

/** Somebody else holds a lock of the data directory. */
function holdLock(t: {teardown: (undo: () => void) => void}, path: string): ChildProcess {
  const holder = spawn('flock', [path, 'sleep', '600'], {detached: true, stdio: 'ignore'})
  t.teardown(() => holder.pid && process.kill(-holder.pid, 'SIGKILL'))
  return holder
}

const DOWNLOADING = 'tree/var/lib/apt/lists/partial'

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  t.test(`${signal} ends create: it says so, and nothing is left`, async t => {
    const data = emptyData(t)
    const create = start(data, ['create', PROFILE])
    await until(inMaking(data, 'twins', DOWNLOADING))
    create.process.kill(signal)
    t.equal(await create.ended, exitCode)
    t.equal(withoutProgress(create.stderr()), `xbuild-env: interrupted (${signal})\n  nothing was made\n`)
    t.same(await filesOf(data), [])
    t.same(await processesIn(data), [])
  })
}

t.test('Ctrl-C, which reaches all of its processes, ends create as one interruption', async t => {
  const data = emptyData(t)
  const create = start(data, ['create', PROFILE])
  await until(inMaking(data, 'roots', DOWNLOADING))
  process.kill(-(create.process.pid as number), 'SIGINT')
  t.equal(await create.ended, 130)
  t.match(withoutProgress(create.stderr()), ERROR)
  t.same(await filesOf(data), [])
  t.same(await processesIn(data), [])
})

t.test('whoever waits for another maker can be interrupted, and is gone when killed', async t => {
  const data = emptyData(t)
  const lock = join(data, '.shared.lock')
  holdLock(t, lock)
  await until(() => existsSync(lock))
  const isWaiting = async (pid: number | undefined) => namesIn(`/proc/${pid}/task`).length > 0 && (await childrenOf(pid)).length > 0
  const interrupted = start(data, ['create', PROFILE])
  await until(() => isWaiting(interrupted.process.pid))
  process.kill(-(interrupted.process.pid as number), 'SIGINT')
  t.equal(await interrupted.ended, 130)
  t.equal(interrupted.stderr(), 'xbuild-env: interrupted (SIGINT)\n  nothing was made\n')
  const killed = start(data, ['create', PROFILE])
  await until(() => isWaiting(killed.process.pid))
  const waiting = await childrenOf(killed.process.pid)
  killed.process.kill('SIGKILL')
  t.equal(await killed.ended, 'SIGKILL')
  await until(() => waiting.every(pid => !existsSync(`/proc/${pid}`)))
  t.same(await filesOf(data), [])
})

async function childrenOf(pid: number | undefined): Promise<string[]> {
  const {stdout} = await asMaker(['cat', `/proc/${pid}/task/${pid}/children`])
  return stdout.split(' ').filter(Boolean)
}

t.test('while an environment is being made, nothing is removed as unused', async t => {
  const data = emptyData(t)
  const create = start(data, ['create', PROFILE])
  await until(inMaking(data, 'roots', DOWNLOADING))
  const refused = await xbuildIn(data, ['remove', '--unused'])
  t.equal(refused.exitCode, 125)
  t.match(refused.stderr, /an environment is being created at the moment\n {2}try again when that has ended/)
  t.ok(inMaking(data, 'roots', 'tree')(), 'it goes on')
  create.process.kill('SIGTERM')
  t.equal(await create.ended, 143)
  t.match(await xbuildIn(data, ['remove', '--unused']), {exitCode: 0, stderr: ''})
})

t.test('two creates of one name at once: one wins, the other says that it is taken', async t => {
  const creates = [1, 2, 3].map(() => xbuild(['create', PROFILE, '--name', 'wanted']))
  const results = await Promise.all(creates)
  t.same(results.map(result => result.exitCode).sort(), [0, 125, 125])
  for (const {stderr} of results.filter(result => result.exitCode !== 0)) {
    t.match(stderr, /environment "wanted" already exists/)
    t.match(withoutProgress(stderr), ERROR)
  }
  t.equal((await xbuild(['run', '--ephemeral', 'wanted', '--', 'true'], {cwd: '/'})).exitCode, 0)
  t.equal((await xbuild(['remove', 'wanted'])).exitCode, 0)
})

t.test('a name that begins another is no business of the other', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  const making = join(data, 'environments', '.partial-name-deadbeef-01234567')
  mkdirSync(making, {recursive: true}) // of "name-deadbeef"
  t.equal((await xbuildIn(data, ['create', PROFILE, '--name', 'name'])).exitCode, 0)
  t.ok(existsSync(making))
  t.equal((await xbuildIn(data, ['create', PROFILE, '--name', 'name-deadbeef'])).exitCode, 0)
  t.notOk(existsSync(making))
})

/** What mmdebstrap has in the directory where it puts temporary files when nothing else is said. */
const temporary = () => namesIn('/tmp').filter(name => name.startsWith('mmdebstrap.'))

t.test('create is killed again and again; then two at once make one root, and sweep what was left', async t => {
  const data = emptyData(t)
  const others = temporary()
  const kill = async (name: string, shows: () => boolean | Promise<boolean>) => {
    const create = start(data, ['create', PROFILE, '--name', name])
    await until(shows)
    create.process.kill('SIGKILL')
    t.equal(await create.ended, 'SIGKILL')
    await until(async () => (await processesIn(data)).length === 0)
    const listed = await xbuildIn(data, ['list', '--json'])
    t.same(JSON.parse(listed.stdout), [], 'nothing looks complete')
    t.same(
      (await filesOf(data)).filter(path => !path.includes('/.partial-') && !path.startsWith('twins/')),
      [],
    )
  }
  await kill('early', () => pause(200, true))
  await kill('index', inMaking(data, 'roots', DOWNLOADING))
  await kill('twins', inMaking(data, 'twins', 'tree/usr/bin'))
  t.match(await filesOf(data), [/roots\/\.partial-/, /twins\/\.partial-/])
  const before = (await xbuildIn(data, ['create', PROFILE, '--dry-run', '--json'])).stdout
  t.match(JSON.parse(before).steps, [
    {step: 'twins', there: false},
    {step: 'root', there: false},
  ])
  await asMaker(['cp', '-aln', join(DATA, 'twins'), data]) // these have been tried; the root goes on with them
  await kill('unpacked', inMaking(data, 'roots', 'tree/var/lib/dpkg/info/bash.list'))
  await kill('configured', inMaking(data, 'roots', 'tree/var/lib/dpkg/info/gcc.list'))
  const left = namesIn(join(data, 'roots')).filter(name => name.startsWith('.partial-'))
  t.equal(left.length, 1, 'each maker sweeps what the last one left')
  const results = await Promise.all(['one', 'two', 'one'].map(name => xbuildIn(data, ['create', PROFILE, '--name', name])))
  t.equal(results[1]?.exitCode, 0)
  t.same([results[0]?.exitCode, results[2]?.exitCode].sort(), [0, 125], `${results[0]?.stderr}${results[2]?.stderr}`)
  t.equal(results.filter(result => /^made the root/m.test(result.stderr)).length, 1, 'one of them made the root')
  t.same(
    namesIn(join(data, 'roots')).filter(name => name.startsWith('.partial-')),
    [],
  )
  for (const name of ['one', 'two']) {
    t.match(await xbuildIn(data, ['run', name, '--', 'uname', '-m'], {cwd: '/'}), {exitCode: 0, stdout: 'mips64\n'})
  }
  t.equal((await xbuildIn(data, ['remove', '--unused'])).exitCode, 0)
  t.same(
    (await filesOf(data)).filter(path => path.includes('/.partial-')),
    [],
  )
  t.same(
    temporary().filter(name => !others.includes(name)),
    [],
  )
})
