import t from 'tap'
import {explainBootstrapFailure, UnmetPackages} from '../../../lib/root/bootstrap.js'

const told = (tail: readonly string[]) => {
  const {reason, message} = explainBootstrapFailure('making the root', tail, {keyring: 'debian-archive-keyring'})
  return `${reason}: ${message}`
}

t.test('a command that failed is told by what it said, and by what mmdebstrap says of it', async t => {
  const tail = [
    "I: running --extract-hook in shell: sh -c 'mount --bind …'",
    'mount: /tree/dev/xbuild/lib: wrong fs type, bad option, bad superblock.',
    'E: setup failed: E: command failed: mount --bind …',
    'I: main() received signal PIPE: waiting for setup...',
    'E: mmdebstrap failed to run',
  ]
  t.equal(
    told(tail),
    'bootstrap-failed: making the root: mount: /tree/dev/xbuild/lib: wrong fs type, bad option, bad superblock. (E: setup failed: E: command failed: mount --bind …)',
  )
})

t.test('of a fault of our own it is told what, not where', async t => {
  const stack = ['SystemError: setpriority returned EACCES', '    at setPriority (node:os:269:11)', '    at async main (main.js:15:9)']
  t.equal(
    told(['fetching', ...stack, "E: setup failed: E: command failed: '/usr/bin/node' …"]),
    "bootstrap-failed: making the root: SystemError: setpriority returned EACCES (E: setup failed: E: command failed: '/usr/bin/node' …)",
  )
})

t.test('an error without such a line before it is told as it is', async t => {
  t.equal(
    told(['I: installing', 'E: run_chroot failed: E: apt failed', 'E: mmdebstrap failed to run']),
    'bootstrap-failed: making the root: E: run_chroot failed: E: apt failed',
  )
})

t.test('where nothing is called an error, the last line is told, or that there is none', async t => {
  t.equal(told(['one', 'two']), 'bootstrap-failed: making the root: two')
  t.equal(told([]), 'bootstrap-failed: making the root: it printed nothing')
})

t.test('a mirror that lacks a file is not told as one whose signature is wrong', async t => {
  const missing = "E: The repository 'http://mirror.example/debian nosuch Release' does not have a Release file."
  t.match(told([missing]), /^archive: making the root: the mirror does not have this suite/)
  t.match(
    told(['E: Failed to fetch http://mirror.example/debian/dists/x/InRelease  404  Not Found', missing]),
    /the mirror does not have this suite/,
  )
  const unsigned = [
    'W: GPG error: http://mirror.example/debian x InRelease: NO_PUBKEY 0123456789ABCDEF',
    "E: The repository 'http://mirror.example/debian x InRelease' is not signed.",
  ]
  t.match(told(unsigned), /not signed by a key that this host trusts/)
  const missingUpdates = [
    "E: The repository 'http://mirror.example/debian-security x-security Release' is not signed.",
    'E: Failed to fetch http://mirror.example/debian-security/dists/x-security/Release  404  Not Found',
  ]
  t.match(told(missingUpdates), /does not have this suite/, 'apt says of an index that is not there that it is not signed, too')
})

t.test('packages that cannot be together are named by the error', async t => {
  const tail = [
    'The following packages have unmet dependencies:',
    ' python3-cysignals-pari : Conflicts: python3-cysignals-bare but 1.11.2+ds-2+b1 is to be installed',
    ' libfoo-dev:arm64 : Depends: libfoo1 (= 1.0) but it is not going to be installed',
    '                    Depends: libbar1 (= 1.0) but it is not going to be installed',
    'E: Unable to correct problems, you have held broken packages.',
  ]
  const error = explainBootstrapFailure('making the twin set', tail, {keyring: 'debian-archive-keyring'})
  t.ok(error instanceof UnmetPackages)
  t.same((error as UnmetPackages).packages, ['python3-cysignals-pari', 'libfoo-dev'])
})
