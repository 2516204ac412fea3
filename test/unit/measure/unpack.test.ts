import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import t from 'tap'
import {compareContent, leaves} from '../../../lib/core/compare/content.js'
import {SAME_MODE} from '../../../lib/core/compare/difference.js'
import {readContent} from '../../../lib/measure/unpack.js'

const work = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
t.teardown(() => rmSync(work, {recursive: true}))

/** A tar archive of one file, compressed by a program of the host's. */
function archive(text: string, compressor: readonly string[]): Buffer {
  writeFileSync(join(work, 'f'), text)
  const tar = execFileSync('tar', ['--mtime=@7', '--owner=0', '--group=0', '-c', 'f'], {cwd: work})
  const [program = '', ...args] = compressor
  return execFileSync(program, args, {input: tar})
}

for (const format of ['gzip', 'xz', 'bzip2']) {
  t.test(`archives that ${format} compressed are looked into`, async t => {
    const command = [format, '-c', ...(format === 'gzip' ? ['-n'] : [])]
    const [one, other] = [await readContent(archive('one\n', command)), await readContent(archive('two\n', command))]
    t.same(
      leaves(one).map(({place, bytes}) => [place, bytes.toString()]),
      [[`${format}: f`, 'one\n']],
    )
    t.match(compareContent('a.tar', one, other, SAME_MODE), [{place: `${format}: f: line 1`}])
  })
}

t.test('the same, compressed otherwise, is not the same', async t => {
  const [one, other] = [await readContent(archive('x\n', ['gzip', '-1n'])), await readContent(archive('x\n', ['gzip', '-9n']))]
  t.match(compareContent('a.tar.gz', one, other, SAME_MODE)[0]?.place, /^gzip header/)
})

t.test('a package is an ar archive of compressed tar archives', async t => {
  const deb = async (text: string) => {
    writeFileSync(join(work, 'data.tar.xz'), archive(text, ['xz', '-c']))
    rmSync(join(work, 'p.deb'), {force: true})
    execFileSync('ar', ['crD', 'p.deb', 'data.tar.xz'], {cwd: work})
    return readContent(readFileSync(join(work, 'p.deb')))
  }
  const found = compareContent('p.deb', await deb('one\n'), await deb('two\n'), SAME_MODE)
  t.match(found, [{place: 'data.tar.xz: xz: f: line 1', detail: '"one" and "two"'}])
})

t.test('what is damaged is taken as it is', async t => {
  for (const bytes of [
    archive('one\n', ['gzip', '-c']).subarray(0, 40),
    archive('one\n', ['xz', '-c']).subarray(0, 60),
    Buffer.from('BZh9 no'),
  ]) {
    t.match(await readContent(bytes), {kind: 'plain', bytes})
  }
})

t.test('compressed sections of an ELF file are unpacked', async t => {
  const names = Array.from({length: 100}, (_, i) => `int a_name_that_shows_in_debug_sections_${i};\n`)
  writeFileSync(join(work, 'a.c'), names.join(''))
  execFileSync('cc', ['-g', '-gz=zlib', '-c', 'a.c', '-o', 'a.o'], {cwd: work})
  const section = leaves(await readContent(readFileSync(join(work, 'a.o')))).find(({place}) => place === 'section .debug_str')
  t.match(section?.bytes.toString(), 'a_name_that_shows_in_debug_sections_57')
})
