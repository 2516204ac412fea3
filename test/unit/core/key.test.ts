import t from 'tap'
import {contentKey} from '../../../lib/core/key.js'

t.test('the key does not depend on the order of the parts', t => {
  t.equal(contentKey({a: 1, b: [2]}), contentKey({b: [2], a: 1}))
  t.match(contentKey({a: 1}), /^[0-9a-f]{16}$/)
  t.end()
})

t.test('another value, or another part, is another key', t => {
  t.not(contentKey({a: 1}), contentKey({a: 2}))
  t.not(contentKey({a: 1}), contentKey({a: 1, b: 1}))
  t.not(contentKey({list: ['x', 'y']}), contentKey({list: ['y', 'x']}))
  t.end()
})
