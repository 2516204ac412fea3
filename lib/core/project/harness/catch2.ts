import type {TestCase} from '../tests.js'
import {detailOf, type Totals, withTotals} from './totals.js'

/** Catch2's console reporter: docs/reporters.md; src/catch2/reporters/catch_reporter_console.cpp, of versions 2 and 3. */
const RULE = /^-{79}$/
const END_RULE = /^(={79}|\.{79})$/
const FAILED = /^\S.*:\d+: FAILED:$/
const SKIPPED = /^\S.*:\d+: SKIPPED:$/
/** `All tests passed (12 assertions in 4 test cases)` */
const ALL = /^All tests passed \([\d,]+ assertions? in (\d+) test cases?\)$/
/** `test cases: 4 | 3 passed | 1 failed` */
const SOME = /^test cases: +\d+((?: \| +\d+ [a-z ]+)+)$/

/** What a program of Catch2 prints: by their names those that failed, or were skipped, and how many there were. */
export function parseCatch2(lines: readonly string[]): TestCase[] {
  const tests: TestCase[] = []
  let named = new Map<string, Named>()
  let head: string[] | undefined
  let [current, open] = ['', undefined as string[] | undefined]
  for (const line of lines) {
    const totals = totalsOf(line)
    if (totals) {
      tests.push(...testsOf([...named.values()], totals))
      ;[named, head, current, open] = [new Map(), undefined, '', undefined]
    } else if (RULE.test(line)) {
      if (head) [current, head] = [head[0] ?? '', undefined]
      else [head, open] = [[], undefined]
    } else if (head) head.push(line)
    else if (current !== '' && (FAILED.test(line) || SKIPPED.test(line))) {
      const test = named.get(current) ?? {suite: '', name: current, result: 'skipped', origin: {kind: 'catch2'}, lines: []}
      named.set(current, {...test, result: FAILED.test(line) ? 'failed' : test.result})
      open = test.lines
      open.push(line)
    } else if (END_RULE.test(line)) open = undefined
    else open?.push(line)
  }
  return tests
}

type Named = TestCase & {lines: string[]}

/** Tests that may fail are told as those that may not: where there are some, nobody knows which of the names are theirs. */
function testsOf(named: readonly Named[], totals: Totals): TestCase[] {
  const whole = named.map(({lines, ...test}) => ({...test, ...detailOf(lines)}))
  const failed = whole.filter(({result}) => result === 'failed')
  if (failed.length <= (totals.failed ?? 0)) return withTotals(whole, totals, {kind: 'catch2'})
  const detail = detailOf(failed.map(({name, detail = ''}) => `${name}:\n${detail}`))
  const others = withTotals(
    whole.filter(({result}) => result !== 'failed'),
    totals,
    {kind: 'catch2'},
  )
  return others.map(test => (test.result === 'failed' ? {...test, ...detail} : test))
}

function totalsOf(line: string): Totals | undefined {
  const all = ALL.exec(line)
  if (all) return {passed: Number(all[1])}
  const some = SOME.exec(line)
  if (!some) return undefined
  const parts = (some[1] ?? '').split('|').map(part => /^ +(\d+) ([a-z ]+?) *$/.exec(part))
  const count = (word: string) => Number(parts.find(part => part?.[2] === word)?.[1] ?? 0)
  return {passed: count('passed'), failed: count('failed'), skipped: count('skipped'), 'expected-failure': count('failed as expected')}
}
