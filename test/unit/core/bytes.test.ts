import t from 'tap'
import {inUnits} from '../../../lib/core/bytes.js'

t.test('sizes are told by thousands, in as many digits as people read', async t => {
  t.same([0, 999, 1000, 812_400, 12_345_678, 999_999_999, 1_234_567_890, 123_456_789_000].map(inUnits), [
    '0 B',
    '999 B',
    '1 kB',
    '812 kB',
    '12 MB',
    '1000 MB',
    '1.2 GB',
    '123 GB',
  ])
})
