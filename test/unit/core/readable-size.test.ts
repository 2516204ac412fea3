import t from 'tap'
import {readableSize} from '../../../lib/core/readable-size.js'

t.test('sizes have two or three digits, and a unit', async t => {
  const sizes = [0, 1, 999, 1000, 1049, 9949, 9950, 999_499, 999_500, 12_345_678, 3e12, 5e15]
  t.same(sizes.map(readableSize), [
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1.0 kB',
    '1.0 kB',
    '9.9 kB',
    '10 kB',
    '999 kB',
    '1.0 MB',
    '12 MB',
    '3.0 TB',
    '5000 TB',
  ])
})
