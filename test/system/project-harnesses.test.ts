import t from 'tap'
import type {TestCase} from '../../lib/core/project/tests.js'
import {build, configuration, sourceTree} from './project.js'
import {PROFILE} from './rig.js'

/** Each harness has a test that passes, and one that fails the first time only. Minutes: `npm run test:harnesses`. */
const STEADY = 'int main(void) { return 0; }\n'
const flaky = (mark: string) =>
  `#include <stdio.h>\nint main(void) { int first = !fopen("${mark}", "r"); fclose(fopen("${mark}", "w")); return first; }\n`

const CTEST = {
  'ctest/CMakeLists.txt': `cmake_minimum_required(VERSION 3.20)
project(demo C)
enable_testing()
add_executable(steady steady.c)
add_executable(flaky flaky.c)
add_test(NAME steady COMMAND steady)
add_test(NAME a+flaky.one COMMAND flaky)
`,
  'ctest/steady.c': STEADY,
  'ctest/flaky.c': flaky('ctest-seen'),
}

const MESON = {
  'meson/meson.build': `project('demo', 'c')
test('steady', executable('steady', 'steady.c'))
test('flaky one', executable('flaky', 'flaky.c'), suite: ['slow'])
`,
  'meson/steady.c': STEADY,
  'meson/flaky.c': flaky('meson-seen'),
}

const DEJAGNU = {
  'deja/configure.ac': 'AC_INIT([demo], [1])\nAM_INIT_AUTOMAKE([foreign dejagnu])\nAC_CONFIG_FILES([Makefile])\nAC_OUTPUT\n',
  'deja/Makefile.am': 'DEJATOOL = demo\n',
  'deja/demo.main/steady.exp': 'pass "steady"\n',
  'deja/demo.main/flaky.exp': 'if {[file exists deja-seen]} {pass "flaky"} else {close [open deja-seen w]; fail "flaky"}\n',
}

const STEPS = {
  ctest: 'cmake -B ctest-build ctest && cmake --build ctest-build && (cd ctest-build && ctest)',
  meson: 'meson setup meson-build meson && meson test -C meson-build',
  dejagnu: 'cd deja && autoreconf -i && ./configure && make check',
}

t.test('tests of ctest, meson and DejaGnu run again alone', async t => {
  const packages = ['automake', 'cmake', 'dejagnu', 'meson']
  const tree = sourceTree(t, {...CTEST, ...MESON, ...DEJAGNU, ...configuration(STEPS, {packages})})
  const {exitCode, stdout, stderr} = await build(tree, ['--retry', '--json'])
  t.equal(exitCode, 0, stderr.slice(-3000))
  const steps: {step: string; tests: TestCase[]}[] = JSON.parse(stdout).targets[0].steps
  const results = Object.fromEntries(
    steps.map(({step, tests}) => [step, Object.fromEntries(tests.map(({name, result}) => [name, result]))]),
  )
  t.match(results, {
    ctest: {steady: 'passed', 'a+flaky.one': 'flaky'},
    dejagnu: {steady: 'passed', flaky: 'flaky'},
  })
  // meson puts project and suite before the names where there are several
  const meson = Object.entries(results.meson ?? {}).map(([name, result]) => [name.split(' / ').at(-1), result])
  t.match(Object.fromEntries(meson), {steady: 'passed', 'flaky one': 'flaky'})
  for (const name of ['a+flaky.one', 'flaky one', 'flaky']) t.match(stderr, `${name}\n`)
  t.match(stderr, `${PROFILE}: runs again, alone: a+flaky.one\n`)
})
