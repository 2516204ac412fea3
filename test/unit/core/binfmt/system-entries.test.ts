import t from 'tap'
import type {EntryChange} from '../../../../lib/core/binfmt/entry.js'
import type {RegisteredEntry} from '../../../../lib/core/binfmt/registration.js'
import {foreignEntry, planSystemChange, presentEntries, type SystemActivatorEntry} from '../../../../lib/core/binfmt/system-entries.js'
import {SYSTEM_ACTIVATOR, SYSTEM_ENTRIES} from '../../../../lib/core/places.js'
import {refusal} from '../../refusal.js'
import {BITCODE} from '../entries.js'

const bitcode: SystemActivatorEntry = {...BITCODE, lasts: 'until-restart'}
const jar: SystemActivatorEntry = {...bitcode, name: 'jar', interpreter: '/usr/bin/jexec', magic: '504b0304'}
const present = (entry: SystemActivatorEntry, interpreter: string): RegisteredEntry => ({
  name: entry.name,
  state: 'enabled',
  interpreter,
  flags: '',
  offset: entry.offset,
  magic: entry.magic,
  mask: 'ffffffff',
})
const presentBitcode = present(bitcode, SYSTEM_ACTIVATOR)
const presentJar = present(jar, '/usr/bin/jexec')
const add = ({lasts: _, ...entry}: SystemActivatorEntry): EntryChange => ({act: 'add', entry})

const steps = (...args: Parameters<typeof planSystemChange>) =>
  planSystemChange(...args).steps.map(step =>
    step.act === 'write' ? `${step.content === undefined ? 'remove' : 'write'} ${step.path}` : `${step.act} ${step.line}`,
  )

t.test('an interpreter without arguments is told to the kernel itself', async t => {
  t.same(steps([], [], [add(jar)], 'until-restart'), [`write ${SYSTEM_ENTRIES}`, 'register :jar:M:0:PK\\x03\\x04::/usr/bin/jexec:'])
  const pinned = add({...jar, opened: 'at-once', mask: 'ffffff00'})
  t.match(steps([], [], [pinned], 'until-restart').at(-1), 'register :jar:M:0:PK\\x03\\x04:\\xff\\xff\\xff\\x00:/usr/bin/jexec:F')
})

t.test('one with arguments is, through the activator, which finds them in its table', async t => {
  t.same(steps([], [], [add(bitcode)], 'until-restart'), [
    `write ${SYSTEM_ACTIVATOR}`,
    `write ${SYSTEM_ENTRIES}`,
    `register :llvm_bc:M:0:BC\\xc0\\xde::${SYSTEM_ACTIVATOR}:POF`,
  ])
})

t.test('the kernel holds the table with the activator, so that it is given the new one with every change', async t => {
  const line = `:llvm_bc:M:0:BC\\xc0\\xde::${SYSTEM_ACTIVATOR}:POF`
  const made = steps([bitcode], [presentBitcode], [add(jar)], 'until-restart')
  t.same(made.slice(0, 2), [`unregister ${line}`, `write ${SYSTEM_ACTIVATOR}`])
  t.same(made.slice(-2), [`register ${line}`, 'register :jar:M:0:PK\\x03\\x04::/usr/bin/jexec:'])
  const plain = steps([jar], [presentJar], [add({...jar, name: 'other', magic: '5859'})], 'until-restart')
  t.notOk(
    plain.some(step => step.includes(':jar:')),
    'one without arguments stays as it is',
  )
})

t.test('entries that a restart has lost were in the table that the kernel holds', async t => {
  const other: SystemActivatorEntry = {...bitcode, name: 'other', magic: '5859', lasts: 'for-good'}
  const made = steps([bitcode, other], [present(other, SYSTEM_ACTIVATOR)], [add({...jar, state: 'disabled'})], 'until-restart')
  t.match(made[0], /^unregister :other:/)
  t.match(made.at(-1), /^register :other:/)
})

t.test('a disabled entry is kept, not registered', async t => {
  t.same(steps([], [], [add({...jar, state: 'disabled'})], 'until-restart'), [`write ${SYSTEM_ENTRIES}`])
  const [unregister] = steps([jar], [presentJar], [{act: 'disable', name: 'jar'}], 'until-restart')
  t.match(unregister, /^unregister :jar:/)
})

t.test('what was enabled before a restart is disabled after it, and can be enabled', async t => {
  t.match(presentEntries([jar, bitcode], [presentBitcode]), [{state: 'disabled'}, {state: 'enabled'}])
  t.match(steps([jar], [], [{act: 'enable', name: 'jar'}], 'until-restart').at(-1), /^register :jar:/)
})

t.test('what lasts for good is in binfmt.d as long as it is enabled', async t => {
  const file = '/etc/binfmt.d/xbuild-env-jar.conf'
  const lasting: SystemActivatorEntry = {...jar, lasts: 'for-good'}
  t.equal(steps([], [], [add(jar)], 'for-good').at(-1), `write ${file}`)
  t.equal(steps([lasting], [presentJar], [{act: 'disable', name: 'jar'}], 'until-restart').at(-1), `remove ${file}`)
  t.equal(steps([lasting], [presentJar], [{act: 'remove', name: 'jar'}], 'until-restart').at(-1), `remove ${file}`)
  t.notOk(steps([jar], [presentJar], [{act: 'remove', name: 'jar'}], 'until-restart').includes(`remove ${file}`))
})

t.test('what lasts for good and was lost is registered again with the next change', async t => {
  const lasting: SystemActivatorEntry = {...jar, lasts: 'for-good'}
  const made = steps([lasting], [], [add(bitcode)], 'until-restart')
  t.ok(made.some(step => step.startsWith('register :jar:')))
  t.notOk(made.some(step => step.includes('binfmt.d')))
})

t.test('with the last entry all files go', async t => {
  t.same(steps([bitcode], [presentBitcode], [{act: 'remove', name: 'llvm_bc'}], 'until-restart'), [
    `unregister :llvm_bc:M:0:BC\\xc0\\xde::${SYSTEM_ACTIVATOR}:POF`,
    `remove ${SYSTEM_ACTIVATOR}`,
    `remove ${SYSTEM_ENTRIES}`,
  ])
})

t.test('what another tool made is not touched, nor are files taken away from it', async t => {
  const foreign = {...presentJar, name: 'openjdk', interpreter: '/usr/bin/other'}
  const refused = (message: RegExp) => refusal('name-taken', {message, hint: /left as it is/})
  t.throws(() => planSystemChange([], [foreign], [{act: 'remove', name: 'openjdk'}], 'until-restart'), refused(/"openjdk" of another tool/))
  t.throws(() => planSystemChange([], [foreign], [add({...bitcode, name: 'openjdk'})], 'until-restart'), refused(/has this name/))
  t.throws(() => planSystemChange([], [foreign], [add(jar)], 'until-restart'), refused(/recognises such files already/))
  t.throws(
    () => planSystemChange([{...jar, state: 'disabled'}], [foreign], [{act: 'enable', name: 'jar'}], 'until-restart'),
    refused(/recognises/),
  )
  t.throws(
    () => planSystemChange([jar], [{...presentJar, interpreter: '/x'}], [{act: 'remove', name: 'jar'}], 'until-restart'),
    refused(/has this name/),
  )
  t.doesNotThrow(() => planSystemChange([], [foreign], [add({...jar, state: 'disabled'})], 'until-restart'))
})

t.test('it is shown as an entry all the same', async t => {
  t.same(foreignEntry({...presentJar, flags: 'F', interpreter: '/a#b'}), {
    name: 'jar',
    interpreter: '/a##b',
    magic: '504b0304',
    offset: 0,
    state: 'enabled',
    opened: 'at-once',
  })
})
