import type {TestCase, TestOutcome} from '../tests.js'
import {detailOf, type Totals, withTotals} from './totals.js'

/** mocha's reporters, lib/reporters/base.js and spec.js: `  3 passing (12ms)`, `  1 pending`, `  2 failing`. */
const PASSING = /^ {2}(\d+) passing \(\w+\)$/
const OTHERS = /^ {2}(\d+) (pending|failing)$/
/** `    ✓ adds (5ms)`, `    - is not there yet`, `    1) divides` */
const LISTED = /^( +)(?:[✓✔√] |(-) |(\d+)\) )(\S.*)$/
/** The list of failures: `  1) Calculator`, below it `       divides:`. */
const FAILURE = /^ {2}\d+\) (\S.*)$/

/** What mocha prints: with `spec` all by name, with other reporters what failed, and how many passed. */
export function parseMocha(lines: readonly string[]): TestCase[] {
  const summaries = lines.flatMap((line, at) => (PASSING.test(line) ? [at] : []))
  let from = 0
  return summaries.flatMap((at, i) => {
    const listed = parseListed(lines.slice(from, at))
    const [totals, end] = totalsAt(lines, at)
    from = end
    const failed = parseFailures(lines.slice(end, summaries[i + 1] ?? lines.length), totals.failed ?? 0)
    return withTotals([...listed, ...failed], totals, {kind: 'mocha'})
  })
}

/** Suites are indented headings: who stands below one, and deeper, belongs to it. Failures are read from their own list. */
function parseListed(lines: readonly string[]): TestCase[] {
  const headings: {indent: number; text: string}[] = []
  return lines.flatMap((line): TestCase[] => {
    const indent = line.length - line.trimStart().length
    if (indent < 2 || line.trim() === '') return []
    while ((headings.at(-1)?.indent ?? -1) >= indent) headings.pop()
    const [, , pending, number, name] = LISTED.exec(line) ?? []
    if (name === undefined) {
      headings.push({indent, text: line.trim()})
      return []
    }
    if (number !== undefined) return []
    const result: TestOutcome = pending === undefined ? 'passed' : 'skipped'
    const suite = headings.map(({text}) => text).join(' ')
    return [{suite, name: name.replace(/ \(\d+ms\)$/, ''), result, origin: {kind: 'mocha'}}]
  })
}

/** The lines with numbers, and where they end. */
function totalsAt(lines: readonly string[], at: number): [totals: Totals, end: number] {
  const totals: Totals = {passed: Number(PASSING.exec(lines[at] ?? '')?.[1] ?? 0)}
  let end = at + 1
  for (; end < lines.length; end++) {
    const [, number, word] = OTHERS.exec(lines[end] ?? '') ?? []
    if (number === undefined) break
    totals[word === 'pending' ? 'skipped' : 'failed'] = Number(number)
  }
  return [totals, end]
}

/** As many as were said to have failed: a name of several lines, of which the last ends with a colon, then what went wrong. */
function parseFailures(lines: readonly string[], count: number): TestCase[] {
  const tests: (TestCase & {lines: string[]})[] = []
  let title: string[] | undefined
  for (const line of lines) {
    const first = FAILURE.exec(line)?.[1]
    if (first !== undefined) {
      if (tests.length === count) break
      title = [first]
    } else if (title && line.trim() !== '') title.push(line.trim())
    else if (!title) tests.at(-1)?.lines.push(line)
    if (title?.at(-1)?.endsWith(':')) {
      const [suite, name] = [title.slice(0, -1).join(' '), title.at(-1)?.slice(0, -1) ?? '']
      tests.push({suite, name, result: 'failed', origin: {kind: 'mocha'}, lines: []})
      title = undefined
    }
  }
  return tests.map(({lines: printed, ...test}) => ({...test, ...detailOf(printed)}))
}
