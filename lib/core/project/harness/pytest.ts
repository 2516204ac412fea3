import type {TestCase, TestOutcome} from '../tests.js'
import {detailOf, type Totals, withTotals} from './totals.js'

/** https://docs.pytest.org/en/stable/how-to/output.html. An XPASS that is not strict does not fail a run. */
const WORDS: Readonly<Record<string, TestOutcome>> = {
  PASSED: 'passed',
  FAILED: 'failed',
  ERROR: 'failed',
  SKIPPED: 'skipped',
  XFAIL: 'expected-failure',
  XPASS: 'passed',
}

/** As the last line counts them. */
const COUNTED: Readonly<Record<string, TestOutcome>> = {
  passed: 'passed',
  xpassed: 'passed',
  failed: 'failed',
  error: 'failed',
  errors: 'failed',
  skipped: 'skipped',
  xfailed: 'expected-failure',
}

/** `==== 1 failed, 3 passed, 1 warning in 0.12s (0:00:12) ====`; with -q without the signs. */
const SUMMARY = /^(?:=+ )?((?:\d+ [a-z]+, )*\d+ [a-z]+) in \d+\.\d+s(?: \([\d:, a-z]+\))?(?: =+)?$/

/** `tests/test_a.py::test_x PASSED   [ 50%]`, with -v; `[gw0] [ 50%] PASSED tests/test_a.py::test_x`, of pytest-xdist. */
const VERBOSE = /^(\S.*::.*\S) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)(?: \(.*\))? *(?:\[ *\d+%\])?$/
const DISTRIBUTED = /^\[gw\d+\] \[ *\d+%\] (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) (\S.*)$/
/** Of the "short test summary info". */
const SHORT = /^(PASSED|FAILED|ERROR|XFAIL|XPASS) (\S.*)$/
const FAILURE_HEAD = /^_{2,} (?:ERROR at (?:setup|teardown) of )?(\S.*\S|\S) _{2,}$/

/** One call of pytest, as far as it has printed. */
class Session {
  readonly #named = new Map<string, TestCase>()
  readonly #details = new Map<string, string[]>()
  #detail: string[] | undefined

  line(line: string): void {
    const head = FAILURE_HEAD.exec(line)
    if (head?.[1] !== undefined) {
      this.#detail = []
      this.#details.set(head[1], this.#detail)
      return
    }
    if (/^={3,} /.test(line)) this.#detail = undefined
    if (this.#detail) return void this.#detail.push(line)
    const [, id, word] = VERBOSE.exec(line) ?? []
    if (id !== undefined && word !== undefined) return this.#add(id, word)
    const [, early, distributed] = DISTRIBUTED.exec(line) ?? []
    if (distributed !== undefined && early !== undefined) return this.#add(distributed, early)
    const [, short, rest] = SHORT.exec(line) ?? []
    if (short === undefined || rest === undefined || !/\.py\b|::/.test(rest)) return
    const {id: named, why} = this.#split(rest)
    this.#add(named, short, why)
  }

  /** ` - ` stands between a test and the reason, but may also be in its parameters: what is known as a test is one. */
  #split(rest: string): {id: string; why: string | undefined} {
    for (let at = rest.indexOf(' - '); at !== -1; at = rest.indexOf(' - ', at + 1)) {
      if (this.#named.has(rest.slice(0, at))) return {id: rest.slice(0, at), why: rest.slice(at + 3)}
    }
    const parameters = /^[^[]*? - /.test(rest) ? -1 : rest.indexOf('[')
    const end = parameters === -1 ? rest.indexOf(' - ') : rest.indexOf('] - ', parameters) + 1
    return end > 0 ? {id: rest.slice(0, end), why: rest.slice(end + 3)} : {id: rest, why: undefined}
  }

  #add(id: string, word: string, why?: string): void {
    const result = WORDS[word]
    if (result === undefined) return
    const at = id.indexOf('::')
    const [suite, name] = at === -1 ? ['', id] : [id.slice(0, at), id.slice(at + 2)]
    const before = this.#named.get(id)
    const detail = why ?? before?.detail
    this.#named.set(id, {suite, name, result, origin: {kind: 'pytest', id}, ...(detail === undefined ? {} : {detail})})
  }

  end(totals: Totals): TestCase[] {
    const named = [...this.#named.values()].map(test => {
      const lines = this.#details.get(test.name.replaceAll('::', '.'))
      return test.result === 'failed' && lines ? {...test, ...detailOf(lines)} : test
    })
    return withTotals(named, totals, {kind: 'pytest', id: undefined})
  }
}

/** What pytest prints, however talkative it is told to be. */
export function parsePytest(lines: readonly string[]): TestCase[] {
  if (!lines.some(line => SUMMARY.test(line) || /^=+ test session starts =+$/.test(line))) return []
  const tests: TestCase[] = []
  let session = new Session()
  for (const line of lines) {
    const summary = SUMMARY.exec(line)
    if (summary) {
      tests.push(...session.end(totalsOf(summary[1] ?? '')))
      session = new Session()
    } else session.line(line)
  }
  return [...tests, ...session.end({})]
}

function totalsOf(text: string): Totals {
  const totals: Totals = {}
  for (const part of text.split(', ')) {
    const [number, word = ''] = part.split(' ')
    const result = Object.hasOwn(COUNTED, word) ? COUNTED[word] : undefined
    if (result !== undefined) totals[result] = (totals[result] ?? 0) + Number(number)
  }
  return totals
}
