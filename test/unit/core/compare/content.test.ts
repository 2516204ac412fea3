import t from 'tap'
import {compareBytes, firstDifference} from '../../../../lib/core/compare/bytes.js'
import {type Content, compareContent, leaves, type Member, numbered, type PackedContent} from '../../../../lib/core/compare/content.js'
import {quote, SAME_MODE} from '../../../../lib/core/compare/difference.js'

const plain = (text: string): Content => ({kind: 'plain', bytes: Buffer.from(text)})
const member = (name: string, content: Content | undefined, more: Partial<Member> = {}): Member => ({
  name,
  attributes: 'mode 644',
  content,
  size: content?.bytes.length ?? 0,
  ...more,
})
let serial = 0
const packed = (members: readonly Member[], more: Partial<PackedContent> = {}): Content => ({
  kind: 'packed',
  format: 'tar',
  bytes: Buffer.from(`packed ${serial++}`),
  attributes: '',
  members,
  ...more,
})
const compare = (one: Content, other: Content, name = 'file') =>
  compareContent(name, one, other, SAME_MODE).map(({place, cause}) => [place, cause])

t.test('the first difference is found, also where one ends', async t => {
  const differ = (one: string, other: string) => firstDifference(Buffer.from(one), Buffer.from(other))
  t.equal(differ('', ''), undefined)
  t.equal(differ('same', 'same'), undefined)
  t.equal(differ('a', 'b'), 0)
  t.equal(differ('abc', 'abd'), 2)
  t.equal(differ('abcdefgh', 'abXdefgX'), 2)
  t.equal(differ('abc', 'abcd'), 3)
  t.equal(differ('', 'a'), 0)
})

t.test('texts are compared line by line, as long as they have as many', async t => {
  const [first, second] = compareBytes(Buffer.from('a\nb\nc\nd'), Buffer.from('a\nB\nc\nD'))
  t.match(first, {place: 'line 2', detail: '"b" and "B"', lines: {hybrid: 'b', emulated: 'B'}})
  t.match(second, {place: 'line 4'})
  t.match(compareBytes(Buffer.from('a\nb'), Buffer.from('a\nx\nb')), [
    {place: 'lines', detail: '2 and 3 lines, the first that differs is 2: "b" and "x"'},
  ])
})

t.test('what is not text is compared byte by byte', async t => {
  t.match(compareBytes(Buffer.from('\0ab'), Buffer.from('\0aBc')), [{place: 'bytes', detail: 'at offset 0x2: 62 and 4263, 3 and 4 bytes'}])
})

t.test('bytes in the middle of a text are told as text', async t => {
  t.match(compareBytes(Buffer.from('\0/usr/bin/sed\0'), Buffer.from('\0/usr/bin/qemu\0')), [
    {detail: 'at offset 0xa: "/usr/bin/sed" and "/usr/bin/qemu", 14 and 15 bytes'},
  ])
})

t.test('a message obeys no terminal and stays on its line', async t => {
  t.equal(quote('a\nb\u001b[2Jc\u009b'), 'a\\x0ab\\x1b[2Jc\\x9b')
})

t.test('members are compared one by one', async t => {
  const same = member('same', plain('same'))
  t.same(compare(packed([same, member('a', plain('one'))]), packed([same, member('a', plain('two'))])), [['a: line 1', 'none']])
  t.same(compare(packed([same, member('a', plain(''))]), packed([same])), [['member a', 'none']])
  t.same(compare(packed([same]), packed([member('b', plain('')), same])), [['member b', 'none']])
  t.same(compare(packed([same]), packed([{...same, attributes: 'mode 755'}])), [['same: header', 'none']])
  t.match(compare(packed([same, member('a', plain(''))]), packed([member('a', plain('')), same])), [['order of the members', 'none']])
})

t.test('archives in archives', async t => {
  const nested = (text: string) => packed([member('inner', packed([member('f', plain(text))]))])
  t.same(compare(nested('one'), nested('two')), [['inner: f: line 1', 'none']])
  t.same(
    leaves(nested('one')).map(({place, bytes}) => [place, bytes.toString()]),
    [['inner: f', 'one']],
  )
})

t.test('the same members, packed otherwise, are not the same', async t => {
  t.same(compare(packed([member('a', plain('a'))]), packed([member('a', plain('a'))])), [['packing', 'none']])
})

t.test("an archive's index of symbols counts", async t => {
  const archive = (attributes: string) => packed([], {format: 'ar', attributes})
  t.same(compare(archive('f in member 0'), archive('f in member 1')), [['ar header: line 1', 'none']])
})

t.test('what a thin archive says of a size follows from the file that it means', async t => {
  const thin = (size: number) => packed([member('a.o', undefined, {size})], {format: 'thin ar'})
  t.same(compare(thin(1), thin(2)), [['a.o: size', 'elsewhere']])
})

t.test('members of one name are told apart', async t => {
  t.same(numbered(['a', 'b', 'a', 'a']), ['a', 'b', 'a (2)', 'a (3)'])
})

const log = (body: string, cache: string) =>
  plain(`${body}\n## ---------------- ##\n## Cache variables. ##\n## ---------------- ##\n\n${cache}\n`)

t.test('of config.log only the results count', async t => {
  t.same(compare(log('pid 1', 'ac_cv_x=yes'), log('pid 2\nmore', 'ac_cv_x=yes'), 'sub/config.log'), [['log', 'run-log']])
  t.same(compare(log('pid 1', 'ac_cv_x=yes'), log('pid 2', 'ac_cv_x=no'), 'config.log'), [['results, line 5', 'none']])
  t.same(compare(log('pid 1', 'x'), log('pid 2', 'x'), 'other.log'), [['line 1', 'none']])
  t.same(compare(plain('no results'), plain('none either'), 'config.log'), [['results, line 1', 'none']])
})

t.test('debug files are in directories that are named by build ids', async t => {
  const [a, b] = ['.build-id/aa/11.debug', '.build-id/bb/22.debug']
  const near = {compiler: 'skewed', rename: (name: string) => (name === a ? b : name)} as const
  const tree = (file: string, text: string) =>
    packed([member('x', plain('')), member(file.slice(0, 13), plain('')), member(file, plain(text))])
  const found = (text: string) => compareContent('a.tar', tree(a, 'same'), tree(b, text), near).map(({place, cause}) => [place, cause])
  const directories = [
    ['member .build-id/aa/', 'build-id'],
    ['member .build-id/bb/', 'build-id'],
  ]
  t.same(found('same'), directories)
  t.same(found('other'), [...directories, [`${a}: line 1`, 'none']])
  t.match(compare(tree(a, ''), tree(b, '')), [['member .build-id/aa/', 'none']])
})
