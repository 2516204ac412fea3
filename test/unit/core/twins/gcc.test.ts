import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {ProgramImage} from '../../../../lib/core/elf/image.js'
import {makeAdaNative, ownSpecs, replaceSearchPaths, searchPaths} from '../../../../lib/core/twins/gcc.js'

const TRIPLE = 'mips64el-linux-gnuabi64'
const CROSS = (version: string) => `/usr/lib/gcc-cross/${TRIPLE}/${version}`
const UP = '../../../..'

/** The directories that Debian's cross compilers have built in, as `strings` shows them, and what they should become. */
const DIRECTORIES: Record<string, readonly (readonly [from: string, to: string])[]> = {
  12: [
    [`${CROSS('12')}/${UP}/${TRIPLE}/include/c++/12`, '/usr/include/c++/12'],
    [`${CROSS('12')}/${UP}/${TRIPLE}/include/c++/12/${TRIPLE}`, `/usr/include/${TRIPLE}/c++/12`],
    [`${CROSS('12')}/${UP}/${TRIPLE}/include/c++/12/backward`, '/usr/include/c++/12/backward'],
    [`${CROSS('12')}/${UP}/${TRIPLE}/libc++_include/c++/12/v1`, '/usr/libc++_include/c++/12/v1'],
    [`${CROSS('12')}/include`, `/usr/lib/gcc/${TRIPLE}/12/include`],
    [`${CROSS('12')}/include-fixed`, '/usr/local/include'],
    [`${CROSS('12')}/${UP}/${TRIPLE}/include`, `/usr/${TRIPLE}/include`],
  ],
  14: [
    [`${CROSS('14')}/${UP}/${TRIPLE}/include/c++/14`, '/usr/include/c++/14'],
    [`${CROSS('14')}/${UP}/${TRIPLE}/include/c++/14/${TRIPLE}`, `/usr/include/${TRIPLE}/c++/14`],
    [`${CROSS('14')}/${UP}/${TRIPLE}/include/c++/14/backward`, '/usr/include/c++/14/backward'],
    [`${CROSS('14')}/${UP}/${TRIPLE}/include/c++/v1`, '/usr/include/c++/v1'],
    [`${CROSS('14')}/include`, `/usr/lib/gcc/${TRIPLE}/14/include`],
    [`${CROSS('14')}/include-fixed`, '/usr/local/include'],
    [`${CROSS('14')}/${UP}/${TRIPLE}/include`, `/usr/${TRIPLE}/include`],
  ],
}

const froms = (version: string) => (DIRECTORIES[version] ?? []).map(([from]) => from)

/** Strings of a program, each ending in NUL. */
const program = (...texts: readonly string[]) => Buffer.from(['', ...texts, ''].join('\0'))

/** The strings of a program again, with the NULs that fill up a shorter one left out. */
const strings = (bytes: Buffer) => bytes.toString().split(/\0+/).filter(Boolean)

const resolved = (path: string) => new URL(`file://${path}`).pathname

for (const [version, directories] of Object.entries(DIRECTORIES)) {
  t.test(`every directory of gcc ${version} becomes the one of the target's compiler`, async t => {
    const bytes = program('code', ...froms(version), 'more')
    replaceSearchPaths(bytes, TRIPLE, version)
    t.same(
      strings(bytes).map(text => (text.startsWith('/') ? resolved(text) : text)),
      ['code', ...directories.map(([, to]) => to), 'more'],
    )
  })

  t.test(`nothing moves in gcc ${version}`, async t => {
    const before = program('code', ...froms(version), 'more')
    const bytes = Buffer.from(before)
    replaceSearchPaths(bytes, TRIPLE, version)
    const starts = (program: Buffer) => [...program.toString().matchAll(/(?<=\0)[^\0]/g)].map(match => match.index)
    t.equal(bytes.length, before.length)
    t.same(starts(bytes), starts(before))
  })

  t.test(`the copy of gcc ${version}'s own directory that the driver's prefix is applied to stays`, async t => {
    const copy = `${CROSS(version)}/include`
    for (const texts of [
      [copy, 'code', ...froms(version)],
      [...froms(version), 'code', copy],
    ]) {
      const bytes = program(...texts)
      replaceSearchPaths(bytes, TRIPLE, version)
      t.same(
        strings(bytes).filter(text => text === copy),
        [copy],
      )
      t.equal(strings(bytes).indexOf(copy), texts[0] === copy ? 0 : texts.length - 1)
    }
  })

  t.test(`gcc ${version} is refused where it lacks one of them`, async t => {
    for (const missing of froms(version)) {
      const bytes = program(...froms(version).filter(from => from !== missing))
      t.throws(() => replaceSearchPaths(bytes, TRIPLE, version), /is not in the compiler/, missing)
    }
  })
}

t.test('a longer path that only begins alike is left alone', async t => {
  const bytes = program(...froms('12'), `${CROSS('12')}/include/more`, `prefix${CROSS('12')}/include-fixed`)
  replaceSearchPaths(bytes, TRIPLE, '12')
  t.same(strings(bytes).slice(-2), [`${CROSS('12')}/include/more`, `prefix${CROSS('12')}/include-fixed`])
})

t.test('no directory is longer than the one that it replaces, for any compiler', async t => {
  for (const triple of ['arm-linux-gnueabi', 'powerpc64le-linux-gnu', 'riscv64-linux-gnu']) {
    for (const version of ['9', '12', '14']) {
      for (const {from, to} of searchPaths(triple, version).flat()) t.ok(to.length <= from.length, `${from} ${to}`)
    }
  }
})

const ONLY_X64 = {skip: process.arch === 'x64' ? false : 'machine code is known of x86-64 only'}

/** Compiles a program, has it changed, and runs it: what it prints, line by line. */
function changed(t: Test, source: string, flags: readonly string[], change: (image: ProgramImage) => void): string[] {
  const directory = t.testdir({'p.c': `#include <stdio.h>\n#include <string.h>\n${source}`})
  const program = join(directory, 'p')
  execFileSync('cc', [...flags, '-o', program, join(directory, 'p.c')])
  const image = new ProgramImage(readFileSync(program))
  change(image)
  writeFileSync(program, image.bytes)
  return execFileSync(program, {encoding: 'utf8'}).trim().split('\n')
}

/** As GNAT has the arrays of sdefault.adb: all bounds first, `First` and `Last`, each with its text behind. */
const ADA_PARTS = ['adainclude/', 'adalib/', '']
const ADA_SOURCE = `
struct arrays { int include_bounds[2], libraries_bounds[2], own_bounds[2]; char include[96], libraries[96], own[96]; };
__attribute__((section(".rodata"))) const struct arrays all = {
  ${ADA_PARTS.map(part => `{1, ${`${CROSS('12')}/${part}`.length}}`).join(', ')},
  ${ADA_PARTS.map(part => `"${CROSS('12')}/${part}"`).join(', ')} };
__attribute__((noinline)) void show(const char *text, const int *bounds) {
  printf("%.*s|%d\\n", bounds[1], text, bounds[1] == (int) strlen(text));
}
`
const ADA_CODE = `int main(void) { show(all.include, all.include_bounds); show(all.libraries, all.libraries_bounds); show(all.own, all.own_bounds); return 0; }`
const ADA_DATA = `
const char *const texts[] = {all.include, all.libraries, all.own};
const int *const bounds[] = {all.include_bounds, all.libraries_bounds, all.own_bounds};
int main(int count, char **words) { for (int i = 0; i < 3; i++) show(texts[i + count - 1], bounds[i + count - 1]); return 0; }`

t.test('Ada’s directories are the target’s own compiler’s, with their bounds', ONLY_X64, async t => {
  for (const main of [ADA_CODE, ADA_DATA]) {
    for (const flags of [
      ['-O0', '-fno-pie', '-no-pie'],
      ['-O1', '-fno-pie', '-no-pie'],
      ['-O0', '-fPIE', '-pie'],
    ]) {
      const printed = changed(t, `${ADA_SOURCE}${main}`, flags, image => makeAdaNative(image, TRIPLE, '12'))
      t.same(
        printed,
        ADA_PARTS.map(part => `/usr/lib/gcc/${TRIPLE}/12/${part}|1`),
        flags.join(' '),
      )
    }
  }
})

t.test('directories of Ada’s stay where their bounds are those of others too', ONLY_X64, async t => {
  const source = `${ADA_SOURCE}const int *const another = all.include_bounds;\n${ADA_DATA}`
  const [first] = changed(t, source, ['-O0', '-fno-pie', '-no-pie'], image => makeAdaNative(image, TRIPLE, '12'))
  t.equal(first, `${CROSS('12')}/adainclude/|1`)
})

const SPECS = `
__attribute__((aligned(16), section(".rodata"))) const char constant[17] = "/usr/lib/gcc-cro%";
int main(void) {
  static char name[32];
  const char *volatile from = constant;
  memcpy(name, from, 16);
  *(volatile int *) (name + 16) = 0x002f7373;
  return puts(name) < 0;
}`

t.test('the file of specs that a driver reads is the one beside the target’s own compiler', ONLY_X64, async t => {
  t.same(changed(t, SPECS, ['-O1'], ownSpecs), [`/usr/lib/gcc${'/'.repeat(7)}`])
  const twice = SPECS.replace('return', '*(volatile int *) (name + 20) = 0x002f7373; return')
  t.same(changed(t, twice, ['-O1'], ownSpecs), ['/usr/lib/gcc-cross/'], 'where its place is not sure, it stays')
})
