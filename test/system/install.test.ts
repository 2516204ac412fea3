import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {CLI, PROFILE, plainVariables, scratch, xbuild} from './rig.js'

/** An environment of the test's own. */
const NAME = 'installing'
const inside = (...argv: string[]) => xbuild(['run', NAME, '--', ...argv], {cwd: '/'})

interface Route {
  path: string
  package: string
}

async function routesOf(pack: string): Promise<string[]> {
  const {routing} = JSON.parse((await xbuild(['info', NAME, '--json'])).stdout)
  return routing.routes.filter((route: Route) => route.package === pack).map((route: Route) => route.path)
}

/** The machine of the program that runs for a path: what the kernel executed, not what the path holds. ELF, e_machine. */
async function machineOf(command: string): Promise<string> {
  const script = `${command} & sleep 0.5; od -An -tu1 -j18 -N1 /proc/$!/exe; kill $!`
  return (await inside('bash', '-c', script)).stdout.trim()
}

const HOST_MACHINE = '62' // EM_X86_64

t.before(async () => {
  await xbuild(['create', PROFILE, '--name', NAME])
})
t.teardown(() => xbuild(['remove', NAME]))

t.test('a package is installed, and its program runs native in the next session', async t => {
  t.equal((await inside('m4', '--version')).exitCode, 127, 'it is not there yet')
  const installed = await xbuild(['install', NAME, 'm4'])
  t.equal(installed.exitCode, 0, installed.stderr)
  t.match(installed.stdout, /Setting up m4/)
  t.same(await routesOf('m4'), ['/usr/bin/m4'])
  const result = await inside('sh', '-c', 'echo "define(greeting, hello)greeting" | m4')
  t.match(result, {exitCode: 0, stdout: 'hello\n'})
  t.equal(await machineOf('sleep 9 | m4'), HOST_MACHINE)
})

t.test('a library for LD_PRELOAD that has a twin leaves programs native, any other makes them emulated', async t => {
  t.match(await xbuild(['install', NAME, 'libeatmydata1']), {exitCode: 0})
  const native = await inside('bash', '-c', 'LD_PRELOAD=libeatmydata.so cat /proc/self/maps')
  t.match(native, {exitCode: 0, stdout: /\/dev\/xbuild\/lib\/libeatmydata\.so/}, native.stderr)
  const other = await inside('bash', '-c', 'LD_PRELOAD=/usr/lib/mips64el-linux-gnuabi64/libutil.so.1 cat /proc/self/maps')
  t.notMatch(other.stdout, /\/dev\/xbuild\/lib/)
})

t.test('it is also what an emulated session has', async t => {
  const result = await xbuild(['run', '--mode', 'emulated', NAME, '--', 'sh', '-c', 'echo "eval(6 * 7)" | m4'], {cwd: '/'})
  t.match(result, {exitCode: 0, stdout: '42\n'})
})

t.test('what is installed already is installed again without harm', async t => {
  t.match(await xbuild(['install', NAME, 'm4']), {exitCode: 0, stdout: /m4 is already the newest version/})
})

t.test('a package that does not exist is refused in apt’s words, and nothing else is installed', async t => {
  const failed = await xbuild(['install', NAME, 'zip', 'no-such-package'])
  t.equal(failed.exitCode, 125)
  t.match(failed.stderr, /E: Unable to locate package no-such-package\n/)
  t.match(failed.stderr, /\nxbuild-env: apt-get ended with 100\n {2}its messages above say why; .*\n$/)
  t.equal((await inside('zip', '-v')).exitCode, 127)
})

t.test('a version that does not exist is refused as well', async t => {
  const failed = await xbuild(['install', NAME, 'zip=0.0.1'])
  t.equal(failed.exitCode, 125)
  t.match(failed.stderr, /Version '0\.0\.1' for 'zip' was not found/)
})

t.test('what apt installs in a session is routed from the next session on', async t => {
  const ran = await inside('apt-get', 'install', '-y', '--no-install-recommends', 'bc')
  t.equal(ran.exitCode, 0, ran.stderr)
  t.same(await routesOf('bc'), ['/usr/bin/bc'])
  t.match(await inside('sh', '-c', 'echo 6*7 | bc'), {exitCode: 0, stdout: '42\n'})
  t.equal(await machineOf('sleep 9 | bc'), HOST_MACHINE)
})

t.test('a package that is removed loses its routes', async t => {
  t.equal((await inside('apt-get', 'remove', '-y', 'm4')).exitCode, 0)
  t.same(await routesOf('m4'), [])
  t.equal((await inside('m4', '--version')).exitCode, 127)
})

t.test('twins that could not be fetched come when a package is installed again', async t => {
  const broken = join(scratch(t), 'bin')
  mkdirSync(broken)
  writeFileSync(join(broken, 'mmdebstrap'), '#!/bin/sh\necho "E: Failed to fetch http://mirror.example/m4.deb" >&2\nexit 25\n', {
    mode: 0o755,
  })
  const failed = await xbuild(['install', NAME, 'gperf'], {variables: {PATH: `${broken}:${process.env.PATH}`}})
  t.equal(failed.exitCode, 0, 'the package is there')
  t.match(failed.stderr, /the twins of gperf could not be fetched, they stay emulated: .*\n {2}try again when you like: (.*)\n/)
  t.same(await routesOf('gperf'), [])
  const hint = /try again when you like: xbuild-env (.*)/.exec(failed.stderr)?.[1]?.split(' ') ?? []
  const again = await xbuild(hint)
  t.match(again, {exitCode: 0, stderr: /fetching the twins of gperf/})
  t.same(await routesOf('gperf'), ['/usr/bin/gperf'])
  t.notMatch((await xbuild(hint)).stderr, 'fetching', 'there is nothing more to be fetched')
})

t.test('what a dpkg that was killed has left is finished first', async t => {
  const journal = "sed -n '/^Package: hostname$/,/^$/p' /var/lib/dpkg/status >/var/lib/dpkg/updates/0000"
  t.match(await inside('sh', '-c', journal), {exitCode: 0})
  t.match(await xbuild(['install', NAME, 'bc']), {exitCode: 0})
  t.match(await inside('ls', '/var/lib/dpkg/updates'), {stdout: ''})
})

t.test('a signal that ends apt-get is told as that', async t => {
  const child = execa(process.execPath, [CLI, 'install', NAME, 'zip'], {reject: false, extendEnv: false, env: plainVariables()})
  child.stdout.once('data', () => child.kill('SIGINT')) // it has begun with the lists
  const {exitCode, stderr} = await child
  t.equal(exitCode, 130)
  t.match(
    stderr,
    `xbuild-env: apt-get was ended (SIGINT); what it had set up is in the environment\n  go on: xbuild-env install ${NAME} zip`,
  )
})

t.test('where the environment has been forgotten, it says so', async t => {
  const {exitCode, stderr} = await xbuild(['install', 'm4'])
  t.equal(exitCode, 2)
  t.match(stderr, /^xbuild-env: there is no environment "m4", and no package is named\n/)
})

t.test('two that install at once in one session wait for each other', async t => {
  const all = await Promise.all(['dc', 'time', 'ed'].map(name => xbuild(['install', NAME, name])))
  for (const {exitCode, stderr} of all) t.equal(exitCode, 0, stderr)
  t.match(await inside('sh', '-c', 'command -v dc time ed'), {exitCode: 0})
})
