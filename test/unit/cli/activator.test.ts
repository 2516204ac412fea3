import {execa} from 'execa'
import t from 'tap'
import {readTargets} from '../../../lib/config/profiles.js'
import {parseBinmiscctl} from '../../../lib/core/binfmt/entry-binmiscctl.js'

const CLI = new URL('../../../bin/xbuild-env.js', import.meta.url).pathname

const activator = async (...args: string[]) => {
  const {exitCode, stdout, stderr} = await execa(process.execPath, [CLI, 'activator', ...args], {reject: false})
  return {exitCode, stdout, stderr}
}

t.test("FreeBSD's commands for each profile say what its programs are recognised by", async t => {
  const targets = await readTargets()
  t.ok(targets.length > 0)
  for (const target of targets) {
    if (target.programs === 'native') continue
    const {name, elf, qemu} = target
    const {exitCode, stdout, stderr} = await activator('add', '--format', 'binmiscctl', name, '--profile', name, '--set-enabled')
    t.equal(exitCode, 0, stderr)
    const interpreter = [`/usr/local/bin/${qemu.program}-static`, ...qemu.arguments].join(' ')
    t.same(parseBinmiscctl(stdout), [{act: 'add', entry: {name, interpreter, ...elf, offset: 0, state: 'enabled', opened: 'for-each'}}])
  }
})

t.test('no entry is made for programs that run by themselves', async t => {
  t.match(await activator('add', '--format', 'binmiscctl', 'x', '--profile', 'amd64'), {
    exitCode: 2,
    stderr: /amd64 is this machine's own architecture: .*\n {2}.*: xbuild-env create amd64$/,
  })
})

t.test('every verb that changes entries is shown as FreeBSD is told it, whatever the spelling', async t => {
  for (const verb of ['enable', 'disable', 'remove']) {
    t.same(await activator(verb, 'x', '--format', 'binmiscctl'), {exitCode: 0, stdout: `binmiscctl ${verb} x`, stderr: ''})
  }
  const old = await activator('--delete', 'x', '--format', 'binmiscctl')
  t.equal(old.stdout, 'binmiscctl remove x')
  const talk = ['--interpreter', '/usr/bin/lli --fake-argv0=', '--concat-old-arg0', '--magic', 'BC\\xc0\\xde', '--size', '4']
  t.equal(
    (await activator('--add', 'llvm_bc', ...talk, '--format', 'binmiscctl')).stdout,
    "binmiscctl add llvm_bc --interpreter '/usr/bin/lli --fake-argv0=#a' --magic 'BC\\xc0\\xde' --size 4",
  )
})

t.test("the command line takes binmiscctl's spelling", async t => {
  const words = ['ADD', 'x', '--int', '/i --int', '--mag=ab', '--si', '2', '--set', '--format', 'binmiscctl']
  t.equal((await activator(...words)).stdout, "binmiscctl add x --interpreter '/i --int' --magic ab --size 2 --set-enabled")
  const own = await activator('add', '--prof', 'mips64el', 'x')
  t.match(own, {exitCode: 2, stderr: /unknown option '--prof'/}, "xbuild-env's own options are written out")
})

t.test('a format without a word for it says so', async t => {
  const {exitCode, stderr} = await activator('enable', 'x', '--format', 'binfmt.d')
  t.equal(exitCode, 2)
  t.match(stderr, /binfmt\.d has no words for "enable"/)
})
