import type {StepResult, TargetResult} from './build-result.js'
import {describeNative} from './native-tests.js'
import {hasFailed, type TestCase} from './tests.js'

/**
 * A report as Jenkins, GitLab and others read it: https://github.com/testmoapp/junitxml. A suite for each step of each
 * target: its tests, or the step itself where it has none.
 */
export function junitReport(results: readonly TargetResult[]): string {
  const suites = results.flatMap(target => [
    ...target.steps.map(step => stepSuite(target.target, step)),
    ...(target.error ? [suite(target.target, 0, [failedCase(target.target, 'build', 0, target.error.message)])] : []),
  ])
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="xbuild-env">\n${suites.join('\n')}\n</testsuites>\n`
}

/** A step that failed though no test of it did is a failure of its own; where tests did, what it printed stands with all of them. */
function stepSuite(target: string, step: StepResult): string {
  const {tests = []} = step
  const name = `${target}.${step.step}`
  const cases = tests.map(test => testCase(name, test))
  const isBroken = step.result === 'failed' || step.result === 'stopped'
  if (tests.length === 0 || (isBroken && !hasFailed(tests))) return suite(name, step.seconds, [stepCase(target, step), ...cases])
  return suite(name, step.seconds, cases, outputOf(step))
}

function suite(name: string, seconds: number, cases: readonly string[], output = ''): string {
  const count = (element: string) => cases.filter(one => one.includes(element)).length
  const counts = `tests="${cases.length}" failures="${count('<failure')}" skipped="${count('<skipped')}" errors="${count('<error')}"`
  const all = [...cases, ...(output === '' ? [] : [`    <system-out>${xmlText(output)}</system-out>`])]
  return `  <testsuite name="${xmlText(name)}" ${counts} time="${seconds.toFixed(3)}">\n${all.join('\n')}\n  </testsuite>`
}

/** The first error, and the end of what a step printed, where it failed. */
function outputOf(step: StepResult): string {
  if (!('output' in step) || !step.output) return ''
  const {error, end, lines} = step.output
  const first = error ? [`the first error, in line ${error.line}: ${error.text}`, ''] : []
  return [...first, end.length < lines ? `the last ${end.length} of ${lines} lines:` : 'what it printed:', ...end].join('\n')
}

/** With the first error, since that is what lists of failures show. */
const whyOf = (step: Extract<StepResult, {result: 'failed' | 'allowed'}>) =>
  step.output?.error ? `${step.why}: ${step.output.error.text.trim()}` : step.why

function stepCase(target: string, step: StepResult): string {
  switch (step.result) {
    case 'passed':
      return element(target, step.step, step.seconds, '')
    case 'failed':
      return failedCase(target, step.step, step.seconds, whyOf(step), outputOf(step))
    case 'allowed':
      return element(
        target,
        step.step,
        step.seconds,
        `<skipped message="${xmlText(`it may fail: ${whyOf(step)}`)}"/><system-out>${xmlText(outputOf(step))}</system-out>`,
      )
    case 'stopped':
      return element(target, step.step, step.seconds, `<error message="${xmlText(`stopped: ${step.why}`)}"/>`)
    case 'left-out':
      return element(target, step.step, 0, '<skipped/>')
    case 'unchanged':
      return element(target, step.step, 0, '<skipped message="nothing that it depends on has changed"/>')
  }
}

const failedCase = (suiteName: string, name: string, seconds: number, why: string, output = '') =>
  element(suiteName, name, seconds, `<failure message="${xmlText(why)}"${output === '' ? '/>' : `>${xmlText(output)}</failure>`}`)

/**
 * As Maven's Surefire reports one: whoever does not know the element takes the test as passed.
 * https://maven.apache.org/surefire/maven-surefire-plugin/examples/rerun-failing-tests.html
 */
const FLAKY = 'it failed, and passed when it was run again'

function testCase(suiteName: string, {suite: file, name, result, seconds = 0, detail = '', native, labels = []}: TestCase): string {
  const className = file === '' ? suiteName : `${suiteName}.${file}`
  const properties = propertiesOf(labels)
  switch (result) {
    case 'passed':
      return element(className, name, seconds, properties)
    case 'expected-failure':
      return element(className, name, seconds, `${properties}<skipped message="an expected failure"/>`)
    case 'skipped':
      return element(className, name, seconds, `${properties}<skipped message="${xmlText(detail)}"/>`)
    case 'flaky':
      return element(
        className,
        name,
        seconds,
        `${properties}<flakyFailure message="${FLAKY}" type="flaky"><system-out>${xmlText(detail)}</system-out></flakyFailure>`,
      )
    case 'failed': {
      const message = native ? `failed; ${describeNative(native)}` : 'failed'
      return element(className, name, seconds, `${properties}<failure message="${xmlText(message)}">${xmlText(detail)}</failure>`)
    }
  }
}

/** https://github.com/testmoapp/junitxml#properties */
const propertiesOf = (labels: readonly string[]) =>
  labels.length === 0
    ? ''
    : `<properties>${labels.map(label => `<property name="label" value="${xmlText(label)}"/>`).join('')}</properties>`

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
