import {availableParallelism} from 'node:os'
import t from 'tap'
import {scratch, xbuild} from './rig.js'
import {releaseOf} from './source.js'

/** A CPU whose perl was built in its environment. Hours: `npm run test:perl-suite`, not part of `npm test`. */
const PROFILE = process.env.XBUILD_TEST_USERLAND ?? 'mips64'

/** Of perl's own tests, those that fail in an environment, and why. */
const KNOWN: Readonly<Record<string, string>> = {
  'op/magic.t': 'the emulator answers /proc/self/cmdline from what the program was started with: setting $0 does not show',
}

/** By somebody who is not root, as distributions build it: root in a session may not ping, which some tests expect of root. */
const SCRIPT = `cp -r . /tmp/perl && cd /tmp/perl && sh Configure -des -Dcc=gcc -Dusethreads -Duselargefiles >configure.log 2>&1 &&
make -j$1 >make.log 2>&1 && make -j$1 test_prep >prep.log 2>&1 && cd t && TEST_JOBS=$1 ./perl harness`

/** A file's line in the harness's summary: `../lib/x.t (Wstat: 256 (exited 1) Tests: 3 Failed: 1)`. */
const FAILED = /^(\S+\.t) +\(Wstat: /gm

t.test('perl, built in an environment, passes 999 of 1000 files of its own tests', async t => {
  const created = await xbuild(['create', PROFILE, '--name', 'perl-suite', '--userland', '--include', 'netbase'])
  t.equal(created.exitCode, 0, created.stderr)
  t.teardown(() => xbuild(['remove', 'perl-suite']))
  const tree = await releaseOf('perl-suite', 'perl', scratch(t))
  const words = ['sh', '-c', SCRIPT, 'sh', String(availableParallelism())]
  const {stdout, stderr} = await xbuild(['run', 'perl-suite', '--ephemeral', '--user', 'nobody', '--', ...words], {cwd: tree})
  const files = Number(/^Files=(\d+), /m.exec(stdout)?.[1] ?? 0)
  t.ok(files > 2000, `${files} files\n${stderr.slice(-2000)}`)
  const failed = [...stdout.matchAll(FAILED)].map(([, name]) => String(name))
  t.comment(`${files} files, failed: ${failed.join(', ')}`)
  t.ok(failed.length <= files / 1000, `${failed.length} of ${files} failed`)
  for (const name of failed) t.ok(name in KNOWN, `${name} fails for a known reason`)
})
