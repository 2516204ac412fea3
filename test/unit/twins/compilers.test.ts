import t from 'tap'
import {replaceSearchPaths, searchPaths} from '../../../lib/twins/compilers.js'

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
