import t from 'tap'
import {isBuiltOf} from '../../../../lib/core/bulk/archive-comparison.js'

t.test('a version of the archive is that of a file without its epoch, and of a rebuild', async t => {
  t.ok(isBuiltOf('1:2.2.1-5', '2.2.1-5'))
  t.ok(isBuiltOf('1:2.2.1-5+b2', '2.2.1-5'))
  t.ok(isBuiltOf('7.0-9', '7.0-9'))
  t.notOk(isBuiltOf('1:2.2.1-6', '2.2.1-5'))
  t.notOk(isBuiltOf('7.0-9+b1', '7.0-9+b1x'))
})
