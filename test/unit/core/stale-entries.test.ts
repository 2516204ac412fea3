import t from 'tap'
import {checkEntries} from '../../../lib/core/doctor.js'
import {type EntryFacts, findStale} from '../../../lib/core/stale-entries.js'

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
}
const jar: EntryFacts = {...qemu, name: 'jar', interpreter: '/usr/bin/jexec', flags: '', magic: '504b0304', mask: 'ffffffff'}

const whats = (...entries: EntryFacts[]) => findStale(entries).map(({name, what}) => `${name}: ${what}`)

t.test('an entry that does what was meant is not stale', async t => {
  t.same(whats(qemu, jar), [])
  t.same(whats({...jar, changed: 3000}), [], 'without F, the file of now is started')
})

t.test('an interpreter that is gone is told of', async t => {
  t.match(whats({...jar, changed: undefined}), [/jexec is gone$/])
  t.match(whats({...qemu, changed: undefined}), [/gone, and the old file still runs/])
})

t.test('the interpreter behind the activator is looked at, and a chroot lacks what it needs', async t => {
  const lli = {...jar, name: 'lli', interpreter: '/usr/libexec/xbuild-env/activator'}
  t.same(whats({...lli, behind: {interpreter: '/usr/bin/lli', there: true}}), [])
  t.same(whats({...lli, behind: {interpreter: '/usr/bin/lli', there: false}}), ['lli: its interpreter /usr/bin/lli is gone'])
  t.match(whats({...qemu, behind: {interpreter: '/usr/bin/qemu', there: true}}), [/chroot need \/usr\/bin\/qemu.*arguments/])
})

t.test('flag F keeps a file that was replaced', async t => {
  t.match(whats({...qemu, changed: 3000}), [/replaced since, and flag F keeps the old file/])
})

t.test('programs need F in chroots and C for sudo; other files do not', async t => {
  t.match(whats({...qemu, flags: ''}), [/without flag F.*chroot/, /without flag C.*sudo/])
})

t.test('two entries for the same files are told of once, and a disabled one not at all', async t => {
  t.match(whats(qemu, {...qemu, name: 'other'}), [/^qemu-mips64el: it and other recognise the same files/])
  t.same(whats(qemu, {...qemu, name: 'other', state: 'disabled', changed: undefined}), [])
})

t.test('doctor warns, and says what to do', async t => {
  const facts = (...entries: EntryFacts[]) =>
    ({systemBinfmt: {mounted: true, registered: [], entries}}) as unknown as Parameters<typeof checkEntries>[0]
  t.match(checkEntries(facts()), {state: 'ok', what: 'none'})
  t.match(checkEntries(facts(qemu)), {state: 'ok', what: 'qemu-mips64el'})
  t.match(checkEntries(facts({...jar, changed: undefined})), {state: 'warning', what: /jar: its interpreter/, fix: /echo -1 > .*\/jar/})
})
