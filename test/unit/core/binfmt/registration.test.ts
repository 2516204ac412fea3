import t from 'tap'
import {parseRegistered, recogniseTheSame, registerLine, takesFilesOf} from '../../../../lib/core/binfmt/registration.js'
import type {BinfmtEntry} from '../../../../lib/core/session/plan.js'

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

t.test('an entry for n32 is not given programs of o32, which lack one bit of the flags', async t => {
  const o32 = {offset: 0, magic: '7f454c46', mask: 'ffffffff'}
  t.ok(takesFilesOf({offset: 0, magic: '7f454c4600', mask: 'ffffffff20'}, o32))
  t.notOk(takesFilesOf({offset: 0, magic: '7f454c4620', mask: 'ffffffff20'}, o32))
  t.notOk(takesFilesOf({offset: 0, magic: '7f454c47', mask: 'ffffffff'}, o32))
  t.ok(takesFilesOf({offset: 1, magic: '454c', mask: 'ffff'}, o32))
})
