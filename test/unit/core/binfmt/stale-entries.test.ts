import t from 'tap'
import type {RootAccess} from '../../../../lib/core/as-root.js'
import {type EntryFacts, findStale, nameEntries} from '../../../../lib/core/binfmt/stale-entries.js'

const qemu: EntryFacts = {
  name: 'qemu-mips64el',
  state: 'enabled',
  interpreter: '/usr/bin/qemu-mips64el-static',
  flags: 'OCF',
  offset: 0,
  magic: '7f454c4602010100000000000000000002000800',
  mask: 'ffffffffffffff0000fffffffffffffffeffffff',
  registered: 2000,
  changed: 1000,
  origin: 'unknown',
  activator: undefined,
}
const jar: EntryFacts = {...qemu, name: 'jar', interpreter: '/usr/bin/jexec', flags: '', magic: '504b0304', mask: 'ffffffff'}

const sudo: RootAccess = {way: 'sudo', xbuildEnv: ['xbuild-env']}
const whats = (...entries: EntryFacts[]) => findStale(entries, sudo).map(({names, what}) => `${nameEntries(names)}: ${what}`)
const fixes = (...entries: EntryFacts[]) => findStale(entries, sudo).map(({fix}) => fix)

t.test('an entry that does what was meant is not stale', async t => {
  t.same(whats(qemu, jar), [])
  t.same(whats({...jar, changed: 3000}), [], 'without F, the file of now is started')
})

t.test('an interpreter that is gone is told of', async t => {
  t.match(whats({...jar, changed: undefined}), [/^jar: the interpreter is gone$/])
  t.match(whats({...qemu, changed: undefined}), [/gone, and the old file still runs/])
})

t.test('the interpreter behind the activator is looked at, and a chroot lacks what it needs', async t => {
  const lli = {...jar, name: 'lli', interpreter: '/usr/libexec/xbuild-env/activator'}
  t.same(whats({...lli, behind: {interpreter: '/usr/bin/lli', there: true}}), [])
  t.same(whats({...lli, behind: {interpreter: '/usr/bin/lli', there: false}}), ['lli: the interpreter behind the activator is gone'])
  t.match(whats({...qemu, behind: {interpreter: '/usr/bin/qemu', there: true}}), [/chroot need the interpreter.*arguments/])
})

t.test('flag F keeps a file that was replaced', async t => {
  t.match(whats({...qemu, changed: 3000}), [/replaced since, and flag F keeps the old file/])
})

t.test('programs need F in chroots and C for sudo; other files do not', async t => {
  t.match(whats({...qemu, flags: ''}), [/without flag F.*chroot/, /without flag C.*sudo/])
})

t.test('two entries for the same files are told of once, and a disabled one not at all', async t => {
  t.match(whats(qemu, {...qemu, name: 'other'}), [/^qemu-mips64el and other: .* qemu-mips64el gets them, which is newer$/])
  t.same(whats(qemu, {...qemu, name: 'other', state: 'disabled', changed: undefined}), [])
})

t.test('what is wrong with many entries is one finding, and one line mends it', async t => {
  const gone = ['a', 'b', 'c'].map(name => ({...jar, name, magic: Buffer.from(name).toString('hex'), mask: 'ff', changed: undefined}))
  t.same(whats(...gone), ['3 entries (a, b …): the interpreter is gone'])
  t.match(fixes(...gone), [/^sudo sh -c '.* for entry in a b c; do echo -1 > \$entry; done'$/])
  t.match(fixes({...jar, changed: undefined}), [/^sudo sh -c 'echo -1 > .*\/jar'$/])
})
