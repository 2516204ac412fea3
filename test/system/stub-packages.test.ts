import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {scratch, xbuild} from './rig.js'

/** A CPU that the suite has only a cross compiler for. */
const NAME = 'mips64'

const inside = (script: string) => xbuild(['run', NAME, '--ephemeral', '--', 'sh', '-c', script])

t.before(async () => {
  const created = await xbuild(['create', NAME])
  t.equal(created.exitCode, 0, created.stderr)
})
t.teardown(() => xbuild(['remove', NAME]))
t.teardown(() => xbuild(['remove', '--unused']))

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

t.test('a source package of the archive is built, with its tests, and its packages are the target’s', async t => {
  const out = scratch(t)
  const built = await xbuild(['deb', NAME, 'zlib', '--out', out])
  t.equal(built.exitCode, 0, built.stderr.slice(-4000))
  t.match(built.stderr, /zlib test OK/, 'its tests ran')
  const [deb] = readdirSync(out).filter(name => /^zlib1g_.*_mips64\.deb$/.test(name))
  t.ok(deb, 'zlib1g is there')
  const {stdout} = await xbuild(
    [
      'run',
      NAME,
      '--ephemeral',
      '--',
      'sh',
      '-c',
      `dpkg-deb --field "$1" Architecture Depends; dpkg-deb --extract "$1" /tmp/one; file -L /tmp/one/lib/*/libz.so.1`,
      'sh',
      join(out, deb as string),
    ],
    {cwd: out},
  )
  t.match(stdout, /Architecture: mips64\nDepends: libc6 \(>= 2\.\d+\)/)
})
