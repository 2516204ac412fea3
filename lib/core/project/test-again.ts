import {scriptAlone} from './test-alone.js'
import {type TestCase, testName} from './tests.js'

/** What can be run again of tests that failed. */
export interface TestsToRepeat {
  /** Tests by the script that runs them: those of one file are run together. */
  alone: ReadonlyMap<string, readonly TestCase[]>
  /** Those that cannot be run without all others. */
  left: readonly TestCase[]
}

export function testsToRepeat(tests: readonly TestCase[]): TestsToRepeat {
  const alone = new Map<string, TestCase[]>()
  const left: TestCase[] = []
  for (const test of tests.filter(({result}) => result === 'failed')) {
    const script = scriptAlone(test)
    if (script === undefined) left.push(test)
    else alone.set(script, [...(alone.get(script) ?? []), test])
  }
  return {alone, left}
}

/** The results of a script that was run twice: the later counts, but what failed stays so until it passes. */
export function mergeRuns(before: readonly TestCase[], now: readonly TestCase[]): TestCase[] {
  const [first, second] = [byName(before), byName(now)]
  const added = [...second].flatMap(([name, test]) => (first.has(name) ? [] : [test]))
  return [...[...first].map(([name, test]) => mergeTest(test, second.get(name))), ...added]
}

/** The same where those that failed were run alone: what was run with them for want of a better way does not count. */
export function mergeAlone(before: readonly TestCase[], now: readonly TestCase[]): TestCase[] {
  const second = byName(now)
  return [...byName(before)].map(([name, test]) => (test.result === 'failed' ? mergeTest(test, second.get(name)) : test))
}

/** A flaky test keeps what it printed when it failed. */
function mergeTest(before: TestCase, now: TestCase | undefined): TestCase {
  if (now === undefined) return before
  if (before.result !== 'failed' && before.result !== 'flaky') return now
  if (now.result === 'passed') return {...before, result: 'flaky'}
  return now.result === 'failed' ? now : before
}

/** Programs may give one name to several tests: these are told apart by their order. */
function byName(tests: readonly TestCase[]): Map<string, TestCase> {
  const counts = new Map<string, number>()
  return new Map(
    tests.map(test => {
      const name = testName(test)
      const count = counts.get(name) ?? 0
      counts.set(name, count + 1)
      return [`${count} ${name}`, test]
    }),
  )
}
