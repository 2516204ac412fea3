import t from 'tap'
import {judgeActivator, parseRegistered, planRegister, planUnregister, recogniseTheSame, registerLine} from '../../../lib/core/binfmt.js'
import type {BinfmtEntry} from '../../../lib/core/plan.js'

const entry: BinfmtEntry = {
  name: 'xbuild-env-mips64el',
  offset: 0,
  magic: '\\x7f\\x45\\x4c\\x46\\x02',
  mask: '\\xff\\xff\\xff\\xff\\xff',
  interpreter: '/opt/xbuild-env/xbuild-activator',
  flags: 'POCF',
}

const shown = (name: string, interpreter: string) =>
  parseRegistered(name, `enabled\ninterpreter ${interpreter}\nflags: POCF\noffset 0\nmagic 7f454c4602\nmask ffffffffff\n`)

t.test("an entry is the kernel's line", async t => {
  t.equal(
    registerLine(entry),
    ':xbuild-env-mips64el:M:0:\\x7f\\x45\\x4c\\x46\\x02:\\xff\\xff\\xff\\xff\\xff:/opt/xbuild-env/xbuild-activator:POCF',
  )
})

t.test('a path with a colon gets another separator, and one that is too long is refused', async t => {
  t.match(registerLine({...entry, interpreter: '/opt/a:b'}), /^\|xbuild-env-mips64el\|M\|0\|.*\|\/opt\/a:b\|POCF$/)
  t.throws(
    () => registerLine({...entry, interpreter: `/${'a'.repeat(127)}`}),
    /cannot be registered: the path of its interpreter is longer/,
  )
})

t.test('what the kernel shows is read back', async t => {
  t.match(shown(entry.name, entry.interpreter), {state: 'enabled', magic: '7f454c4602', flags: 'POCF', offset: 0})
  t.equal(parseRegistered('by-extension', 'enabled\ninterpreter /usr/bin/x\nextension .x\n'), undefined)
})

t.test('two entries conflict where a file could be meant by both', async t => {
  t.ok(recogniseTheSame(entry, {offset: 0, magic: '7f454c46', mask: 'ffffffff'}))
  t.notOk(recogniseTheSame(entry, {offset: 0, magic: '7f454c4601', mask: 'ffffffffff'}))
  t.ok(recogniseTheSame(entry, {offset: 0, magic: '7f454c4601', mask: 'ffffffff00'}))
})

t.test('an activator that was replaced after its registration is not the current one', async t => {
  const registered = shown(entry.name, entry.interpreter)
  if (!registered) throw new Error('not read')
  t.equal(judgeActivator(registered, entry.interpreter, {registered: 2, changed: 1}), 'current')
  t.equal(judgeActivator(registered, entry.interpreter, {registered: 1, changed: 2}), 'changed')
  t.equal(judgeActivator(registered, entry.interpreter, {registered: 1, changed: undefined}), 'gone')
  t.equal(judgeActivator(registered, '/elsewhere/xbuild-activator', {registered: 2, changed: 1}), 'other')
})

t.test("another tool's entry for the same programs is named and never touched", async t => {
  const foreign = shown('qemu-mips64el', '/usr/bin/qemu-mips64el-static')
  if (!foreign) throw new Error('not read')
  const present = [{...foreign, activator: undefined}]
  t.throws(() => planRegister([{profile: 'mips64el', entry}], present), /qemu-mips64el/)
  t.same(planUnregister([], present), [])
  t.match(planRegister([{profile: 'mips64el', entry}], []), [{act: 'register', profile: 'mips64el'}])
})
