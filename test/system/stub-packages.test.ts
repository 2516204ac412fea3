import {readdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {DATA, scratch, xbuild} from './rig.js'

/** A CPU that the suite has only a cross compiler for. */
const NAME = 'mips64'
/** What was built of it is real there. */
const OWN = 'mips64-own'
/** Of 32 bits. */
const OTHER = 'powerpc'

/** For what later tests use, too. */
const kept = scratch(t)

const inside = (script: string) => xbuild(['run', NAME, '--ephemeral', '--', 'sh', '-c', script])

t.before(async () => {
  const created = await xbuild(['create', NAME])
  t.equal(created.exitCode, 0, created.stderr)
})
t.teardown(() => xbuild(['remove', NAME, OWN, OTHER]))
t.teardown(() => xbuild(['remove', '--unused']))
t.teardown(() => {
  for (const run of ['two', OTHER]) rmSync(join(DATA, 'runs', run), {recursive: true, force: true})
})

t.test('what dpkg says is installed is there, and nothing else is', async t => {
  const {stdout, stderr} = await inside('dpkg --verify; dpkg --audit; apt-get --quiet=2 check')
  t.equal(stdout, '', stderr)
  const listed = await inside('dpkg-query --list')
  t.notMatch(listed.stdout, /^ii +(libssl|libapt|zlib1g|libselinux)/m, 'libraries of the host are none of the root')
  t.match(listed.stdout, /^ii +libc6:mips64 /m)
  const orphans = await inside('for path in /usr/lib/*-linux-*/lib*.so*; do dpkg --search "$path" >/dev/null || echo "$path"; done')
  t.equal(orphans.stdout, '', 'each library is of a package')
})

t.test('what a program is linked with is found by dpkg-shlibdeps, with the cross compiler’s versions', async t => {
  const script = `cd /tmp && mkdir debian && printf 'Source: one\\nMaintainer: one\\n\\nPackage: one\\nArchitecture: any\\n' >debian/control
echo 'int main(void) { throw 1; }' >one.cc && g++ one.cc -o one && dpkg-shlibdeps -O one`
  const {stdout, stderr} = await inside(script)
  t.match(stdout, /^shlibs:Depends=libc6 \(>= 2\.\d+\), libstdc\+\+6( \(>= [\d.]+\))?\n$/, stderr)
})

t.test('gcc’s archiver has the linker’s plugin', async t => {
  const script = `cd /tmp && echo 'int one(void) { return 1; }' >one.c && echo 'int one(void); int main(void) { return one(); }' >main.c
gcc -flto -O2 -c one.c main.c && gcc-ar rc one.a one.o && gcc-ranlib one.a && gcc-nm one.a && gcc -flto -O2 main.o one.a -o main; echo "status $?"; ./main; echo "status $?"`
  const {stdout, stderr} = await inside(script)
  t.match(stdout, / T one\nstatus 0\nstatus 1\n$/, stderr)
})

t.test('a source package of the archive is built, with its tests, and its packages are the target’s', async t => {
  const out = scratch(t)
  const built = await xbuild(['deb', NAME, 'bzip2', '--out', out])
  t.equal(built.exitCode, 0, built.stderr.slice(-4000))
  t.match(built.stderr, /If you got this far and the 'cmp's didn't complain/, 'its tests ran')
  const [deb] = readdirSync(out).filter(name => /^libbz2-1\.0_.*_mips64\.deb$/.test(name))
  t.ok(deb, 'its library is there')
  const {stdout} = await xbuild(
    [
      'run',
      NAME,
      '--ephemeral',
      '--',
      'sh',
      '-c',
      `dpkg-deb --field "$1" Architecture Depends; dpkg-deb --extract "$1" /tmp/one; file -L /tmp/one/lib/*/libbz2.so.1.0`,
      'sh',
      join(out, deb as string),
    ],
    {cwd: out},
  )
  t.match(stdout, /Architecture: mips64\nDepends: libc6 \(>= 2\.\d+\)/)
})

t.test('what a run has built is real in an environment made of its repository, and is there for later runs', async t => {
  const repository = join(kept, 'repository')
  const built = await xbuild([
    'packages',
    'build',
    NAME,
    'hostname',
    'bzip2',
    'dash',
    '--against',
    'nothing',
    '--no-experiments',
    '--run',
    'two',
  ])
  t.equal(built.exitCode, 0, built.stderr.slice(-4000))
  t.equal((await xbuild(['packages', 'publish', 'two', repository])).exitCode, 0)
  const created = await xbuild(['create', NAME, '--name', OWN, '--repository', repository])
  t.equal(created.exitCode, 0, created.stderr)
  t.match(created.stderr, /stubs, with no build for this CPU yet: .*\bbash\b/)
  t.notMatch(created.stderr, /stubs, .*\b(hostname|bzip2|dash)\b/)
  const script = 'echo one | bzip2 | bunzip2'
  const hybrid = await xbuild(['run', OWN, '--ephemeral', '--', 'sh', '-c', `${script}; dpkg --verify; apt-get --quiet=2 check`])
  t.equal(hybrid.stdout, 'one\n', hybrid.stderr)
  const emulated = await xbuild(['run', OWN, '--ephemeral', '--mode', 'emulated', '--', 'bzip2', '--version'])
  t.match(emulated.stderr, /bzip2, a block-sorting file compressor/)
  const plan = await xbuild(['packages', 'plan', OWN, 'file', '--json'])
  const rounds = JSON.parse(plan.stdout).rounds as {source: string}[][]
  t.notOk(
    rounds.flat().some(({source}) => source === 'bzip2'),
    'the repository has its library',
  )
})

t.test('mode emulated emulates what was built, and says what has no build', async t => {
  const script = 'echo one | bzip2 | bunzip2 | cat; uname -m'
  const {stdout, stderr} = await xbuild(['run', OWN, '--ephemeral', '--stats', '--mode', 'emulated', '--', 'sh', '-c', script])
  t.equal(stdout, 'one\nmips64\n', stderr)
  t.match(stderr, /native in mode emulated, too, with no build for this CPU yet: .* and \d+ more/)
  t.match(stderr, /mode emulated: native is what has no build for the CPU/)
  const verified = await xbuild(['deb', OWN, 'hostname', '--verify', '--json', '--out', scratch(t)])
  t.equal(verified.exitCode, 0, verified.stderr.slice(-4000))
  const {verification, stubs} = JSON.parse(verified.stdout) as {verification: {verdict: string}; stubs: string[]}
  t.match(verification, {verdict: /^(identical|explained)$/})
  t.ok(stubs.includes('gcc-12'), 'a compiler is not built')
  t.notOk(stubs.includes('dash') || stubs.includes('bzip2'))
  const refused = await xbuild(['deb', NAME, 'hostname', '--verify'])
  t.equal(refused.exitCode, 2)
  t.match(refused.stderr, /has no builds for its CPU of .*: there is nothing to emulate/)
})

t.test('the same by data alone for another such CPU, of 32 bits', async t => {
  t.equal((await xbuild(['create', OTHER])).exitCode, 0)
  const built = await xbuild(['packages', 'build', OTHER, 'libmd', 'bzip2', '--against', 'nothing', '--no-experiments', '--run', OTHER])
  t.equal(built.exitCode, 0, built.stderr.slice(-4000))
  t.match(JSON.parse((await xbuild(['packages', 'status', OTHER, '--json'])).stdout).counts, {built: 2, failed: 0, blocked: 0})
  const attempt = join(DATA, 'runs', OTHER, 'attempts/bzip2/1')
  const [library = ''] = readdirSync(attempt).filter(name => /^libbz2-1\.0_.*\.deb$/.test(name))
  const unpacked = scratch(t)
  await execa('dpkg-deb', ['--extract', join(attempt, library), unpacked])
  const {stdout} = await execa('readelf', ['--file-header', join(unpacked, `lib/${OTHER}-linux-gnu/libbz2.so.1.0`)])
  t.match(stdout, /ELF32[\s\S]*big endian[\s\S]*PowerPC/)
})
