import t from 'tap'
import {replacePaths} from '../../../../lib/core/twins/replace-paths.js'

const bytes = (text: string) => Buffer.from(text, 'latin1')

t.test('a path is replaced wherever it is, and nothing moves', async t => {
  const file = bytes('head\0/usr/lib/host\0middle\xff/usr/lib/host/gconv\0tail')
  replacePaths(file, [{from: '/usr/lib/host', to: '/dev/lib'}])
  t.equal(file.toString('latin1'), 'head\0/dev/lib/////\0middle\xff/dev/lib//////gconv\0tail')
})

t.test('a path of the same length needs no slashes', async t => {
  const file = bytes('\0/usr/lib/locale\0')
  replacePaths(file, [{from: '/usr/lib/locale', to: '/dev/xbuild/loc'}])
  t.equal(file.toString(), '\0/dev/xbuild/loc\0')
})

t.test('replacements are made one after the other', async t => {
  const file = bytes('/usr/lib/host /lib/host')
  replacePaths(file, [
    {from: '/usr/lib/host', to: '/own'},
    {from: '/lib/host', to: '/own'},
  ])
  t.equal(file.toString(), `/own${'/'.repeat(9)} /own${'/'.repeat(5)}`)
})

t.test('a path that would not fit is refused, and nothing is changed', async t => {
  const file = bytes('/usr/lib')
  t.throws(() => replacePaths(file, [{from: '/usr/lib', to: '/dev/xbuild/lib'}]), /is longer than/)
  t.equal(file.toString(), '/usr/lib')
})

t.test('a path that is not there is refused: the file is another than was meant', async t => {
  t.throws(() => replacePaths(bytes('/lib/other'), [{from: '/usr/lib', to: '/x'}]), /\/usr\/lib is not in the file/)
})
