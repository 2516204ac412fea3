import {printable} from '../printable.js'
import {parseCargo} from './harness/cargo.js'
import {parseCatch2} from './harness/catch2.js'
import {parseGo} from './harness/go.js'
import {parseGtest} from './harness/gtest.js'
import {parseMocha} from './harness/mocha.js'
import {parsePytest} from './harness/pytest.js'
import {parseTap} from './harness/tap.js'
import {detailOf} from './harness/totals.js'
import {outcomeOf, type TestCase} from './tests.js'

/** Characters of a line that are looked at: a program may print millions without an end of line. */
const LINE = 4096

/**
 * What test programs print, where they leave no file that says it. Any program may print it: no pattern tries the same characters
 * twice, so that blanks are matched from the first of them on (`(?<! ) +`) alone. What ctest and meson show of the programs that
 * they ran counts once, as their own tests.
 */
export function parseTestOutput(output: string): TestCase[] {
  const lines = output.split('\n').map(line => printable(line.slice(0, LINE)))
  const ctest = parseCtest(lines)
  const [meson, others] = [parseMeson(ctest.others), withoutMeson(ctest.others)]
  const prove = parseProve(others)
  return [
    ...ctest.tests,
    ...meson,
    ...(prove.length > 0 ? prove : parseTap(others)),
    ...[parsePytest, parseCargo, parseGo, parseGtest, parseCatch2, parseMocha].flatMap(parse => parse(others)),
  ]
}

/**
 * Below `Test project /p/build`: `1/2 Test #1: name ....   Passed    0.02 sec`,
 * `2/2 Test #2: name ....***Exception: SegFault  0.10 sec`
 */
function parseCtest(lines: readonly string[]): {tests: TestCase[]; others: string[]} {
  const tests: TestCase[] = []
  const [others, details] = [[] as string[], new Map<TestCase, string[]>()]
  let [directory, shown]: [string | undefined, string[] | undefined] = [undefined, undefined]
  for (const line of lines) {
    const begin = /^Test project (\/.*)$/.exec(line)?.[1]
    if (begin !== undefined) [directory, shown] = [begin, []]
    else if (shown === undefined) others.push(line)
    else if (line.startsWith('Total Test time (real)')) shown = undefined
    else if (/^ +Start +\d+: |^\d+% tests passed/.test(line))
      shown = [] // of no test
    else {
      const test = ctestResult(line, directory)
      if (test) {
        shown = []
        details.set(test, shown)
        tests.push(test)
      } else shown.push(line)
    }
  }
  return {tests: tests.map(test => (test.result === 'failed' ? {...test, ...detailOf(details.get(test) ?? [])} : test)), others}
}

function ctestResult(line: string, directory: string | undefined): TestCase | undefined {
  const match = /^\s*\d+\/\d+ Test +#\d+: (.+?) \.+ *(\*\*\*)?([A-Z][\w ]*?)(?:: ?\w+| \(\w+\))?(?<! ) +(\d+\.\d+) sec/.exec(line)
  if (!match) return undefined
  const [, name = '', bad, word = '', seconds = ''] = match
  const result = outcomeOf(word.trim()) ?? (bad ? 'failed' : undefined)
  return result && {suite: '', name, result, origin: {kind: 'ctest', directory}, seconds: Number(seconds)}
}

const MESON = /^\s*\d+\/\d+ (.+?)(?<! ) +(OK|FAIL|SKIP|EXPECTEDFAIL|UNEXPECTEDPASS|TIMEOUT|ERROR|INTERRUPT) +(\d+\.\d+)s *(.*)$/s

/**
 * `1/2 suite:name   OK   0.02s`, with a reason behind where it failed, and below all of them
 * `Full log written to /p/build/meson-logs/testlog.txt`.
 */
function parseMeson(lines: readonly string[]): TestCase[] {
  let directory: string | undefined
  const upward = lines.toReversed().flatMap((line): TestCase[] => {
    directory = /^Full log written to (\/.*)\/meson-logs\//.exec(line)?.[1] ?? directory
    const match = MESON.exec(line)
    if (!match) return []
    const [, name = '', word = '', seconds = '', detail = ''] = match
    const result = outcomeOf(word)
    const origin = {kind: 'meson', directory} as const
    return result ? [{suite: '', name, result, origin, seconds: Number(seconds), ...(detail === '' ? {} : {detail})}] : []
  })
  return upward.reverse()
}

/** What it prints between its tests is theirs. */
function withoutMeson(lines: readonly string[]): readonly string[] {
  const first = lines.findIndex(line => MESON.test(line))
  if (first === -1) return lines
  const end = lines.findIndex((line, at) => at > first && line.startsWith('Full log written to '))
  const last = end === -1 ? lines.findLastIndex(line => MESON.test(line)) : end
  return [...lines.slice(0, first), ...lines.slice(last + 1)]
}

/** Files that pass in lines of their own, those that fail in the "Test Summary Report". */
function parseProve(lines: readonly string[]): TestCase[] {
  const tests = new Map<string, TestCase>()
  const origin = {kind: 'prove'} as const
  for (const line of lines) {
    const [, name = '', word = '', detail = ''] = /^(\S+\.t) \.+ (ok|skipped)\b:? *(.*)$/s.exec(line) ?? []
    if (name !== '') tests.set(name, {suite: '', name, origin, ...(word === 'ok' ? {result: 'passed'} : {result: 'skipped', detail})})
    const report = /^(\S+) +\((Wstat: (\d+)\b.*Tests: \d+ Failed: (\d+))\)/.exec(line)
    if (!report) continue
    const [, file = '', summary = '', status, failed] = report
    if (status !== '0' || failed !== '0') tests.set(file, {suite: '', name: file, result: 'failed', origin, detail: summary})
  }
  return [...tests.values()]
}
