import t from 'tap'
import {importsOf} from '../../../../lib/core/elf/imports.js'
import {type ElfImage, parseImage} from '../../../../lib/core/elf/sections.js'
import {imports, SHAPES, sectionedElf} from '../../elf-sections-file.js'

const TAKEN = {__libc_start_main: 'GLIBC_2.34', puts: 'GLIBC_2.0', pow: 'GLIBC_2.29'}
const image = (bytes: Buffer) => parseImage(bytes) as ElfImage

for (const shape of SHAPES) {
  t.test(`symbols are taken in versions, ${shape.bits} bits, ${shape.endian}-endian`, async t => {
    t.same(Object.fromEntries(importsOf(image(sectionedElf(shape, imports(shape, TAKEN))))), TAKEN)
  })
}

t.test('what has no such table takes nothing, and a table that is cut is no crash', async t => {
  const shape = {bits: 64, endian: 'little'} as const
  t.equal(importsOf(image(sectionedElf(shape, []))).size, 0)
  const cut = imports(shape, TAKEN).map(section => ({...section, content: section.content.subarray(0, section.content.length - 9)}))
  t.ok(importsOf(image(sectionedElf(shape, cut))).size <= 3)
})
