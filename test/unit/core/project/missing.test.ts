import t from 'tap'
import {findMissing} from '../../../../lib/core/project/missing.js'

/** What programs say, and a path of Debian's that is it. */
const SAID: [line: string, path: string][] = [
  ['sh: 1: cmake: not found', 'usr/bin/cmake'],
  ['/bin/sh: 3: bison: not found', 'usr/bin/bison'],
  ['./autogen.sh: 12: autoreconf: not found', 'usr/bin/autoreconf'],
  ['./build.sh: line 4: flex: command not found', 'usr/bin/flex'],
  ['make[1]: makeinfo: No such file or directory', 'usr/bin/makeinfo'],
  ["WARNING: 'automake-1.16' is missing on your system.", 'usr/bin/automake-1.16'],
  ['Can\'t exec "libtoolize": No such file or directory at /usr/share/autoconf/Autom4te/FileUtil.pm line 293.', 'usr/bin/libtoolize'],
  ['main.c:1:10: fatal error: zlib.h: No such file or directory', 'usr/include/zlib.h'],
  ["x.c:3:10: fatal error: 'openssl/ssl.h' file not found", 'usr/include/openssl/ssl.h'],
  ['/usr/bin/ld: cannot find -lncurses: No such file or directory', 'usr/lib/mips64el-linux-gnuabi64/libncurses.so'],
  ["No package 'glib-2.0' found", 'usr/lib/mips64el-linux-gnuabi64/pkgconfig/glib-2.0.pc'],
  ['meson.build:7:0: ERROR: Dependency "libffi" not found, tried pkgconfig and cmake', 'usr/lib/s390x-linux-gnu/pkgconfig/libffi.pc'],
  [
    '  By not providing "FindGTest.cmake" in CMAKE_MODULE_PATH this project has',
    'usr/lib/arm-linux-gnueabihf/cmake/GTest/GTestConfig.cmake',
  ],
  ["ModuleNotFoundError: No module named 'setuptools_scm'", 'usr/lib/python3/dist-packages/setuptools_scm/__init__.py'],
  ["Can't locate Test/More.pm in @INC (you may need to install the Test::More module)", 'usr/share/perl5/Test/More.pm'],
  ['configure.ac:10: error: possibly undefined macro: AC_PROG_LIBTOOL', 'usr/share/aclocal/libtool.m4'],
]

t.test('what was not found is known by what each tool says, and where packages have it', async t => {
  for (const [line, path] of SAID) {
    const [found, ...more] = findMissing([line])
    t.same(more, [], line)
    t.match(path, new RegExp(`^${found?.path ?? 'nothing'}$`), line)
  }
})

t.test('a name is no pattern, and other paths are not it', async t => {
  const [found] = findMissing(['x.c:1:10: fatal error: z+lib.h: No such file or directory'])
  t.match('usr/include/z+lib.h', new RegExp(`^${found?.path}$`))
  t.notMatch('usr/include/zzlib.h', new RegExp(`^${found?.path}$`))
  t.notMatch('usr/include/z+lib.hh', new RegExp(`^${found?.path}$`))
})

t.test('the last is named first, each once, and of ordinary output nothing', async t => {
  t.same(
    findMissing(['sh: 1: b: not found', 'sh: 1: a: not found', 'sh: 1: b: not found']).map(({what}) => what),
    ['the program b', 'the program a'],
  )
  t.same(findMissing(['checking for gcc... gcc', 'checking for doxygen... no', 'make: *** [x] Error 2', 'not found']), [])
})
