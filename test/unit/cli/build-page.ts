import type {BuildPage} from '../../../lib/cli/build-html.js'
import type {StepResult, TargetResult} from '../../../lib/core/project/build-result.js'
import {testCase} from '../core/target-result.js'

const LONG = `lib/${'a-name-without-a-blank-'.repeat(8)}.so.1`

const tests = (target: string) => [
  testCase('adds', 'passed', {labels: ['fast', 'unit']}),
  testCase('divides', target === 's390x' ? 'failed' : 'passed', {
    suite: 'calculator',
    detail: 'expected 1, was 2 <at> a.c:3',
    ...(target === 's390x' ? {native: {result: 'passed'} as const} : {}),
  }),
  testCase('asks the net', 'skipped'),
  testCase(`a-test-with-a-name-of-${'many-'.repeat(20)}words`, target === 'arm64' ? 'flaky' : 'passed'),
  testCase('40 without a name', 'passed', {count: 40}),
]

const step = (name: string, rest: Pick<StepResult, 'result'> & Record<string, unknown>, seconds = 2): StepResult =>
  ({step: name, seconds, ...rest}) as StepResult

const target = (name: string, steps: StepResult[], more: Partial<TargetResult> = {}): TargetResult => ({
  target: name,
  environment: `${name}-01234567`,
  steps,
  artifacts: [],
  seconds: 12.3,
  ...more,
})

const output = {
  end: Array.from({length: 50}, (_, i) => `line ${i} ${i % 7 === 0 ? LONG : 'of what was printed <here>'}`),
  lines: 812,
  error: {
    line: 640,
    text: 'a.c:3:1: error: expected <expression>',
    from: 638,
    lines: ['cc -c a.c', LONG, 'a.c:3:1: error: expected <expression>', 'make: *** [a.o] Error 1'],
  },
}

/** A build's page with all that can be on one: ten targets, tests of all kinds, a failure, artifacts, logs, and names that do not break. */
export const BUILD_PAGE: BuildPage = {
  project: '/home/ada/<project>',
  mode: 'hybrid',
  facts: {date: '2026-01-02T03:04:05.000Z', commit: '0123456789abcdef0123456789abcdef01234567', version: '0.2.0'},
  results: [
    target('mips64el', [step('build', {result: 'passed'}), step('test', {result: 'passed', tests: tests('mips64el')})], {
      artifacts: [
        {path: LONG, size: 1_234_567, sha256: 'ab'.repeat(32)},
        {path: 'lib/x.so', link: 'x.so.1'},
      ],
    }),
    target('arm64', [step('build', {result: 'passed'}), step('test', {result: 'passed', tests: tests('arm64')})]),
    target('s390x', [
      step('build', {result: 'passed'}),
      step('test', {result: 'failed', why: 'it ended with 2', exitCode: 2, tests: tests('s390x'), output}),
      step('install', {result: 'left-out'}, 0),
    ]),
    target('armhf', [step('build', {result: 'failed', why: 'it ended with 2', exitCode: 2, output})]),
    target('riscv64', [step('build', {result: 'stopped', why: 'interrupted (SIGINT)'}), step('test', {result: 'left-out'}, 0)], {
      stopped: 'interrupted (SIGINT)',
    }),
    ...['armel', 'mipsel', 'ppc64el', 'mips64', 'sparc64'].map(name =>
      target(name, [step('build', {result: 'passed'}), step('test', {result: 'passed', tests: tests(name)})]),
    ),
    target('powerpc', [], {
      environment: undefined as never,
      error: {message: `no archive has ${LONG}`, hint: 'take another', exitCode: 125},
    }),
  ],
  logs: [
    {target: 's390x', step: 'test', run: 0, path: `/home/ada/${LONG}/logs/test.log`, size: 1_500_000, text: `${LONG}\n<of the log>\n`},
    {target: 's390x', step: 'test', run: 1, path: '/l/test+1.log', size: 4, text: 'again'},
  ],
}
