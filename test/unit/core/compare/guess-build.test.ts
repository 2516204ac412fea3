import t from 'tap'
import {guessBuild, TELLING_FILES} from '../../../../lib/core/compare/guess-build.js'

const command = (...there: string[]) => guessBuild(there)?.command

t.test('a tree tells how it is built', async t => {
  t.equal(command('configure', 'README'), './configure && make')
  t.equal(command('Makefile'), 'make')
  t.match(command('CMakeLists.txt'), /^cmake .* && cmake --build /)
  t.match(command('configure.ac'), /^autoreconf .* && \.\/configure && make$/)
})

t.test('what packages the whole comes before what it packages', async t => {
  t.match(command('Makefile', 'configure', 'debian/rules'), /^dpkg-buildpackage /)
  t.equal(command('Makefile', 'configure', 'configure.ac'), './configure && make')
})

t.test('nothing that is known is no guess', async t => {
  t.equal(guessBuild(['README', 'main.c']), undefined)
  t.equal(guessBuild([]), undefined)
})

t.test('every file that decides is asked for, and named as the reason', async t => {
  t.ok(TELLING_FILES.length > 5)
  for (const file of TELLING_FILES) t.match(guessBuild([file])?.because, file)
})
