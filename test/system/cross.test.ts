import {copyFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t, {type Test as Tap} from 'tap'
import {asMaker} from './data.js'
import {scratch, xbuild} from './rig.js'
import {releaseOf} from './source.js'

const listOf = (text: string) => text.split(',').filter(Boolean)

const isWide = process.env.XBUILD_TEST_CPUS === 'all'

/** CPUs that a suite has only a cross compiler for: of 64 bits and, in npm run test:cpus, of 32. Any other: XBUILD_TEST_CROSS. */
const PROFILES = listOf(process.env.XBUILD_TEST_CROSS ?? (isWide ? 'mips64,powerpc' : 'mips64'))

/**
 * Those of which programs are built and run, no more: all the others of 32 bits, with an archive or not, and the other
 * PowerPC. Each takes a minute or two, so one stands for all of them in `npm test`, whose stack grows upwards. All: npm run test:cpus.
 */
const OTHERS = ['hppa', 'mipsel', 'ppc64', 'm68k', 'mips', 'mipsr6', 'mipsr6el', 'sh4', 'armel', 'armhf']
const BRIEFLY = process.env.XBUILD_TEST_CROSS !== undefined ? [] : OTHERS.slice(0, isWide ? undefined : 1)

/** What a mirror says that is being updated, or of which a part is broken: nothing that a test of this tool could tell of. */
const MIRROR = /^xbuild-env: .*the mirror gave a file that does not match its index/m

const FIXTURES = fileURLToPath(new URL('cross/', import.meta.url))

/** For Node: e_machine (<elf.h>) and path of every ELF file below a directory, in the file's own byte order. */
const LIST_MACHINES = `
const {closeSync, lstatSync, openSync, readdirSync, readSync} = require('node:fs')
const head = Buffer.alloc(20)
for (const entry of readdirSync(process.argv[1], {recursive: true, withFileTypes: true})) {
  const path = entry.parentPath + '/' + entry.name
  if (!entry.isFile() || lstatSync(path).size < 52) continue
  const file = openSync(path, 'r')
  readSync(file, head, 0, 20, 0)
  closeSync(file)
  if (head.toString('latin1', 0, 4) === '\\x7fELF') console.log(head[5] === 1 ? head.readUInt16LE(18) : head.readUInt16BE(18), path)
}`

/** What `check.sh` prints for a machine. */
const expected = ({uname, bits, endian}: {uname: string; bits: number; endian: string}) =>
  `${uname}\n10000 ${bits} bits ${endian}\ncaught: thrown by a library\n10000 ${bits} bits ${endian}\n`

/** What check.sh links static programs with: on alpha, the linker of Debian 12 spoils their thread-local data otherwise. */
const STATIC: Readonly<Record<string, string>> = {alpha: '-static -Wl,--no-relax'}

const inside = (name: string, script: string, cwd: string) => xbuild(['run', name, '--ephemeral', '--', 'sh', '-c', script], {cwd})

// Their twin sets take most of a gigabyte each, and no other test needs one.
t.teardown(() => xbuild(['remove', '--unused']))

const profileOf = async (name: string) => JSON.parse((await xbuild(['profiles', name, '--json'])).stdout)

async function buildsAndRuns(t: Tap, name: string, profile: Parameters<typeof expected>[0]) {
  const work = scratch(t)
  for (const file of readdirSync(FIXTURES)) copyFileSync(join(FIXTURES, file), join(work, file))
  const built = await inside(name, `sh ./check.sh ${STATIC[name] ?? '-static'}`, work)
  t.equal(built.stderr, '')
  t.equal(built.stdout, expected(profile))
  t.equal(built.exitCode, 0)
}

for (const name of BRIEFLY) {
  t.test(`${name}: threads, exceptions and a shared library are built and run`, async t => {
    const created = await xbuild(['create', name])
    const mirror = MIRROR.exec(created.stderr)
    if (mirror) return t.pass(`${name} is created`, {skip: mirror[0]})
    t.equal(created.exitCode, 0, created.stderr)
    t.teardown(() => xbuild(['remove', name]))
    return buildsAndRuns(t, name, await profileOf(name))
  })
}

for (const name of PROFILES) {
  t.test(`${name}, a CPU without an archive`, async t => {
    const created = await xbuild(['create', name])
    t.equal(created.exitCode, 0, created.stderr)
    t.teardown(() => xbuild(['remove', name]))
    const profile = await profileOf(name)
    const {rootTree} = JSON.parse((await xbuild(['info', name, '--json'])).stdout)

    t.test('threads, exceptions and a shared library are built and run', t => buildsAndRuns(t, name, profile))

    t.test('no file of the root is a program of the host', async t => {
      const {stdout} = await asMaker([process.execPath, '-e', LIST_MACHINES, rootTree])
      const machines = stdout.split('\n').filter(Boolean)
      t.ok(machines.length > 300, `${machines.length} programs`)
      t.equal(new Set(machines.map(line => line.split(' ')[0])).size, 1, 'all of one machine')
      t.notOk(machines.some(line => line.startsWith('62 ')))
    })

    t.test('the compiler and the tools say that they are the target’s own', async t => {
      const said = await inside(
        name,
        'gcc -dumpmachine; dpkg --print-architecture; bash -c \'echo $MACHTYPE\'; perl -V:byteorder; dpkg-query --search "$(realpath "$(gcc -print-file-name=libc.so)")"; dpkg --audit; apt-get --quiet=2 check; grep -rl x86_64-linux-gnu /etc /usr/bin /usr/sbin /usr/lib /var/lib/dpkg || true',
        scratch(t),
      )
      t.equal(
        said.stdout,
        `${profile.triple}\n${profile.architecture}\n${profile.machine}\nbyteorder='${profile.endian === 'big' ? '87654321' : '12345678'}';\n${profile.libc}-dev:${profile.architecture}: /usr/lib/${profile.triple}/libc.so\n`,
        said.stderr,
      )
    })

    t.test('a program without a build for the CPU says so where it would have to be emulated', async t => {
      const run = await xbuild(['run', name, '--ephemeral', '--mode', 'emulated', '--', 'sed', '--version'], {cwd: scratch(t)})
      t.equal(run.exitCode, 126)
      t.match(run.stderr, /sed has no build for this CPU yet/)
      t.ok(run.stderr.endsWith(`: xbuild-env userland ${name}\n`), 'the hint is a command that works as printed')
    })

    t.test('GNU hello is configured, built and passes its tests', async t => {
      const tree = await releaseOf(name, 'hello', scratch(t))
      const built = await inside(name, './configure --disable-nls && make -j2 && make check && ./hello', tree)
      t.equal(built.exitCode, 0, `${built.stdout.slice(-2000)}${built.stderr.slice(-2000)}`)
      t.match(built.stdout, /# PASS: +[1-9][\s\S]*# FAIL: +0[\s\S]*Hello, world!/)
    })
  })
}
