import t from 'tap'
import {archiveCauses} from '../../../../lib/core/bulk/archive-causes.js'
import {type ComparedPackage, evidenceOf, type PartPairs} from '../../../../lib/core/bulk/archive-evidence.js'
import {type Difference, different} from '../../../../lib/core/compare/difference.js'
import {comment, imports, type SectionFacts, sectionedElf} from '../../elf-sections-file.js'

const SHAPE = {bits: 64, endian: 'little'} as const
const TRIGGERS = 'control.tar.xz: xz: ./triggers'
const CONTROL = 'control.tar.xz: xz: ./control: line 7'
const PROGRAM = 'data.tar.xz: xz: ./usr/bin/x'
const CODE = `${PROGRAM}: section .text`

const pairs = (all: Record<string, [here: string | Buffer, there: string | Buffer]>): PartPairs =>
  new Map(Object.entries(all).map(([place, [here, there]]) => [place, [Buffer.from(here), Buffer.from(there)] as const]))
const elf = (...sections: SectionFacts[]) => sectionedElf(SHAPE, sections)
const code = (...bytes: number[]): SectionFacts => ({name: '.text', content: Buffer.from(bytes)})
const known = (of: PartPairs, more: Partial<ComparedPackage> = {}): ComparedPackage => ({
  pairs: of,
  controls: ['', ''],
  isRebuild: false,
  packing: 'alike',
  evidence: [],
  year: 2026,
  ...more,
})
const archiveCause = (difference: Difference, of: ComparedPackage) => archiveCauses(difference, of)[0]
const line = (place: string, hybrid: string, emulated: string) => ({...different(place, ''), lines: {hybrid, emulated}})

t.test('debhelper, the compiler and libraries say which they were', async t => {
  const start = (version: string) => elf(...imports(SHAPE, {__libc_start_main: version, puts: 'GLIBC_2.0'}))
  t.same(
    evidenceOf(
      pairs({
        [TRIGGERS]: ['# Triggers added by dh_makeshlibs/13.11.4\n', '# Triggers added by dh_makeshlibs/13.3\n'],
        [PROGRAM]: [start('GLIBC_2.34'), start('GLIBC_2.0')],
        'data.tar.xz: xz: ./usr/lib/x.o': [elf(comment('GCC: (Debian 12.2.0-14) 12.2.0')), elf(comment('GCC: (Debian 10.2.1-6) 10.2.1'))],
      }),
    ),
    ['debhelper 13.3, here 13.11.4', 'a library that had __libc_start_main@GLIBC_2.0, here @GLIBC_2.34', 'gcc 10.2.1-6, here 12.2.0-14'],
  )
  const more = elf(...imports(SHAPE, {__libc_start_main: 'GLIBC_2.34', pow: 'GLIBC_2.29'}))
  t.same(evidenceOf(pairs({[PROGRAM]: [start('GLIBC_2.34'), more]})), [], 'another symbol proves nothing of the library')
})

t.test('code that differs is explained only where other tools are proven', async t => {
  const of = pairs({[PROGRAM]: [elf(code(1, 2, 3, 4)), elf(code(1, 2, 3, 5))], 'data.tar.xz: xz: ./x': ['one', 'two']})
  t.equal(archiveCause(different(CODE, ''), known(of)), undefined)
  t.equal(archiveCause(different(CODE, ''), known(of, {evidence: ['gcc 10']})), 'toolchain')
  t.equal(archiveCause(different('data.tar.xz: xz: ./x: line 1', ''), known(of, {evidence: ['gcc 10']})), undefined, 'data are no code')
  t.equal(
    archiveCause(different('data.tar.xz: xz: member ./y', 'only'), known(of, {evidence: ['gcc 10']})),
    undefined,
    'nor what is missing',
  )
})

t.test('a year in code is the year of the build, and nothing else is', async t => {
  const year = (value: number) => elf(code(6, value & 0xff, value >> 8, 0x24, 9))
  t.equal(archiveCause(different(CODE, ''), known(pairs({[PROGRAM]: [year(2026), year(2022)]}))), 'date')
  t.equal(archiveCause(different(CODE, ''), known(pairs({[PROGRAM]: [year(2025), year(2022)]}))), undefined)
  t.equal(archiveCause(different(CODE, ''), known(pairs({[PROGRAM]: [year(2026), year(2027)]}))), undefined)
  const both = (value: number, other: number) => elf(code(6, value & 0xff, value >> 8, other))
  t.equal(archiveCause(different(CODE, ''), known(pairs({[PROGRAM]: [both(2026, 1), both(2022, 2)]}))), undefined)
})

t.test('least versions of libraries are theirs, where the programs take the same of them', async t => {
  const [here, there] = ['Depends: libc6 (>= 2.34), libgmp10 (>= 2:6.2.1)', 'Depends: libc6 (>= 2.34), libgmp10']
  const controls = [`Package: x\n${here}\n`, `Package: x\n${there}\n`] as const
  const same = elf(...imports(SHAPE, {puts: 'GLIBC_2.0'}), code(1))
  const of = pairs({[PROGRAM]: [same, elf(...imports(SHAPE, {puts: 'GLIBC_2.0'}), code(2))]})
  t.equal(archiveCause(line(CONTROL, here, there), known(of, {controls})), 'libraries')
  const more = [controls[0], `Package: x\n${there}, libx1\n`] as const
  const proven = {controls: more, evidence: ['gcc 10']}
  t.equal(archiveCause(line(CONTROL, here, `${there}, libx1`), known(of, proven)), undefined, 'another library is needed')
  const other = pairs({[PROGRAM]: [same, elf(...imports(SHAPE, {gets: 'GLIBC_2.0'}))]})
  t.equal(archiveCause(line(CONTROL, here, there), known(other, {controls})), undefined)
})

t.test('what debhelper and generators write of themselves, and dates', async t => {
  const changelog = 'data.tar.xz: xz: ./usr/share/doc/x/changelog.Debian.gz: gzip'
  const whole = 'x (2)\n\nx (1)\n'
  const shortened = 'x (2)\n\n# Older entries have been removed from this changelog.\n# To read …\n'
  const page = 'data.tar.xz: xz: ./x.html'
  const of = pairs({
    [TRIGGERS]: ['# Triggers added by dh_makeshlibs/13.11.4\nactivate x\n', '# Triggers added by dh_makeshlibs/13.3\nactivate x\n'],
    [changelog]: [shortened, whole],
    [page]: ['<!-- Generated by Doxygen 1.9.4 -->\n<p class="a">', '<!-- Generated by Doxygen 1.9.1 -->\n<p class="b">'],
    'data.tar.xz: xz: ./t': ['a', 'b'],
  })
  t.equal(archiveCause(line(`${TRIGGERS}: line 1`, 'a', 'b'), known(of)), 'debhelper')
  t.equal(archiveCause(different(`${changelog}: lines`, ''), known(of)), 'debhelper')
  t.equal(archiveCause(line(`${page}: line 2`, '<p class="a">', '<p class="b">'), known(of)), 'generator')
  const text = (one: string, other: string) => archiveCause(line('data.tar.xz: xz: ./t: line 1', one, other), known(of))
  t.equal(text('.TH X "1" "November 2026" "x 1.0"', '.TH X "1" "May 2022" "x 1.0"'), 'date')
  t.equal(text('built on 2026-11-30 15:10:01', 'built on 2022-01-02 03:04:05'), 'date')
  t.equal(text('version 1.0', 'version 1.1'), undefined)
  t.equal(text('cmake_policy(VERSION 2.8.3...3.23)', 'cmake_policy(VERSION 2.8.3...3.22)'), 'generator')
  t.equal(text('cmake_policy(VERSION 2.8.3...3.23)', 'cmake_policy(VERSION 2.8.4...3.23)'), undefined)
  t.equal(text('#! /bin/perl -w', '#! /usr/bin/perl -w'), 'merged-usr')
  t.equal(text('RM=/usr/bin/rm A=/lib/x', 'RM=/bin/rm A=/usr/lib/x'), 'merged-usr')
  t.equal(text('a/usr/bin/rm', 'a/bin/rm'), undefined)
  t.equal(text('/usr/bin/perl', '/usr/bin/perl5'), undefined)
  const libtool = (version: string) => `# Generated by libtool (GNU libtool) ${version} Debian-${version}-5`
  t.equal(text(libtool('2.4.7'), libtool('2.4.6')), 'generator')
  t.equal(
    text(
      '.\\" Automatically generated by Pod::Man 4.14 (Pod::Simple 3.43)',
      '.\\" Automatically generated by Pod::Man 4.11 (Pod::Simple 3.35)',
    ),
    'generator',
  )
})

t.test('a rebuild, and what the archive has of before a package of a library was renamed', async t => {
  const here = 'Package: x\nVersion: 1-1\nDepends: libc6 (>= 2.34), libgcc-s1 (>= 3.0), x-data (= 1-1)\nInstalled-Size: 30\n'
  const there =
    'Package: x\nSource: x (1-1)\nVersion: 1-1+b1\nDepends: libc6 (>= 2.34), libgcc1 (>= 1:3.0), x-data (= 1-1+b1)\nInstalled-Size: 31\n'
  const controls = [here, there] as const
  const of = pairs({'control.tar.xz: xz: ./control': [here, there]})
  const evidence = evidenceOf(of)
  t.same(evidence, ['libgcc1, here libgcc-s1'])
  const lines = different('control.tar.xz: xz: ./control: lines', '4 and 5 lines')
  t.same(archiveCauses(lines, known(of, {controls, evidence, isRebuild: true})).sort(), ['libraries', 'rebuild'])
  const mode = different('control.tar.xz: xz: ./control: header', 'mode 1, time 1 and mode 2, time 1')
  t.same(archiveCauses(mode, known(of, {controls, evidence, isRebuild: true})), [], 'its mode is no field')
  t.same(archiveCauses(lines, known(of, {controls, evidence})), [], 'where there is no rebuild, the version has no cause')
  const other = [here.replace('Package: x', 'Package: y'), there] as const
  t.same(archiveCauses(lines, known(of, {controls: other, evidence, isRebuild: true})), [], 'one field without a cause is enough')
  const info = line('data.tar.xz: xz: ./usr/share/x/info: line 1', 'version 1-1', 'version 1-1+b1')
  t.same(archiveCauses(info, known(of, {isRebuild: true})), ['rebuild'])
  t.same(archiveCauses(info, known(of)), [])
})

t.test('least versions of the same symbols prove other libraries', async t => {
  const control = (version: string) => `Package: x\nDepends: libc6 (>= ${version})\n`
  const program = (...bytes: number[]) => elf(...imports(SHAPE, {puts: 'GLIBC_2.0'}), code(...bytes))
  const at = 'control.tar.xz: xz: ./control'
  t.same(evidenceOf(pairs({[at]: [control('2.34'), control('2.4')], [PROGRAM]: [program(1), program(2)]})), [
    'libc6 (>= 2.4), here (>= 2.34)',
  ])
  const others = elf(...imports(SHAPE, {gets: 'GLIBC_2.0'}))
  t.same(evidenceOf(pairs({[at]: [control('2.34'), control('2.4')], [PROGRAM]: [program(1), others]})), [])
})

t.test('what debhelper adds to a script is its own, in another version', async t => {
  const place = 'control.tar.xz: xz: ./postinst'
  const script = (version: string, does: string, own = 'true') =>
    `#!/bin/sh\n${own}\n# Automatically added by dh_installmenu/${version}\n${does}\n# End automatically added section\n`
  const cause = (here: string, there: string) => archiveCause(line(`${place}: line 4`, 'a', 'b'), known(pairs({[place]: [here, there]})))
  t.equal(cause(script('13.11.4', 'new'), script('11.5.3', 'old')), 'debhelper')
  t.equal(cause(script('13.11.4', 'new'), script('', 'old').replace('/\n', '\n')), 'debhelper', 'that of before has none')
  t.equal(cause(script('13.11.4', 'new'), script('13.11.4', 'old')), undefined, 'one version writes one thing')
  t.equal(cause(script('13.11.4', 'new', 'one'), script('11.5.3', 'old', 'other')), undefined, 'what is not its own counts')
})

t.test("only the last part of Go's build id may differ", async t => {
  const program = (id: string) => elf({name: '.note.go.buildid', content: Buffer.from(`Go\0\0${id}`)})
  const cause = (here: string, there: string) =>
    archiveCause(different(`${PROGRAM}: section .note.go.buildid`, ''), known(pairs({[PROGRAM]: [program(here), program(there)]})))
  t.equal(cause('a/b/c/d', 'a/b/c/e'), 'go-build-id')
  t.equal(cause('a/b/c/d', 'a/b/x/e'), undefined)
})
