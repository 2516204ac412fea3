import t from 'tap'
import {parseElf} from '../../../lib/core/elf/header.js'
import {hostArchitecture} from '../../../lib/core/hosts/hosts.js'
import {crossPath, fateOf, type HostFile, type LayoutRules, retarget, rewriteLinkerScript} from '../../../lib/root/layout-rules.js'
import {ET_DYN, ET_EXEC, elfFile} from '../elf-file.js'

const host = hostArchitecture('x64')
const names = {
  host,
  target: {triple: 'mips64-linux-gnuabi64', architecture: 'mips64', machine: 'mips64-unknown-linux-gnuabi64', libc: 'libc6'},
}
const rules: LayoutRules = {names, endian: 'big', isReplaced: () => false, isGone: () => false}
const little: LayoutRules = {...rules, endian: 'little'}

const ET_REL = 1
const elf = (type: number, machine = host.machine): HostFile['content'] => {
  const header = parseElf(elfFile({bits: 64, endian: 'little', machine, type}))
  if (!header) throw new Error('no header')
  return {kind: 'elf', header}
}
const file = (path: string, content: HostFile['content'] = {kind: 'other'}): HostFile => ({path, kind: 'file', content})
const text = (path: string, content: string) => file(path, {kind: 'text', text: content})

t.test('a program of the host becomes a stub at the path that the target has for it', async t => {
  t.same(fateOf(file('/usr/bin/sed', elf(ET_DYN)), rules), {kind: 'stub', to: '/usr/bin/sed'})
  t.same(fateOf(file('/usr/bin/x86_64-linux-gnu-gcc-12', elf(ET_EXEC)), rules), {
    kind: 'stub',
    to: '/usr/bin/mips64-linux-gnuabi64-gcc-12',
  })
})

t.test('a library of the host that a linker would find is left out, and so is a link to it', async t => {
  t.same(fateOf(file('/usr/lib/x86_64-linux-gnu/libz.so.1.2.13', elf(ET_DYN)), rules), {kind: 'leave-out'})
  t.same(fateOf({path: '/usr/lib/x86_64-linux-gnu/libz.so.1', kind: 'link', content: {kind: 'other'}}, rules), {kind: 'leave-out'})
  t.same(fateOf({path: '/usr/lib64/ld-linux-x86-64.so.2', kind: 'link', content: {kind: 'other'}}, rules), {kind: 'leave-out'})
  t.same(fateOf(file('/usr/lib/x86_64-linux-gnu/crt1.o', elf(ET_REL)), rules), {kind: 'leave-out'})
})

t.test('a module that a program loads by its path stays as a stub', async t => {
  t.same(fateOf(file('/usr/lib/x86_64-linux-gnu/perl-base/auto/POSIX/POSIX.so', elf(ET_DYN)), rules), {
    kind: 'stub',
    to: '/usr/lib/mips64-linux-gnuabi64/perl-base/auto/POSIX/POSIX.so',
  })
})

t.test('headers and libraries of a package that the target has otherwise are left out, its other files kept', async t => {
  const replaced: LayoutRules = {...rules, isReplaced: () => true}
  t.same(fateOf(file('/usr/include/stdio.h'), replaced), {kind: 'leave-out'})
  t.same(fateOf(file('/usr/share/doc/libc6/copyright'), replaced), {kind: 'keep', to: '/usr/share/doc/libc6/copyright'})
})

t.test('a text that names the host is written anew, any other one kept', async t => {
  t.same(fateOf(text('/etc/ld.so.conf.d/x86_64-linux-gnu.conf', '/lib/x86_64-linux-gnu\n'), rules), {
    kind: 'rewrite',
    to: '/etc/ld.so.conf.d/mips64-linux-gnuabi64.conf',
    text: '/lib/mips64-linux-gnuabi64\n',
  })
  t.same(fateOf(text('/etc/hosts', '127.0.0.1 localhost\n'), rules), {kind: 'keep', to: '/etc/hosts'})
})

t.test('perl’s configuration has the byte order of the target', async t => {
  const path = '/usr/lib/x86_64-linux-gnu/perl-base/Config.pm'
  const fate = fateOf(text(path, "    byteorder => '12345678',\n"), rules)
  t.same(fate, {kind: 'rewrite', to: retarget(path, names), text: "    byteorder => '87654321',\n"})
  const heavy = fateOf(
    text(
      '/usr/lib/x86_64-linux-gnu/perl/5.36.0/Config_heavy.pl',
      "byteorder='12345678'\nour $byteorder = join('', unpack('a8', pack('L!', $i)));\n",
    ),
    rules,
  )
  t.equal(heavy.kind === 'rewrite' && heavy.text, "byteorder='87654321'\nour $byteorder = '87654321';\n")
})

t.test('locales are kept where the byte order is the same', async t => {
  const path = '/usr/lib/locale/C.utf8/LC_CTYPE'
  t.same(fateOf(file(path), rules), {kind: 'leave-out'})
  t.same(fateOf(file(path), little), {kind: 'keep', to: path})
})

t.test('files of the cross compiler’s packages lie where the target has them', async t => {
  const shared = (path: string) => path === '/usr/include/stdio.h'
  const at = (path: string) => crossPath(path, names, shared)
  t.equal(at('/usr/mips64-linux-gnuabi64/lib/libc.so.6'), '/usr/lib/mips64-linux-gnuabi64/libc.so.6')
  t.equal(at('/usr/mips64-linux-gnuabi64/lib64/ld.so.1'), '/usr/lib64/ld.so.1')
  t.equal(at('/usr/mips64-linux-gnuabi64/include/stdio.h'), '/usr/include/stdio.h')
  t.equal(at('/usr/mips64-linux-gnuabi64/include/bits/wordsize.h'), '/usr/include/mips64-linux-gnuabi64/bits/wordsize.h')
  t.equal(at('/usr/mips64-linux-gnuabi64/include/c++/12/vector'), '/usr/include/c++/12/vector')
  t.equal(
    at('/usr/mips64-linux-gnuabi64/include/c++/12/mips64-linux-gnuabi64/bits/c++config.h'),
    '/usr/include/mips64-linux-gnuabi64/c++/12/bits/c++config.h',
  )
  t.equal(at('/usr/lib/gcc-cross/mips64-linux-gnuabi64/12/crtbegin.o'), '/usr/lib/gcc/mips64-linux-gnuabi64/12/crtbegin.o')
  t.equal(at('/usr/share/doc/libc6-mips64-cross/copyright'), undefined)
})

t.test('a linker script names the libraries where they lie now', async t => {
  t.equal(
    rewriteLinkerScript(
      'GROUP ( /usr/mips64-linux-gnuabi64/lib/libc.so.6 AS_NEEDED ( /usr/mips64-linux-gnuabi64/lib64/ld.so.1 ) )',
      'mips64-linux-gnuabi64',
    ),
    'GROUP ( /usr/lib/mips64-linux-gnuabi64/libc.so.6 AS_NEEDED ( /lib64/ld.so.1 ) )',
  )
})

t.test('the C library goes by the name that its package has there', t => {
  const alpha = {host, target: {triple: 'alpha-linux-gnu', architecture: 'alpha', machine: 'alpha-unknown-linux-gnu', libc: 'libc6.1'}}
  t.equal(
    retarget('libc6 (>= 2.36), libc6-dev | libc6.1, libc60, mylibc6', alpha),
    'libc6.1 (>= 2.36), libc6.1-dev | libc6.1, libc60, mylibc6',
  )
  t.end()
})

t.test('nothing is kept of a package that the target does not have, but the directories that others use too', async t => {
  const gone: LayoutRules = {...rules, isGone: path => path.includes('libfoo')}
  t.same(fateOf(file('/usr/share/doc/libfoo1/copyright'), gone), {kind: 'leave-out'})
  t.same(fateOf({path: '/usr/share/doc/libfoo1', kind: 'directory', content: {kind: 'other'}}, gone), {
    kind: 'keep',
    to: '/usr/share/doc/libfoo1',
  })
})
