import type {TestCase, TestOutcome} from '../tests.js'
import {detailOf} from './totals.js'

/** `    --- FAIL: TestX/sub (0.00s)`; man page of `go test`: "go help test". */
const TEST = /^( *)--- (PASS|FAIL|SKIP): (\S+) \((\d+\.\d+)s\)$/
/** `ok  \texample.org/a\t0.003s`, `FAIL\texample.org/a [build failed]`, `?   \texample.org/a\t[no test files]` */
const PACKAGE = /^(ok {2}|FAIL|\? {3})\t(\S+)[\t ]?(.*)$/

const WORDS: Readonly<Record<string, TestOutcome>> = {PASS: 'passed', FAIL: 'failed', SKIP: 'skipped'}

interface Found {
  name: string
  result: TestOutcome
  seconds: number
  lines: string[]
}

/** What `go test` prints of each package: with -v all tests by name, without it those that failed, and whether the package passed. */
export function parseGo(lines: readonly string[]): TestCase[] {
  if (!lines.some(line => PACKAGE.test(line))) return []
  const tests: TestCase[] = []
  let found: Found[] = []
  for (const line of lines) {
    const [, , word = '', name, seconds] = TEST.exec(line) ?? []
    const result = WORDS[word]
    if (name !== undefined && result !== undefined) {
      found.push({name, result, seconds: Number(seconds), lines: []})
      continue
    }
    const [, verdict, path, rest = ''] = PACKAGE.exec(line) ?? []
    if (path === undefined || verdict === undefined) {
      if (/^ {4}/.test(line)) found.at(-1)?.lines.push(line)
      continue
    }
    tests.push(...packageTests(path, verdict.trim(), rest, found))
    found = []
  }
  return tests
}

function packageTests(path: string, verdict: string, rest: string, found: readonly Found[]): TestCase[] {
  const named = leaves(found).map(
    ({name, result, seconds, lines}): TestCase => ({
      suite: path,
      name,
      result,
      seconds,
      origin: {kind: 'go', package: path},
      ...(result === 'failed' ? detailOf(lines) : {}),
    }),
  )
  const own = {suite: '', name: path, origin: {kind: 'go', package: undefined}} as const
  if (verdict === 'FAIL' && !named.some(({result}) => result === 'failed')) return [...named, {...own, result: 'failed', detail: rest}]
  if (verdict === 'ok' && named.length === 0 && !rest.includes('[no tests to run]')) return [{...own, result: 'passed'}]
  return named
}

/** A test that has tests of its own is told with these; it counts where it fails though none of them does. */
function leaves(found: readonly Found[]): Found[] {
  const parents = new Map<string, 'passed' | 'failed'>()
  for (const {name, result} of found) {
    for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
      const parent = name.slice(0, at)
      if (result === 'failed' || !parents.has(parent)) parents.set(parent, result === 'failed' ? 'failed' : 'passed')
    }
  }
  return found.filter(({name, result}) => !parents.has(name) || (result === 'failed' && parents.get(name) === 'passed'))
}
