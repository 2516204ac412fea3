import type {StepResult, TargetResult} from './build-result.js'
import {describeNative} from './native-tests.js'
import type {TestCase} from './tests.js'

/**
 * A report as Jenkins, GitLab and others read it: https://github.com/testmoapp/junitxml. A suite for each step of each
 * target: its tests, or the step itself where it has none.
 */
export function junitReport(results: readonly TargetResult[]): string {
  const suites = results.flatMap(target => [
    ...target.steps.map(step => suite(`${target.target}.${step.step}`, step.seconds, step.tests ?? [], stepCase(target.target, step))),
    ...(target.error ? [suite(target.target, 0, [], failedCase(target.target, 'build', 0, target.error.message))] : []),
  ])
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="xbuild-env">\n${suites.join('\n')}\n</testsuites>\n`
}

/** A step that failed though no test of it did is a failure of its own. */
function suite(name: string, seconds: number, tests: readonly TestCase[], own: string): string {
  const cases = tests.map(test => testCase(name, test))
  const failsItself = own.includes('<failure') && !tests.some(({result}) => result === 'failed')
  const all = tests.length === 0 || failsItself ? [own, ...cases] : cases
  const count = (element: string) => all.filter(one => one.includes(element)).length
  const counts = `tests="${all.length}" failures="${count('<failure')}" skipped="${count('<skipped')}"`
  return `  <testsuite name="${xmlText(name)}" ${counts} time="${seconds.toFixed(3)}">\n${all.join('\n')}\n  </testsuite>`
}

function stepCase(target: string, step: StepResult): string {
  switch (step.result) {
    case 'passed':
      return element(target, step.step, step.seconds, '')
    case 'failed':
      return failedCase(target, step.step, step.seconds, step.why)
    case 'allowed':
      return element(target, step.step, step.seconds, `<skipped message="${xmlText(`it may fail: ${step.why}`)}"/>`)
    case 'left-out':
      return element(target, step.step, 0, '<skipped/>')
    case 'unchanged':
      return element(target, step.step, 0, '<skipped message="nothing that it depends on has changed"/>')
  }
}

const failedCase = (suiteName: string, name: string, seconds: number, why: string) =>
  element(suiteName, name, seconds, `<failure message="${xmlText(why)}"/>`)

/**
 * As Maven's Surefire reports one: whoever does not know the element takes the test as passed.
 * https://maven.apache.org/surefire/maven-surefire-plugin/examples/rerun-failing-tests.html
 */
const FLAKY = 'it failed, and passed when it was run again'

function testCase(suiteName: string, {suite: file, name, result, seconds = 0, detail = '', native}: TestCase): string {
  const className = file === '' ? suiteName : `${suiteName}.${file}`
  switch (result) {
    case 'passed':
      return element(className, name, seconds, '')
    case 'expected-failure':
      return element(className, name, seconds, '<skipped message="an expected failure"/>')
    case 'skipped':
      return element(className, name, seconds, `<skipped message="${xmlText(detail)}"/>`)
    case 'flaky':
      return element(
        className,
        name,
        seconds,
        `<flakyFailure message="${FLAKY}" type="flaky"><system-out>${xmlText(detail)}</system-out></flakyFailure>`,
      )
    case 'failed': {
      const message = native ? `failed; ${describeNative(native)}` : 'failed'
      return element(className, name, seconds, `<failure message="${xmlText(message)}">${xmlText(detail)}</failure>`)
    }
  }
}

function element(className: string, name: string, seconds: number, content: string): string {
  const start = `    <testcase classname="${xmlText(className)}" name="${xmlText(name)}" time="${seconds.toFixed(3)}"`
  return content === '' ? `${start}/>` : `${start}>${content}</testcase>`
}

/** XML 1.0, 2.2: of control characters, only tab and the ends of lines may be there, not even as references. */
const xmlText = (text: string) =>
  text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
