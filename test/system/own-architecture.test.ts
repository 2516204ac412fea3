import {chmodSync, readdirSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {kernelHasPrivateBinfmt} from '../../lib/host/binfmt.js'
import {asMaker, ERROR, emptyData, filesOf, xbuildIn} from './data.js'
import {source} from './deb-tree.js'
import {configuration, HELLO, MAKEFILE, sourceTree} from './project.js'
import {appears, type Result, scratch} from './rig.js'

/** An environment of the host's own architecture, in a data directory of its own. */
const NAME = 'amd64'
const data = emptyData(t)
const xbuild = (args: readonly string[], options: Parameters<typeof xbuildIn>[2] = {}): Promise<Result> => xbuildIn(data, args, options)
const inside = (script: string, args: readonly string[] = []) =>
  xbuild(['run', NAME, '--ephemeral', ...args, '--', 'sh', '-c', script], {cwd: '/'})

t.test('it is made of a root alone: no twin set, no emulator, no cross compiler', async t => {
  const made = await xbuild(['create', NAME])
  t.equal(made.exitCode, 0, made.stderr)
  t.match(made.stderr, /created environment amd64 \(x86, 64-bit, Debian 12\)/)
  t.same(
    (await filesOf(data)).map(path => path.replace(/[0-9a-f]{16}/, 'KEY')),
    ['environments/amd64', 'roots/KEY'],
  )
  const info = JSON.parse((await xbuild(['info', NAME, '--json'])).stdout)
  t.match(info, {name: NAME, profile: NAME, programs: 'native', triple: 'x86_64-linux-gnu'})
  t.notHas(info, {twinTree: '', routing: {}})
  t.match((await xbuild(['info', NAME])).stdout, /programs +of this machine's own architecture: they run by themselves/)
  t.match(JSON.parse((await xbuild(['list', '--json'])).stdout), [{name: NAME, profile: NAME, suite: 'bookworm', state: 'idle'}])
  t.match((await xbuild(['create', NAME, '--name', 'other', '--dry-run'])).stdout, /^# the root is there: .*\n# the environment other\n$/)
})

t.test('what is compiled in it runs, and a session has nothing that twins or an emulator would need', async t => {
  const script = `cd /tmp; echo '${HELLO}' >a.c; gcc -o a a.c && ./a; gcc -print-multiarch; command -v qemu-x86_64; ls -A /dev/xbuild`
  t.match(await inside(script), {stdout: 'hello\nx86_64-linux-gnu\nsocket\n'})
  t.match(
    await inside('ulimit -v 1000000; grep "address space" /proc/self/limits'),
    {stdout: /1024000000 +1024000000 +bytes/},
    'limits count',
  )
  const system = await xbuild(['run', NAME, '--ephemeral', '--', 'echo', 'ran'], {cwd: '/', variables: {XBUILD_ENV_BINFMT: 'system'}})
  t.match(system, {exitCode: 0, stdout: 'ran\n'}, 'no entry of the system is needed')
})

t.test('packages are installed, changes last, an ephemeral session has none, and a copy goes by a file to another place', async t => {
  const installed = await xbuild(['install', NAME, 'm4'])
  t.equal(installed.exitCode, 0, installed.stderr)
  t.notMatch(installed.stderr, /twins/)
  t.match(await inside('echo "define(greeting, hello)greeting" | m4; echo x >/root/gone'), {stdout: 'hello\n'})
  t.equal((await xbuild(['clone', NAME, 'copy'])).exitCode, 0)
  const file = join(scratch(t), 'environment')
  t.match(await xbuild(['export', 'copy', file]), {exitCode: 0})
  const other = emptyData(t)
  t.match(await xbuildIn(other, ['import', file]), {exitCode: 0})
  t.match(await xbuildIn(other, ['run', 'copy', '--', 'sh', '-c', 'm4 --version | head -1; ls /root'], {cwd: '/'}), {
    exitCode: 0,
    stdout: /^m4 .*\n$/,
  })
  t.match(await xbuild(['remove', 'copy']), {exitCode: 0})
})

t.test(
  'entries of the activator hold in it for every user, and come and go while a session runs',
  {skip: !kernelHasPrivateBinfmt()},
  async t => {
    const directory = scratch(t)
    chmodSync(directory, 0o777)
    writeFileSync(join(directory, 'file'), 'XYZW')
    chmodSync(join(directory, 'file'), 0o755)
    const entries = (...args: string[]) => xbuild(['activator', ...args, '--env', NAME])
    const add = (name: string, magic: string) => entries('add', name, '-i', '/bin/echo taken #a', '-m', magic, '-s', '4', '-e')
    t.match(await add('tell', 'XYZW'), {exitCode: 0})
    t.match((await entries('list')).stdout, /^name: tell\n/, "there is none of the environment's own programs")
    const run = (...args: string[]) => xbuild(['run', NAME, '--ephemeral', ...args, '--', './file', 'a'], {cwd: directory})
    t.match(await run(), {exitCode: 0, stdout: 'taken ./file ./file a\n'})
    t.match(await run('--user', 'nobody'), {exitCode: 0, stdout: 'taken ./file ./file a\n'})

    // What the kernel refuses, a shell takes for a script.
    const script = './file 1; : >begun; while [ ! -e end ]; do sleep 0.1; done; sleep 0.5; ./file 2 2>&1'
    const session = xbuild(['run', NAME, '--', 'sh', '-c', script], {cwd: directory})
    await appears(join(directory, 'begun'), session)
    t.match(await entries('remove', 'tell'), {exitCode: 0})
    writeFileSync(join(directory, 'end'), '')
    t.match(await session, {stdout: /^taken \.\/file \.\/file 1\n.*XYZW: not found\n$/})

    t.match(await add('xbuild-env', 'XYZV'), {exitCode: 2, stderr: /is the name of the entry/})
    const {stdout} = await asMaker(['find', join(data, 'environments', NAME, 'routes'), '-name', 'table'])
    t.equal(stdout, join(data, 'environments', NAME, 'routes/native/table'))
    t.match(await add('tell', 'XYZW'), {exitCode: 0})
    truncateSync(stdout, 20)
    t.match(await run(), {exitCode: 0, stdout: /^taken/}, 'a damaged table is written anew')
    t.match(await entries('remove', 'tell'), {exitCode: 0})
  },
)

t.test('a Debian package is built in it', async t => {
  const {tree} = source(t)
  const built = await xbuild(['deb', NAME, '.', '--json'], {cwd: tree})
  t.equal(built.exitCode, 0, built.stderr)
  const result = JSON.parse(built.stdout)
  t.match(result, {environment: NAME, mode: 'native', result: 'built', tests: {passed: 1, failed: 0}, seconds: {build: Number}})
  t.notHas(result.seconds, {twins: 0, look: 0})
  t.match(built.stderr, /\nnative: built after/)
  t.ok(readdirSync(join(tree, 'out')).includes('tiny_1.0_amd64.deb'))
})

t.test('a project is built for it', async t => {
  const steps = {build: 'make', test: './hello'}
  const files = {Makefile: MAKEFILE, 'hello.c': HELLO, ...configuration(steps, {targets: [NAME], artifacts: ['hello']})}
  const tree = sourceTree(t, files)
  const built = await xbuild(['build'], {cwd: tree})
  t.match(built, {exitCode: 0, stdout: /amd64 .* built/}, built.stderr)
  t.equal((await execa(join(tree, 'out', NAME, 'hello'))).stdout, 'hello')
  t.match(await xbuild(['build', '--mode', 'emulated'], {cwd: tree}), {exitCode: 2, stderr: ERROR})
})

t.test('its build is the native one that others are measured against', async t => {
  const tree = sourceTree(t, {Makefile: MAKEFILE, 'hello.c': HELLO})
  const measured = await xbuild(['bench', NAME, tree, '--build', 'make && gcc -print-multiarch', '--runs', '1', '--json'])
  t.equal(measured.exitCode, 0, measured.stderr)
  const skipped = {kind: 'skipped', reason: /own architecture/}
  t.match(JSON.parse(measured.stdout).packages, [{modes: {native: {kind: 'measured'}, hybrid: skipped, cross: skipped, emulated: skipped}}])
})

t.test('what needs an emulator, twins or the activator is refused, with the reason and what to do', async t => {
  const directory = scratch(t)
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['run', NAME, '--mode', 'emulated', '--', 'true'], /can be emulated/],
    [['create', NAME, '--name', 'emulated', '--mode', 'emulated'], /can be emulated/],
    [['create', NAME, '--name', 'userland', '--userland'], /come from the archive/],
    [['deb', NAME, 'hello', '--mode', 'emulated'], /can be emulated/],
    [['deb', NAME, 'hello', '--verify'], /neither twins nor an emulator/],
    [['deb', NAME, 'hello', '--trace'], /cannot be recorded/],
    [['verify', NAME, '--build', 'true'], /neither twins nor an emulator/],
    [['run', NAME, '--stats', '--', 'true'], /cannot be recorded/],
    [['run', NAME, '--trace', 'file', '--', 'true'], /cannot be recorded/],
    [['system', 'register', NAME, '--dry-run'], /run by themselves/],
    [['activator', 'add', 'x', '--env', NAME, '--profile', NAME], /run by themselves/],
  ]
  for (const [args, why] of refused) {
    const {exitCode, stdout, stderr} = await xbuild(args, {cwd: directory})
    t.equal(exitCode, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, ERROR)
    t.match(stderr, why)
  }
  t.same(readdirSync(directory), [])
})

t.test('it is removed, with all that it was made of', async t => {
  const {stdout} = await xbuild(['list', '--json'])
  const names = JSON.parse(stdout).map(({name}: {name: string}) => name)
  t.match(await xbuild(['remove', ...names, '--unused']), {exitCode: 0})
  t.same(await filesOf(data), [])
})
