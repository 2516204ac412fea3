import t from 'tap'
import {findError, findFirstError} from '../../../lib/core/first-error.js'

t.test('the first error is the one that the others follow from', async t => {
  const log = [
    'checking for gcc... gcc',
    'main.c:3:1: error: expected expression before x',
    'make[1]: *** [Makefile:3: main.o] Error 1',
    'dpkg-buildpackage: error: debian/rules build subprocess returned exit status 2',
  ]
  t.match(findFirstError(log), {line: 2, from: 1, text: /expected expression/})
  t.match(findFirstError(log.slice(2)), {line: 1, text: /\*\*\*/})
  t.match(findFirstError(['one', 'two']), {line: 2, text: 'two'})
  t.equal(findFirstError([]), undefined)
  const long = [...Array.from({length: 100}, (_, i) => `line ${i}`), 'FAIL: test-x', ...Array.from({length: 100}, () => 'more')]
  t.match(findFirstError(long), {line: 101, from: 86, lines: {length: 31}})
})

t.test('a last line is an error only where something says so', async t => {
  t.equal(findError(['one', 'two']), undefined)
  t.match(findError(['one', 'a.c:2: error: no', 'two']), {line: 2, lines: {length: 3}})
})

t.test('harnesses say which test failed, and what is still to be done is no failure', async t => {
  const rest = ['dh_auto_test: error: meson test returned exit code 1', 'make: *** [debian/rules:7: binary-arch] Error 25']
  const found = (...lines: string[]) => findFirstError([...lines, ...rest])?.text
  t.match(found('ok 1', '1/2 photos-test-gegl     TIMEOUT        120.57s   killed by signal 15 SIGTERM'), /photos-test-gegl/)
  t.match(found('1/9 Test #1: one ....***Failed    0.01 sec'), /one/)
  t.match(found('--- FAIL: TestOne (0.00s)'), /TestOne/)
  t.match(found('not ok 1 - one # TODO later', 'not ok 2 - two'), /two/)
  t.match(found('all is well'), /dh_auto_test/, 'which is more telling than that debian/rules failed')
  const shell = '/bin/sh: 1: cannot open /dev/tty: No such device or address'
  t.equal(findFirstError([shell, 'make: *** [debian/rules:30: odd] Error 2'])?.text, shell)
  t.match(found('make[1]: *** [Makefile:3: x] Error 1'), /Makefile:3/)
})
