import t from 'tap'
import {findHostTexts} from '../../../../lib/core/twins/host-texts.js'

const HOST = 'x86_64-linux-gnu'

const find = (text: string, directories: readonly string[] = []) => {
  const bytes = Buffer.from(text, 'latin1')
  return findHostTexts(bytes, [{start: 0, end: bytes.length}], HOST, directories)
}

t.test('texts with the triple or the cross compilers’ directory in them are found, as wholes, once', async t => {
  t.same(find(`\0/usr/lib/${HOST}/gconv\0x\0a ${HOST} and ${HOST}\0/usr/lib/gcc-cross/\0`), [
    {at: 1, text: `/usr/lib/${HOST}/gconv`, whole: true},
    {at: 35, text: `a ${HOST} and ${HOST}`, whole: true},
    {at: 75, text: '/usr/lib/gcc-cross/', whole: true},
  ])
})

t.test('so are those of other directories', async t => {
  t.same(
    find('\0/usr/lib/man-db\0/usr/lib/other\0', ['/usr/lib/man-db']).map(({text}) => text),
    ['/usr/lib/man-db'],
  )
})

t.test('what lies outside the parts that are in memory is not', async t => {
  const bytes = Buffer.from(`/usr/lib/${HOST}\0`.repeat(3))
  t.equal(findHostTexts(bytes, [{start: 26, end: 52}], HOST, []).length, 1)
})

t.test('wherever code has a text in constants of eight bytes, a part of it is found', async t => {
  for (const [path, begin] of [
    [`/usr/lib/${HOST}/security`, 0],
    [`/lib/${HOST}/security`, 0],
    ['/usr/lib/gcc-cross/mips64el-linux-gnu', 0],
    ['/usr/libexec/gcc-cross/mips64el-linux-gnu', 0],
    ...Array.from({length: 8}, (_, i) => [`${'x'.repeat(i)}/lib/${HOST}/a`, i] as const),
    ...Array.from({length: 8}, (_, i) => [`${'x'.repeat(i)}/lib/gcc-cross/a`, i] as const),
  ] as const) {
    const constants = (path.match(/.{1,8}/gs) ?? []).join('\x01\x02')
    const found = find(constants)
    t.ok(found.length > 0, `${path}, ${begin}`)
    t.ok(found.every(({whole}) => !whole))
  }
})

t.test('the name of a machine, of the target or of any other, is none of the host’s directories', async t => {
  t.same(find('\0lib/x86_64-unknown-linux-gnu/a\0x86_64-pc-linux-gnu\0x86_64-linux-android\0/usr/lib/mips64el-linux-gnuabi64\0/usr/lib/gcc/x/12\0'), [])
})
