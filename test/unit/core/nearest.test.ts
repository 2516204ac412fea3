import t from 'tap'
import {nearest} from '../../../lib/core/nearest.js'

const NAMES = ['arm64', 'armel', 'armhf', 'mips64el', 'mipsel', 's390x']

t.test('a letter too many, too few or wrong still names the one that was meant', async t => {
  t.equal(nearest('mips64ell', NAMES), 'mips64el')
  t.equal(nearest('mps64el', NAMES), 'mips64el')
  t.equal(nearest('s39ox', NAMES), 's390x')
  t.equal(nearest('mips64', NAMES), 'mips64el')
})

t.test('a word that is far from all names none', async t => {
  t.equal(nearest('sparc', NAMES), undefined)
  t.equal(nearest('', NAMES), undefined)
  t.equal(nearest('x', []), undefined)
})

t.test('a name itself is its own nearest', async t => {
  for (const name of NAMES) t.equal(nearest(name, NAMES), name)
})
