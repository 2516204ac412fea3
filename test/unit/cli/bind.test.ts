import {join} from 'node:path'
import t from 'tap'
import {parseBind} from '../../../lib/cli/run.js'
import {refusal} from '../refusal.js'

const directory = t.testdir({plain: {}, 'with:colon': {}, 'with space': {}})
const plain = join(directory, 'plain')

t.test('a source alone is shown at its own path', async t => {
  t.same(parseBind(plain), {source: plain, target: plain, access: 'rw'})
})

t.test('a source that is relative is of the current directory', async t => {
  t.same(parseBind('.'), {source: process.cwd(), target: process.cwd(), access: 'rw'})
})

t.test('a place and the access may follow', async t => {
  t.same(parseBind(`${plain}:/cache`), {source: plain, target: '/cache', access: 'rw'})
  t.same(parseBind(`${plain}:/cache:ro`), {source: plain, target: '/cache', access: 'ro'})
  t.same(parseBind(`${plain}:/cache:rw`), {source: plain, target: '/cache', access: 'rw'})
})

t.test('a place that is empty is the own path', async t => {
  t.same(parseBind(`${plain}::ro`), {source: plain, target: plain, access: 'ro'})
})

t.test('a colon of a path is written with a backslash', async t => {
  const source = join(directory, 'with:colon')
  t.same(parseBind(`${source.replaceAll(':', '\\:')}:/a\\:b:ro`), {source, target: '/a:b', access: 'ro'})
})

t.test('a space is a character like any other', async t => {
  const source = join(directory, 'with space')
  t.same(parseBind(`${source}:/a b`), {source, target: '/a b', access: 'rw'})
})

t.test('what is not SRC[:DST[:ro]] is refused, and the message says why', async t => {
  const refused: [string, RegExp][] = [
    ['', /it is not SRC/],
    [':/cache', /it is not SRC/],
    [`${plain}:/a:ro:more`, /it is not SRC/],
    [`${plain}:/a:readonly`, /"readonly" is neither ro nor rw/],
    [`${plain}:cache`, /"cache" is not a path/],
    [`${plain}/missing:/cache`, /missing does not exist/],
  ]
  for (const [text, message] of refused) t.throws(() => parseBind(text), refusal('bad-bind', {message, hint: /SRC\[:DST/}), text)
})

t.test('the root of the session is not a path to show something at, however it is written', async t => {
  for (const place of ['/', '//', '/.', '/a/..']) t.throws(() => parseBind(`${plain}:${place}`), refusal('bad-bind'), place)
})
