import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import t from 'tap'
import {compareElf} from '../../../../lib/core/compare/elf.js'
import {buildId, type ElfImage, parseImage, zlibSections} from '../../../../lib/core/elf/sections.js'
import {buildIdNote, comment, type ElfShape, type SectionFacts, SHAPES, sectionedElf} from '../../elf-sections-file.js'

const NEAR = {compiler: 'skewed', rename: (name: string) => name} as const
const EXACT = {...NEAR, compiler: 'exact'} as const
const OLD = 'GCC: (Debian 12.2.0-14) 12.2.0'
const UPDATE = 'GCC: (Debian 12.2.0-14+deb12u1) 12.2.0'
const TEXT: SectionFacts = {name: '.text', flags: 6, content: Buffer.from('instructions')}
const LITTLE: ElfShape = {bits: 64, endian: 'little'}

const image = (bytes: Buffer) => parseImage(bytes) as ElfImage
const compare = (one: readonly SectionFacts[], other: readonly SectionFacts[], rules: typeof NEAR | typeof EXACT = NEAR, shape = LITTLE) =>
  compareElf(image(sectionedElf(shape, one)), image(sectionedElf(shape, other)), rules).map(({place, cause}) => [place, cause])

for (const shape of SHAPES) {
  const name = `${shape.bits} bits, ${shape.endian}-endian`

  t.test(`sections are read, ${name}`, async t => {
    const {sections, rest} = image(sectionedElf(shape, [{...TEXT, address: 0x1000}, comment(OLD)], {gap: Buffer.from([0, 7, 0])}))
    t.same(
      sections.map(section => section.name),
      ['', '.text', '.comment', '.shstrtab'],
    )
    t.match(sections[1], {type: 1, flags: 6, address: 0x1000, size: 12})
    t.equal(sections[1]?.content.toString(), 'instructions')
    t.same(rest, Buffer.from([7]))
  })

  t.test(`only the revision string and the build id differ, ${name}`, async t => {
    const one = [TEXT, comment(OLD), buildIdNote(shape, 'aa'.repeat(20)), {...TEXT, name: '.data'}]
    const other = [TEXT, comment(UPDATE), buildIdNote(shape, 'bb'.repeat(20)), {...TEXT, name: '.data'}]
    t.same(compare(one, other, NEAR, shape), [
      ['section .comment', 'compiler-revision'],
      ['section .note.gnu.build-id', 'build-id'],
    ])
    t.same(compare(one, other, EXACT, shape), [
      ['section .comment', 'none'],
      ['section .note.gnu.build-id', 'none'],
    ])
  })

  t.test(`one instruction differs, ${name}`, async t => {
    t.same(compare([TEXT], [{...TEXT, content: Buffer.from('instructionz')}], NEAR, shape), [['section .text', 'none']])
  })

  t.test(`a build id is read, ${name}`, async t => {
    const id = '0123456789abcdef0123456789abcdef01234567'
    t.equal(buildId(image(sectionedElf(shape, [buildIdNote(shape, id)]))), id)
    t.equal(buildId(image(sectionedElf(shape, [TEXT]))), undefined)
  })

  t.test(`a file that is cut off is no image, ${name}`, async t => {
    t.equal(parseImage(sectionedElf(shape, [TEXT]).subarray(0, -1)), undefined)
  })
}

t.test('the same files have no difference', async t => {
  t.same(compare([TEXT, comment(OLD)], [TEXT, comment(OLD)], EXACT), [])
})

t.test("the C library's start files may name the update too", async t => {
  t.same(compare([comment(UPDATE, OLD)], [comment(UPDATE)]), [['section .comment', 'compiler-revision']])
})

t.test('another compiler, version or Debian revision is no stable update', async t => {
  for (const text of ['GCC: (Debian 12.2.0-15) 12.2.0', 'GCC: (Debian 12.2.0-14) 12.3.0', 'Debian clang version 14.0.6', `${OLD} `]) {
    t.same(compare([comment(text)], [comment(UPDATE)]), [['section .comment', 'none']], text)
    t.same(compare([comment(UPDATE, text)], [comment(UPDATE)]), [['section .comment', 'none']], text)
  }
})

t.test('links to debug files may differ in the checksum, not in the name', async t => {
  const link = (name: string, sum: string): SectionFacts => ({name: '.gnu_debuglink', content: Buffer.from(`${name}\0\0${sum}`)})
  t.same(compare([link('ed.debug', 'abcd')], [link('ed.debug', 'efgh')]), [['section .gnu_debuglink', 'debug-link']])
  t.same(compare([link('ed.debug', 'abcd')], [link('red.debug', 'efgh')]), [['section .gnu_debuglink', 'none']])
  const [a, b] = [`${'a'.repeat(38)}.debug`, `${'b'.repeat(38)}.debug`]
  t.same(compare([link(a, 'abcd')], [link(b, 'efgh')]), [['section .gnu_debuglink', 'debug-link']])
  t.same(compare([link('ed.debug', 'abcd')], [link('ed.debug', 'efgh')], EXACT), [['section .gnu_debuglink', 'none']])
})

t.test('a section without bytes may lie beyond the end, as those of a file of debug symbols do', async t => {
  const nobits = (size: number): SectionFacts => ({name: '.got', type: 8, content: Buffer.alloc(0), offset: 0x10000, size})
  for (const shape of SHAPES) {
    const [one, other] = [image(sectionedElf(shape, [TEXT, nobits(8)])), image(sectionedElf(shape, [TEXT, nobits(16)]))]
    t.same(compareElf(one, one, NEAR), [])
    t.match(compareElf(one, other, NEAR), [{place: 'section .got', detail: '8 and 16 bytes'}])
  }
  t.equal(parseImage(sectionedElf(LITTLE, [{...TEXT, offset: 0x10000}])), undefined, 'one with bytes may not')
})

t.test('what a section header says counts', async t => {
  t.same(compare([TEXT], [{...TEXT, address: 16}]), [['section .text, address', 'none']])
  t.same(compare([TEXT], [{...TEXT, flags: 2}]), [['section .text, flags', 'none']])
  t.same(compare([TEXT], [{...TEXT, type: 7}]), [['section .text, type', 'none']])
})

t.test('a section that one file lacks, and another order', async t => {
  const more = {...TEXT, name: '.more'}
  t.same(compare([TEXT], [more, TEXT]), [
    ['section .more', 'none'],
    ['section .shstrtab', 'none'],
  ])
  t.match(compare([TEXT, more], [more, TEXT]), [['order of the sections', 'none']])
})

t.test('code and data are told first, what tells of their places behind', async t => {
  const dynamic = (content: string): SectionFacts => ({name: '.dynamic', type: 6, content: Buffer.from(content)})
  t.same(compare([dynamic('a'), TEXT], [dynamic('b'), {...TEXT, content: Buffer.from('longer')}]), [
    ['section .text', 'none'],
    ['section .dynamic', 'none'],
  ])
})

t.test('bytes in no section count, unless they are zero', async t => {
  const withGap = (gap: number[]) => image(sectionedElf(LITTLE, [TEXT], {gap: Buffer.from(gap)}))
  t.same(compareElf(withGap([]), withGap([0, 0]), NEAR), [])
  t.match(compareElf(withGap([0, 1]), withGap([0, 2]), NEAR), [{place: 'outside of all sections', cause: 'none'}])
})

t.test("the seed in LTO sections' names does not count, their content does", async t => {
  const lto = (seed: string, content = 'code'): SectionFacts => ({name: `.gnu.lto_main.${seed}`, content: Buffer.from(content)})
  t.same(compare([lto('1a2b3c4d')], [lto('5e6f7081')]), [['section .shstrtab', 'none']])
  t.match(compare([lto('1a2b3c4d')], [lto('1a2b3c4d', 'c0de')]), [['section .gnu.lto_main.*', 'none']])
})

t.test("what the host's own compiler makes", async t => {
  const work = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  t.teardown(() => rmSync(work, {recursive: true}))
  const build = (name: string, source: string) => {
    writeFileSync(join(work, 'a.c'), source)
    execFileSync('cc', ['-g', '-gz=zlib', '-O2', '-o', join(work, name), join(work, 'a.c')])
    return image(readFileSync(join(work, name)))
  }
  const one = build('one', 'int main(void) { return 1; }\n')
  const other = build('other', 'int main(void) { return 2; }\n')
  const places = compareElf(one, other, EXACT).map(({place}) => place)
  t.ok(places.includes('section .text'), places.join())
  t.same(compareElf(one, build('again', 'int main(void) { return 1; }\n'), EXACT), [])
  t.ok(zlibSections(one).some(({name}) => name === '.debug_info' || name === '.debug_str'))
})
