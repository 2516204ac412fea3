import t from 'tap'
import {
  checkName,
  type EmulatedRecord,
  FORMATS,
  type NativeRecord,
  parseRecord,
  requireTwins,
  twinKeys,
} from '../../../lib/environment/record.js'
import {refusal} from '../refusal.js'

const record: EmulatedRecord = {
  format: FORMATS.emulated,
  programs: 'emulated',
  name: 'mips64el',
  profile: 'mips64el',
  suite: 'bookworm',
  created: '2026-01-02T03:04:05.678Z',
  root: '0123456789abcdef',
  layers: ['0011223344556677'],
  twins: 'fedcba9876543210',
  elf: {magic: '7f', mask: 'ff'},
  endian: 'little',
  triple: 'mips64el-linux-gnuabi64',
}

const {twins: _, ...common} = record
const native: NativeRecord = {...common, format: FORMATS.native, programs: 'native', name: 'amd64', profile: 'amd64'}

const without = (name: keyof EmulatedRecord) => JSON.stringify({...record, [name]: undefined})

t.test('a name of letters, digits, dot, dash and underscore is good', async t => {
  for (const name of ['a', '9', 'mips64el', 'my.env-2_x', 'A'.repeat(63)]) t.doesNotThrow(() => checkName(name))
})

t.test('a name that is no single path component, or an option, is refused', async t => {
  const names = ['', '.', '..', '.hidden', '-rf', '_x', 'a/b', '/a', 'a b', 'a\n', 'ä', 'a:b', 'A'.repeat(64), 'a\0']
  for (const name of names) t.throws(() => checkName(name), refusal('bad-name', {hint: /letters, digits/}), JSON.stringify(name))
})

t.test('what was written is read again', async t => {
  t.same(parseRecord(JSON.stringify(record, null, 2), 'mips64el'), record)
})

t.test('the format tells how the programs of an environment run, whatever else its record says', async t => {
  t.same(parseRecord(JSON.stringify(native), 'amd64'), native)
  t.same(parseRecord(JSON.stringify({...native, twins: '../..', programs: 'emulated'}), 'amd64'), native)
  t.same(parseRecord(without('programs'), 'mips64el'), record, 'of a version that knew no other')
})

t.test('an environment whose programs run by themselves is made of no twin set, and is refused where twins are meant', async t => {
  t.same(twinKeys(native), [])
  t.same(twinKeys(record), [record.twins])
  t.equal(requireTwins(record), record)
  t.throws(() => requireTwins(native), refusal('usage', {message: /^environment "amd64" has neither/, hint: /another architecture/}))
})

t.test('the record of a newer version is refused as such, whatever else is in it', async t => {
  const text = JSON.stringify({format: FORMATS.native + 1})
  t.throws(() => parseRecord(text, 'new'), refusal('newer-format', {message: /"new".*newer xbuild-env/}))
})

t.test('the record of an older version is refused, and the message says how to go on', async t => {
  const text = JSON.stringify({...record, format: FORMATS.emulated - 1})
  t.throws(() => parseRecord(text, 'old'), refusal('older-format', {hint: /xbuild-env remove old/}))
})

t.test('a damaged record is refused, and the message says how to be rid of it', async t => {
  for (const text of ['', '{', 'null', '7', '"text"', '[]', '{}']) {
    t.throws(() => parseRecord(text, 'broken'), refusal('environment-damaged', {hint: /xbuild-env remove broken/}), text)
  }
})

t.test('a record that lacks something a session needs is damaged', async t => {
  for (const name of ['name', 'profile', 'suite', 'root', 'layers', 'twins', 'elf', 'triple'] as const) {
    t.throws(() => parseRecord(without(name), 'broken'), refusal('environment-damaged'), name)
  }
})

t.test('a record without format or byte order is damaged', async t => {
  for (const name of ['format', 'endian'] as const)
    t.throws(() => parseRecord(without(name), 'broken'), refusal('environment-damaged'), name)
})
