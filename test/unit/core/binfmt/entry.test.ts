import fc from 'fast-check'
import t from 'tap'
import {
  type ActivatorEntry,
  applyChange,
  checkEntry,
  checkLinux,
  findEntry,
  interpreterPath,
  interpreterWords,
  OWN_NAME,
} from '../../../../lib/core/binfmt/entry.js'
import {refusal} from '../../refusal.js'
import {anyEntry, BITCODE} from '../entries.js'

const refused = (change: Partial<ActivatorEntry>) => () => checkEntry({...BITCODE, ...change})
const badEntry = (message: RegExp, hint: RegExp = /./) => refusal('bad-entry', {message, hint})

t.test('whatever FreeBSD and Linux take is taken', async t => {
  fc.assert(fc.property(anyEntry, entry => checkLinux(checkEntry(entry)) === entry))
  t.pass()
})

t.test("FreeBSD's limits are named where they are hit", async t => {
  t.doesNotThrow(refused({name: 'n'.repeat(31)}))
  t.throws(refused({name: 'n'.repeat(32)}), badEntry(/32 bytes/, /^FreeBSD allows names of at most 31/))
  t.doesNotThrow(refused({magic: 'ab'.repeat(256)}))
  t.throws(refused({magic: 'ab'.repeat(257)}), badEntry(/257 bytes/, /^FreeBSD allows magics of at most 256/))
  t.doesNotThrow(refused({interpreter: `/${'i'.repeat(1278)}`}))
  t.throws(refused({interpreter: `/${'i'.repeat(1279)}`}), badEntry(/1280 bytes/, /^FreeBSD allows at most 1279/))
  t.doesNotThrow(refused({offset: 4092}))
  t.throws(refused({offset: 4093}), badEntry(/ends at byte 4097/, /^FreeBSD allows magics in the first 4096/))
  const full = Array.from({length: 64}, (_, i) => ({...BITCODE, name: `n${i}`}))
  t.throws(() => applyChange(full, {act: 'add', entry: BITCODE}), badEntry(/64 entries already/, /^FreeBSD allows no more than 64/))
  const withOwn = [{...BITCODE, name: OWN_NAME}, ...full.slice(1)]
  t.equal(applyChange(withOwn, {act: 'add', entry: BITCODE}).length, 65, "an environment's own does not count")
})

t.test("Linux's limits are named where they are hit", async t => {
  t.doesNotThrow(() => checkLinux({...BITCODE, offset: 124}))
  t.throws(() => checkLinux({...BITCODE, offset: 125}), badEntry(/ends at byte 129/, /^Linux allows magics in the first 128/))
  for (const name of ['register', 'status', '.', '..', 'a/b'])
    t.throws(() => checkLinux({...BITCODE, name}), badEntry(/of this name/), name)
})

t.test('what says nothing, or two things, is refused', async t => {
  t.throws(refused({name: ''}), badEntry(/name is empty/))
  t.throws(refused({name: 'a b'}), badEntry(/blanks/))
  t.throws(refused({magic: ''}), badEntry(/no magic/))
  t.throws(refused({mask: 'ffff'}), badEntry(/mask has 2 bytes, its magic 4/))
  t.throws(refused({offset: -1}), badEntry(/offset/))
  t.throws(refused({offset: Number.NaN}), badEntry(/offset/))
  t.throws(refused({interpreter: ''}), badEntry(/interpreter is empty/))
  t.throws(refused({interpreter: 'lli'}), badEntry(/not an absolute path/))
  t.throws(refused({interpreter: '/usr/bin/é'}), badEntry(/beyond ASCII/))
})

t.test('a hash stands only before a or another hash, and the old argv[0] only in arguments', async t => {
  for (const fine of ['/l #a', '/l ##', '/l ###a##', '/a##b #a#a']) t.doesNotThrow(refused({interpreter: fine}), fine)
  for (const wrong of ['/l #', '/l #b', '/l ###', '/l # a']) t.throws(refused({interpreter: wrong}), badEntry(/interpreter has "#/), wrong)
  t.throws(refused({interpreter: '/usr/#a'}), badEntry(/#a in its path/))
})

t.test('an interpreter is a path and words', async t => {
  t.same(interpreterWords({interpreter: '/a##b  x\t#a '}), ['/a##b', 'x', '#a'])
  t.equal(interpreterPath({interpreter: '/a##b x'}), '/a#b')
})

t.test('a change makes the entries new, and leaves the others', async t => {
  const other = {...BITCODE, name: 'other'}
  const both = applyChange([other], {act: 'add', entry: BITCODE})
  t.same(both, [other, BITCODE])
  t.same(applyChange(both, {act: 'disable', name: 'llvm_bc'}), [other, {...BITCODE, state: 'disabled'}])
  t.same(applyChange([{...BITCODE, state: 'disabled'}], {act: 'enable', name: 'llvm_bc'}), [BITCODE])
  t.same(applyChange(both, {act: 'remove', name: 'other'}), [BITCODE])
  t.throws(() => applyChange(both, {act: 'add', entry: other}), badEntry(/"other" already/, /activator remove other/))
})

t.test('a name that is not there gets the nearest', async t => {
  t.throws(() => findEntry([BITCODE], 'llvm_cb'), refusal('unknown-entry', {message: /"llvm_cb"/, hint: /did you mean llvm_bc/}))
  t.throws(() => applyChange([], {act: 'enable', name: 'x'}), refusal('unknown-entry', {hint: /none at all/}))
})
