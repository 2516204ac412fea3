import t from 'tap'
import {findLeaks, type LeakRules} from '../../../../lib/core/compare/leaks.js'
import {elfFile} from '../../elf-file.js'

const HOST = 62
const host = elfFile({bits: 64, endian: 'little', machine: HOST})
const target = elfFile({bits: 64, endian: 'little', machine: 8})
const twin = Buffer.concat([host, Buffer.from('a twin')])

const RULES: LeakRules = {
  machine: HOST,
  isTwin: bytes => bytes.equals(twin),
  texts: [
    {text: '/dev/xbuild', tells: 'libraries'},
    {text: 'x86_64-linux-gnu', tells: "the host's triple"},
  ],
}

const leaf = (bytes: Buffer | string, place = '') => ({place, bytes: Buffer.from(bytes as string)})
const find = (hybrid: Buffer | string, emulated: Buffer | string = '') => findLeaks([leaf(hybrid)], [leaf(emulated)], RULES)

t.test("a program of the host's is a leak, unless the emulated build has one there too", async t => {
  t.match(find(host), [{what: "an ELF file of the host's architecture", offset: 0}])
  t.match(find(host, target), [{offset: 0}])
  t.same(find(host, host), [])
  t.same(find(target), [])
})

t.test('a file of the twin set is a leak in any case', async t => {
  t.match(find(twin, twin), [{what: 'an ELF file of the twin set'}])
  const patched = Buffer.concat([host, Buffer.from('/dev/xbuild/lib')])
  t.match(find(patched, patched), [{what: 'an ELF file of the twin set'}])
})

t.test('a text that only the hybrid build has is a leak, with its offset and what is around', async t => {
  t.same(find('a\0prefix=/usr/lib/x86_64-linux-gnu:x\0b'), [
    {place: '', what: "x86_64-linux-gnu (the host's triple)", offset: 18, context: 'prefix=/usr/lib/x86_64-linux-gnu:x'},
  ])
})

t.test('a text that the emulated build has as often is none, wherever it is', async t => {
  const list = 'x86_64-linux-gnu aarch64-linux-gnu'
  t.same(find(list, `elsewhere: ${list}`), [])
  t.match(find(`${list}\nhost=x86_64-linux-gnu`, list), [{offset: 40, context: 'host=x86_64-linux-gnu'}])
})

t.test('what is packed is compared with what is packed at the same place', async t => {
  const found = findLeaks([leaf('x86_64-linux-gnu', 'one'), leaf('x86_64-linux-gnu', 'two')], [leaf('x86_64-linux-gnu', 'one')], RULES)
  t.match(found, [{place: 'two'}])
})
