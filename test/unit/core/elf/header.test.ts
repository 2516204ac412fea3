import {openSync, readSync} from 'node:fs'
import t from 'tap'
import {matchesMagic, parseElf} from '../../../../lib/core/elf/header.js'
import {ENTRY, ET_DYN, ET_EXEC, elfFile, PT_INTERP, PT_LOAD} from '../../elf-file.js'

const SHAPES = [
  {bits: 32, endian: 'little', machine: 40},
  {bits: 32, endian: 'big', machine: 8},
  {bits: 64, endian: 'little', machine: 183},
  {bits: 64, endian: 'big', machine: 22},
] as const

for (const shape of SHAPES) {
  t.test(`a header of ${shape.bits} bits, ${shape.endian}-endian, is read`, async t => {
    t.same(parseElf(elfFile({...shape, type: ET_DYN})), {...shape, type: ET_DYN, entry: ENTRY, interpreter: undefined})
  })

  t.test(`the place of the loader's path is found, ${shape.bits} bits, ${shape.endian}-endian`, async t => {
    const segments = [
      {type: PT_LOAD, offset: 0, size: 4096},
      {type: PT_INTERP, offset: 0x318, size: 28},
    ]
    t.same(parseElf(elfFile({...shape, segments}))?.interpreter, {offset: 0x318, size: 28})
  })

  t.test(`a header that ends one byte early is none, ${shape.bits} bits, ${shape.endian}-endian`, async t => {
    t.equal(parseElf(elfFile(shape).subarray(0, -1)), undefined)
  })

  t.test(`program headers that are cut off are not read, ${shape.bits} bits, ${shape.endian}-endian`, async t => {
    const whole = elfFile({...shape, segments: [{type: PT_INTERP, offset: 64, size: 8}]})
    t.same(parseElf(whole.subarray(0, -1)), {...shape, type: ET_EXEC, entry: ENTRY, interpreter: undefined})
  })
}

t.test('what does not begin as an ELF file is none', async t => {
  t.equal(parseElf(Buffer.alloc(0)), undefined)
  t.equal(parseElf(Buffer.from(`#!/bin/sh\n${'#'.repeat(100)}`)), undefined)
})

t.test('a number that the header cannot hold does not make an endless loop', async t => {
  const bytes = elfFile({bits: 64, endian: 'little', machine: 62})
  bytes.fill(0xff, 20)
  t.equal(parseElf(bytes)?.machine, 62)
})

t.test("the running Node's own file is read", async t => {
  const head = Buffer.alloc(4096)
  readSync(openSync(process.execPath, 'r'), head, 0, head.length, 0)
  const elf = parseElf(head)
  t.equal(elf?.endian, 'little')
  t.equal(elf?.bits, 64)
  t.equal(elf?.machine, process.arch === 'x64' ? 62 : 183)
  const {offset, size} = elf?.interpreter ?? {offset: 0, size: 0}
  t.match(head.subarray(offset, offset + size).toString(), /^\/lib.*ld-linux.*\.so\.[0-9]+\0$/)
})

t.test('a magic matches under its mask only', async t => {
  const magic = Buffer.from([0x7f, 0x02, 0x00])
  const mask = Buffer.from([0xff, 0xfe, 0x00])
  t.ok(matchesMagic(Buffer.from([0x7f, 0x03, 0xaa, 0xbb]), magic, mask))
  t.notOk(matchesMagic(Buffer.from([0x7f, 0x04, 0x00]), magic, mask))
  t.notOk(matchesMagic(Buffer.from([0x7f, 0x02]), magic, mask), 'a file that is shorter')
  t.notOk(matchesMagic(Buffer.from([0x7f, 0x03, 0x00]), magic, Buffer.alloc(0)), 'without a mask, every bit counts')
})
