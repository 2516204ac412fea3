import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {ProgramImage} from '../../../../lib/core/elf/image.js'
import {goArchitecture, goToolOf, isGoLinker, makeGoLinkerNative} from '../../../../lib/core/twins/go.js'

const TOOLS = '/usr/lib/go-1.19/pkg/tool'

t.test('a tool lies in a directory that is named by the architecture it runs on', async t => {
  t.equal(goToolOf(`${TOOLS}/linux_mips64le/compile`, 'amd64'), `${TOOLS}/linux_amd64/compile`)
  t.equal(goToolOf(`${TOOLS}/linux_amd64/compile`, 'armhf'), `${TOOLS}/linux_arm/compile`)
  for (const path of ['/usr/lib/go-1.19/bin/gofmt', `${TOOLS}/linux_mips64le`, `${TOOLS}/linux_mips64le/a/b`, '/usr/bin/sed'])
    t.equal(goToolOf(path, 'amd64'), undefined, path)
})

t.test('Go has names of its own for some architectures', async t => {
  t.same(['mips64el', 'arm64', 'armel', 's390x'].map(goArchitecture), ['mips64le', 'arm64', 'arm', 's390x'])
})

t.test('the linker is one of the tools', async t => {
  t.ok(isGoLinker(`${TOOLS}/linux_amd64/link`))
  for (const path of [`${TOOLS}/linux_amd64/compile`, '/usr/bin/link']) t.notOk(isGoLinker(path), path)
})

/** Texts as Go has them: all in one, none ends in NUL, and data has their addresses and lengths. */
function linker(t: Test): Buffer {
  const directory = t.testdir()
  const [source, file] = [join(directory, 'linker.c'), join(directory, 'linker')]
  writeFileSync(
    source,
    `static const char texts[] = "go/lib64/ld64.so.1.17/lib64/ld.so.1go";
    static struct { const char *text; long length; } names[] = {{texts + 2, 16}, {texts + 2, 19}, {texts + 2, 16}};
    void _start(void) { *(const char *volatile *)&names[0].text; for (;;); }`,
  )
  execFileSync('cc', ['-O0', '-static', '-nostdlib', '-no-pie', '-o', file, source])
  return readFileSync(file)
}

/** The texts that the data of such a program names. */
function named(bytes: Buffer): string[] {
  const image = new ProgramImage(bytes)
  const [first = 0] = image.placesOf(Buffer.from('go/lib64'))
  const [second = 0] = image.placesOf(Buffer.from('/lib64/ld.so.1go'))
  return [first + 2, second]
    .flatMap(address => image.pointers(address))
    .sort((a, b) => a - b)
    .map(at => {
      const start = image.offset(image.pointerAt(at)) as number
      return bytes.toString('latin1', start, start + image.pointerAt(at + 8))
    })
}

t.test('a linker names the loader that the target’s own does, and no text that begins so is changed', async t => {
  const bytes = linker(t)
  t.same(named(bytes), ['/lib64/ld64.so.1', '/lib64/ld64.so.1.17', '/lib64/ld64.so.1'])
  makeGoLinkerNative(new ProgramImage(bytes), 'mips64el')
  t.same(named(bytes), ['/lib64/ld.so.1', '/lib64/ld64.so.1.17', '/lib64/ld.so.1'])
})

t.test('a linker that does not name the loader so, and one of a target whose loader is not known, is refused', async t => {
  const bytes = linker(t)
  t.throws(() => makeGoLinkerNative(new ProgramImage(bytes), 'arm64'), /is not where it could be made/)
  t.throws(() => makeGoLinkerNative(new ProgramImage(bytes), 'hppa'), /is not known/)
})
