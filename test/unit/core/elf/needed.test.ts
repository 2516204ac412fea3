import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {addLibrary, libraryLike} from '../../../../lib/core/elf/needed.js'

const PROGRAM = '#include <stdio.h>\nint main(void) { return puts("main") < 0; }\n'
const LIBRARY = '#include <stdio.h>\n__attribute__((constructor)) static void begin(void) { puts("library"); }\n'

t.test('a program loads one library more, and else does what it did', async t => {
  const directory = t.testdir({'main.c': PROGRAM, 'library.c': LIBRARY})
  const compile = (...words: string[]) => execFileSync('cc', words, {cwd: directory})
  compile('-o', 'main', 'main.c')
  compile('-shared', '-fPIC', '-o', 'c.so.6', 'library.c')
  const bytes = readFileSync(join(directory, 'main'))
  addLibrary(bytes, 'libc.so.6')
  t.equal(libraryLike('libc.so.6'), 'c.so.6')
  writeFileSync(join(directory, 'main'), bytes)
  const output = execFileSync(join(directory, 'main'), {encoding: 'utf8', env: {LD_LIBRARY_PATH: directory}})
  t.equal(output, 'library\nmain\n')
})

t.test('a program without room for another library, or without the one to name it after, is refused', async t => {
  const directory = t.testdir({'main.c': PROGRAM})
  const compile = (...words: string[]) => execFileSync('cc', words, {cwd: directory})
  compile('-o', 'full', '-Wl,-z,now', '-Wl,--spare-dynamic-tags=0', 'main.c')
  t.throws(() => addLibrary(readFileSync(join(directory, 'full')), 'libc.so.6'), /no room/)
  t.throws(() => addLibrary(readFileSync(join(directory, 'full')), 'libm.so.6'), /does not load libm/)
  compile('-static', '-o', 'static', 'main.c')
  t.throws(() => addLibrary(readFileSync(join(directory, 'static')), 'libc.so.6'), /no table of strings/)
})
