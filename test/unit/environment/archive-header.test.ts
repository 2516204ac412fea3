import t from 'tap'
import {encodeHeader, HEADER_SIZE, parseHeader} from '../../../lib/environment/archive-header.js'
import {FORMAT} from '../../../lib/environment/record.js'
import {refusal} from '../refusal.js'

const HEADER = {
  record: {
    format: FORMAT,
    name: 'mine',
    profile: 'arm64',
    suite: 'trixie',
    created: '2026-01-01T00:00:00.000Z',
    root: '0123456789abcdef',
    layers: ['fedcba9876543210'],
    twins: '00112233445566aa',
    elf: {magic: '7f', mask: 'ff'},
    endian: 'little' as const,
    triple: 'aarch64-linux-gnu',
  },
  size: 7,
  sha256: 'abc',
}

t.test('a header is read as it was written', async t => {
  const bytes = encodeHeader(HEADER)
  t.equal(bytes.length, HEADER_SIZE)
  t.same(parseHeader(bytes, 'f'), HEADER)
})

t.test('what is no header is refused', async t => {
  const bytes = encodeHeader(HEADER)
  const changed = (from: string, to: string) => Buffer.from(bytes.toString().replace(from, to))
  t.throws(() => parseHeader(Buffer.from('root:x:0:0'), 'f'), refusal('bad-archive', {message: 'f is no exported environment'}))
  t.throws(() => parseHeader(Buffer.alloc(0), 'f'), refusal('bad-archive'))
  t.throws(() => parseHeader(bytes.subarray(0, 100), 'f'), refusal('bad-archive', {message: /damaged/}))
  t.throws(() => parseHeader(changed('"format":1,', '"format":99,'), 'f'), refusal('bad-archive', {message: /another version/}))
  t.throws(() => parseHeader(changed('"size":7', '"size":"7"'), 'f'), refusal('bad-archive', {message: /incomplete/}))
})

t.test('a key that leads elsewhere is refused', async t => {
  const elsewhere = encodeHeader({...HEADER, record: {...HEADER.record, root: '../../etc'}})
  t.throws(() => parseHeader(elsewhere, 'f'), refusal('bad-archive', {message: /names no layers/}))
})
