import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import t from 'tap'
import {saysForeignOwner} from '../../../lib/core/project/foreign-owner.js'
import type {IdMap} from '../../../lib/core/session/plan.js'
import {findForeign} from '../../../lib/project/foreign-files.js'

const only = (id: number) => [{inside: 0, outside: id, count: 1}]

t.test('what no session has the owner or group of is found, the outermost first', async t => {
  const tree = mkdtempSync(join(tmpdir(), 'xbuild-foreign-'))
  t.teardown(() => rmSync(tree, {recursive: true}))
  mkdirSync(join(tree, 'a'))
  writeFileSync(join(tree, 'a', 'b'), '')
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  const found = (uids: number, gids: number) => findForeign(tree, {way: 'newuidmap', uids: only(uids), gids: only(gids)} satisfies IdMap)
  t.same(found(uid, gid), [])
  for (const others of [found(uid, gid + 1), found(uid + 1, gid)]) {
    t.same(
      others.map(({path}) => path),
      [tree, join(tree, 'a'), join(tree, 'a/b')],
    )
  }
})

t.test('it is known by what programs say', async t => {
  t.ok(saysForeignOwner("touch: cannot touch 'a': Value too large for defined data type\n"))
  t.ok(saysForeignOwner("OSError: [Errno 75] Value too large for defined data type: 'a'"))
  t.ok(saysForeignOwner('mkdir build: value too large for defined data type'))
  t.ok(saysForeignOwner("Error: EOVERFLOW: value too large for defined data type, open 'a'"))
  t.notOk(saysForeignOwner('error: integer overflow'))
})
