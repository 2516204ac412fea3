import {spawnSync} from 'node:child_process'
import {chmodSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {ProgramImage} from '../../../../lib/core/elf/image.js'

const ONLY_X64 = process.arch === 'x64' ? false : 'machine code is known of x86-64 only'

/** Compiles a program, has it changed, and runs it: what it prints. */
function changed(t: Test, source: string, flags: readonly string[], change: (image: ProgramImage) => void): string {
  const directory = t.testdir({'p.c': source})
  const program = join(directory, 'p')
  const built = spawnSync('cc', [...flags, '-o', program, join(directory, 'p.c')], {encoding: 'utf8', env: {PATH: process.env.PATH}})
  if (built.status !== 0) throw new Error(built.stderr)
  const image = new ProgramImage(readFileSync(program))
  const size = image.bytes.length
  change(image)
  t.equal(image.bytes.length, size, 'the file is as long as before')
  writeFileSync(program, image.bytes)
  chmodSync(program, 0o755)
  const ran = spawnSync(program, {encoding: 'utf8', env: {}})
  t.equal(ran.status, 0, 'it runs')
  return ran.stdout
}

const TEXTS = `
#include <stdio.h>
const char *pointer = "cpu-vendor-system";
const char *const table[] = {"other", "cpu-vendor-system", "system"};
int main(void) {
    puts("cpu-vendor-system");
    puts(pointer);
    puts(table[1]);
    puts("system");
    puts(table[2]);
    return puts("cpu-vendor-system is not it") < 0;
}
`

t.test('a text is replaced by a longer one wherever code and data use it', {skip: ONLY_X64}, async t => {
  const printed = changed(t, TEXTS, ['-O2', '-fPIE', '-pie'], image => {
    t.ok(image.replaceText('cpu-vendor-system', 'another-and-longer-name') >= 3)
  })
  t.equal(printed, `${'another-and-longer-name\n'.repeat(3)}system\nsystem\ncpu-vendor-system is not it\n`)
})

t.test('a text that is the end of another one is replaced without it', {skip: ONLY_X64}, async t => {
  const printed = changed(t, TEXTS, ['-O2', '-fPIE', '-pie'], image => {
    t.ok(image.replaceText('system', 'x') >= 2)
  })
  t.equal(printed, `${'cpu-vendor-system\n'.repeat(3)}x\nx\ncpu-vendor-system is not it\n`)
})

t.test('several texts find room', {skip: ONLY_X64}, async t => {
  const printed = changed(t, TEXTS, ['-O2', '-fPIE', '-pie'], image => {
    t.ok(image.replaceText('cpu-vendor-system', 'the first of two') > 0)
    t.ok(image.replaceText('system', 'the second of two') > 0)
  })
  t.equal(printed, `${'the first of two\n'.repeat(3)}${'the second of two\n'.repeat(2)}cpu-vendor-system is not it\n`)
})

t.test('a text that nothing uses is not replaced', {skip: ONLY_X64}, async t => {
  const printed = changed(t, TEXTS, ['-O2', '-fPIE', '-pie'], image => {
    t.equal(image.replaceText('no such text', 'x'), 0)
    t.equal(image.replaceText('ystem', 'x'), 0)
  })
  t.match(printed, /^cpu-vendor-system\n/)
})

t.test('a text for which there is no room is not replaced', {skip: ONLY_X64}, async t => {
  changed(t, TEXTS, ['-O2', '-fPIE', '-pie'], image => {
    t.equal(image.replaceText('cpu-vendor-system', 'x'.repeat(5000)), 0)
    t.throws(() => image.addText('x'.repeat(5000)), /no room/)
  })
})

t.test('pointers and arguments of a program that is not position-independent', {skip: ONLY_X64}, async t => {
  const source = `
#include <stdio.h>
const char *variable = "1";
__attribute__((noinline)) int show(const char *a, const char *b) { return printf("%s%s\\n", a, b); }
int main(void) {
    return show("triple", "-") < 0 || puts(variable) < 0;
}
`
  const printed = changed(t, source, ['-O1', '-fno-pie', '-no-pie'], image => {
    const [one] = image.textAddresses('1').flatMap(address => image.pointers(address))
    t.equal(image.textAt(image.pointerAt(one as number)), '1')
    image.setPointer(one as number, image.addText('0'))
    const [text] = image.textAddresses('triple')
    const places = image.arguments(text as number, 'first')
    t.equal(places.length, 1)
    image.setArgument(places[0] as number, (text as number) + 'triple'.length)
  })
  t.equal(printed, '-\n0\n')
})

t.test('what is used of a text is told by its address, also where that lies within the text', {skip: ONLY_X64}, async t => {
  for (const flags of [
    ['-O2', '-fPIE', '-pie'],
    ['-O2', '-fno-pie', '-no-pie'],
  ]) {
    changed(t, TEXTS, flags, image => {
      const [text] = image.placesOf(Buffer.from('cpu-vendor-system\0')) as [number]
      const end = text + 'cpu-vendor-system'.length
      t.same(image.usedWithin(text, end), [text, end - 'system'.length])
      t.same(image.usedWithin(text + 1, end - 'system'.length), [])
      t.ok(image.uses(text) >= 3)
      t.equal(image.uses(text + 1), 0)
      t.equal(image.addressAt(image.offset(text) as number), text)
      t.ok(image.startsWith(text, 'cpu-vendor'))
      t.notOk(image.startsWith(text, 'system'))
    })
  }
})
