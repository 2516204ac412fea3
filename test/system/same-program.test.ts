import {readFileSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {asMaker, copiedData, xbuildIn} from './data.js'
import {CLI, DATA, PROFILE, plainVariables, type scratch, xbuild} from './rig.js'
import {endsNative, find, traced} from './traced.js'

const NAME = `same-program-${process.pid}`

/** A shell command in the environment of this test; what it changes stays. */
const lasting = (script: string) => xbuild(['run', NAME, '--', 'sh', '-euc', script], {cwd: '/'})
const isNative = (t: Parameters<typeof scratch>[0], name: string, script: string) =>
  endsNative(t, name, script, {environment: NAME, cwd: '/'})

t.before(async () => {
  const {exitCode, stderr} = await xbuild(['clone', PROFILE, NAME], {cwd: '/'})
  if (exitCode !== 0) throw new Error(stderr)
})

t.teardown(() => xbuild(['remove', NAME], {cwd: '/'}))

/** Another program of the same size: what it says of itself has one other letter. */
const PATCH = `cp -p /usr/bin/sed /tmp/kept
LC_ALL=C perl -pe 's/GNU sed/GNU xed/g' /tmp/kept >/tmp/patched
test "$(stat -c %s /tmp/kept)" = "$(stat -c %s /tmp/patched)"
`
const REPLACES: [how: string, script: string][] = [
  ['in its place', 'cat /tmp/patched >/usr/bin/sed; touch -r /tmp/kept /usr/bin/sed'],
  ['by a rename', 'chmod 755 /tmp/patched; touch -r /tmp/kept /tmp/patched; mv /tmp/patched /usr/bin/sed'],
  [
    'by a directory that takes the place of its own',
    'cp -a /usr/bin /usr/new; cat /tmp/patched >/usr/new/sed; touch -r /tmp/kept /usr/new/sed; mv /usr/bin /usr/old; /usr/old/mv /usr/new /usr/bin',
  ],
]

for (const [how, replace] of REPLACES) {
  t.test(`a program that was patched ${how}, with size and time kept, runs as what it is`, async t => {
    const {spans, result} = await traced(t, `set -e\n${PATCH}\n${replace}\n/usr/bin/sed --version`, [], {environment: NAME, cwd: '/'})
    t.match(result, {exitCode: 0, stdout: /^.*GNU xed/}, result.stderr)
    t.match(find(spans, 'sed').at(-1)?.outcome, {kind: 'changed'})
  })
}

t.test('so it does in every later session, and is not taken for the package\u2019s', async t => {
  t.equal((await lasting(`${PATCH}cat /tmp/patched >/usr/bin/sed; touch -r /tmp/kept /usr/bin/sed`)).exitCode, 0)
  for (let session = 0; session < 2; session++) {
    const {result} = await traced(t, 'sed --version', [], {environment: NAME, cwd: '/'})
    t.match(result.stdout, /GNU xed/)
  }
  const {stdout} = await xbuild(['info', NAME], {cwd: '/'})
  t.match(stdout, /not the file that the package shipped: \/usr\/bin\/sed \(sed\)/)
})

t.test('a program of which only the mode or the owner was changed is native, in the same session too', async t => {
  t.equal(await isNative(t, 'gzip', 'chmod 700 /usr/bin/gzip; chown 1:1 /usr/bin/gzip; gzip --version'), true)
  t.equal((await lasting('chmod 700 /usr/bin/gzip; chmod 755 /usr/bin/gzip')).exitCode, 0)
  t.equal(await isNative(t, 'gzip', 'gzip --version'), true)
})

t.test('one that gets a second name is native by the package\u2019s alone', async t => {
  const {spans} = await traced(t, 'ln /usr/bin/gzip /usr/bin/second; gzip --version; second --version', [], {environment: NAME, cwd: '/'})
  t.match(find(spans, 'gzip').at(-1)?.outcome, {kind: 'routed'})
  t.match(find(spans, 'second').at(-1)?.outcome, {kind: 'no-route'})
  t.equal((await lasting('ln /usr/bin/gzip /usr/bin/second')).exitCode, 0)
  t.equal(await isNative(t, 'gzip', 'gzip --version'), true)
})

t.test('where all files have other inodes, or other times of change, programs are native all the same', async t => {
  const data = await copiedData(t, ['twins', 'routing'])
  t.equal((await asMaker(['cp', '-a', join(DATA, 'roots'), data])).exitCode, 0)
  t.equal((await xbuildIn(data, ['create', PROFILE], {cwd: '/'})).exitCode, 0)
  const statistics = async () =>
    (await xbuildIn(data, ['run', PROFILE, '--ephemeral', '--stats', '--', 'sed', '--version'], {cwd: '/'})).stderr
  t.match(await statistics(), /100\.0 %/, 'after a copy')
  await asMaker(['cp', '-al', join(data, 'roots'), join(data, 'more-names')])
  t.match(await statistics(), /100\.0 %/, 'after hard links were made')
})

for (const [what, damage] of [
  ['cut short', (path: string) => truncateSync(path, 5000)],
  ['empty', (path: string) => truncateSync(path, 0)],
  ['of another version', (path: string) => writeFileSync(path, Buffer.concat([Buffer.from('XBT1'), readFileSync(path).subarray(4)]))],
] as const) {
  t.test(`a table of routes that is ${what} is made anew`, async t => {
    const {stdout} = await xbuild(['info', NAME, '--json'], {cwd: '/'})
    const routes = join(JSON.parse(stdout).directory, 'routes')
    for (const mode of ['hybrid', 'emulated']) damage(join(routes, mode, 'table'))
    for (const mode of ['hybrid', 'emulated']) {
      const ran = await xbuild(['run', NAME, '--ephemeral', '--mode', mode, '--', 'echo', 'works'], {cwd: '/'})
      t.match(ran, {exitCode: 0, stdout: 'works\n'}, ran.stderr)
    }
    t.equal(await isNative(t, 'gzip', 'gzip --version'), true)
  })
}

t.test('a program whose twin was cut short, or is gone, is emulated, and info names the twin', async t => {
  const data = await copiedData(t, ['roots', 'routing'])
  t.equal((await asMaker(['cp', '-a', join(DATA, 'twins'), data])).exitCode, 0)
  t.equal((await xbuildIn(data, ['create', PROFILE], {cwd: '/'})).exitCode, 0)
  const {stdout} = await xbuildIn(data, ['info', PROFILE, '--json'], {cwd: '/'})
  const twin = join(JSON.parse(stdout).twinTree, 'usr/bin/sed')
  t.same(JSON.parse(stdout).damaged, [])
  const isEmulated = async () => {
    const ran = await xbuildIn(data, ['run', PROFILE, '--ephemeral', '--stats', '--', 'sed', '--version'], {cwd: '/'})
    t.match(ran, {exitCode: 0, stdout: /GNU sed/, stderr: /its twin is gone or damaged/}, ran.stderr)
  }
  t.equal((await asMaker(['truncate', '-s', '5000', twin])).exitCode, 0)
  await isEmulated()
  t.match(
    (await xbuildIn(data, ['info', PROFILE], {cwd: '/'})).stdout,
    /emulated, since the twin is damaged:\n {2}\/usr\/bin\/sed: .* has 5000 of \d+ bytes\n/,
  )
  t.equal((await asMaker(['rm', twin])).exitCode, 0)
  await isEmulated()
})

t.test('one that is damaged while a session runs is told as such', async t => {
  const {stdout} = await xbuild(['info', NAME, '--json'], {cwd: '/'})
  const table = join(JSON.parse(stdout).directory, 'routes/hybrid/table')
  const kept = readFileSync(table)
  const script = 'echo ready; read line; exec /bin/true'
  const session = execa(process.execPath, [CLI, 'run', NAME, '--ephemeral', '--', 'sh', '-c', script], {
    cwd: '/',
    extendEnv: false,
    env: plainVariables(),
    reject: false,
  })
  await new Promise(resolve => session.stdout.once('data', resolve))
  truncateSync(table, 5000)
  session.stdin.end('go\n')
  const {stderr, exitCode} = await session
  writeFileSync(table, kept)
  t.equal(exitCode, 126)
  t.match(stderr, /cannot run \/bin\/true: .*table of routes is damaged.*start a new one/)
})
