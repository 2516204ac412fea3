import t from 'tap'
import {encodeHeader, HEADER_SIZE, importedKey, isImported, parseHeader} from '../../../lib/environment/archive-header.js'
import {refusal} from '../refusal.js'
import {EMULATED} from './records.js'

const HEADER = {
  record: EMULATED,
  size: 7,
  sha256: '0123456789abcdef'.repeat(4),
}

t.test('a header is read as it was written', async t => {
  const bytes = encodeHeader(HEADER)
  t.equal(bytes.length, HEADER_SIZE)
  t.same(parseHeader(bytes, 'f'), HEADER)
})

t.test('what is no header is refused', async t => {
  const bytes = encodeHeader(HEADER)
  const changed = (from: string, to: string) => Buffer.from(bytes.toString().replace(from, to))
  t.throws(() => parseHeader(Buffer.from('root:x:0:0'), 'f'), refusal('bad-archive', {message: 'f is not an exported environment'}))
  t.throws(() => parseHeader(Buffer.alloc(0), 'f'), refusal('bad-archive'))
  t.throws(() => parseHeader(bytes.subarray(0, 100), 'f'), refusal('bad-archive', {message: /damaged/}))
  t.throws(() => parseHeader(changed('"format":1,', '"format":99,'), 'f'), refusal('bad-archive', {message: /another version/}))
  t.throws(() => parseHeader(changed('"size":7', '"size":"7"'), 'f'), refusal('bad-archive', {message: /incomplete/}))
})

const withRecord = (changes: object) => encodeHeader({...HEADER, record: {...HEADER.record, ...changes}})

const HOSTILE: object[] = [
  {root: '../../etc'},
  {twins: 'imported-/etc'},
  {layers: ['../x']},
  {layers: ['fedcba9876543210', 'fedcba9876543210']},
  {layers: 'fedcba9876543210'},
  {freezing: 'fedcba9876543210'},
  {name: '../../x'},
  {name: null},
  {name: '-rf'},
  {profile: '../x'},
  {suite: '--setup-hook=x'},
  {triple: '/etc'},
  {mirror: '--setup-hook=touch /tmp/x'},
  {mirror: 'deb [trusted=yes] http://x y'},
  {mirror: 'http://x/ [trusted=yes]'},
  {repository: 'somewhere'},
  {repository: '/two\nlines'},
  {elf: null},
  {elf: {magic: '7f', mask: 'ffff'}},
  {elf: {magic: '7', mask: 'f'}},
  {created: 7},
]

t.test('a record that no environment has is refused', async t => {
  for (const changes of HOSTILE) {
    t.throws(() => parseHeader(withRecord(changes), 'f'), refusal('bad-archive', {message: /^f is damaged/}), JSON.stringify(changes))
  }
})

t.test('a header of something else is refused', async t => {
  const header = (text: string) => Buffer.from(`xbuild-env environment\n${text}\n`)
  for (const text of ['null', '7', '[]', '{}', '{"format":1}', '{"format":1,"record":null}', '"text"']) {
    t.throws(() => parseHeader(header(text), 'f'), refusal('bad-archive'), text)
  }
})

t.test('what else a record says does not come in', async t => {
  t.same(parseHeader(withRecord({more: 'x', repository: '/root', __proto__: {y: 1}}), 'f'), HEADER)
})

t.test('what was imported is known by its key, which follows from all of the file', async t => {
  const key = importedKey(encodeHeader(HEADER))
  t.match(key, /^imported-[0-9a-f]{64}$/)
  t.ok(isImported(key))
  t.notOk(isImported(HEADER.record.root))
  t.not(importedKey(encodeHeader({...HEADER, sha256: 'f'.repeat(64)})), key)
  t.not(importedKey(withRecord({layers: []})), key)
  t.same(parseHeader(withRecord({root: key, twins: key, layers: [`${key}-0`]}), 'f').record.root, key, 'it can be exported again')
})
