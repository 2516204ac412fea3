import type {TestCase} from '../tests.js'
import {detailOf} from './totals.js'

/** https://testanything.org/tap-version-14-specification.html: what belongs to a subtest is indented by four. */
const INDENT = 4
const POINT = /^(not )?ok\b(?: (\d+))?(?: -)? ?(.*)$/is
const PLAN = /^ *1\.\.\d+/

interface Point {
  test: TestCase
  lines: string[]
}

/** Without a plan (`1..3`), lines with "ok" are anything. */
export function parseTap(lines: readonly string[]): TestCase[] {
  if (!lines.some(line => PLAN.test(line))) return []
  /** The points of each depth that no outer one has closed yet. */
  const levels: Point[][] = [[]]
  let last: Point | undefined
  for (const line of lines) {
    const indent = line.length - line.trimStart().length
    const match = indent % INDENT === 0 ? POINT.exec(line.slice(indent)) : null
    if (!match || indent / INDENT > MOST_DEPTH) {
      if (last && indent > 0) last.lines.push(line.trim())
      continue
    }
    const depth = indent / INDENT
    while (levels.length <= depth) levels.push([])
    last = {test: pointOf(match), lines: []}
    levels[depth]?.push(...closed(last, levels.splice(depth + 1).flat()))
  }
  return levels.flat().map(({test, lines: printed}) => (test.result === 'failed' ? {...test, ...detailOf(printed)} : test))
}

/** Deeper than any subtest. */
const MOST_DEPTH = 50

/** A point with subtests is told with these; it counts where it failed though none of them did. */
function closed(point: Point, inner: readonly Point[]): Point[] {
  if (inner.length === 0) return [point]
  const {name, result} = point.test
  const own = result === 'failed' && !inner.some(({test}) => test.result === 'failed') ? [point] : []
  return [...inner.map(one => ({...one, test: {...one.test, suite: one.test.suite === '' ? name : `${name} ${one.test.suite}`}})), ...own]
}

function pointOf([, not, number = '', rest = '']: RegExpExecArray): TestCase {
  const [directed, directive] = /# *(SKIP|TODO)\b/i.exec(rest) ?? []
  const told = directed === undefined ? rest : rest.slice(0, rest.indexOf(directed)).trimEnd()
  const description = told.replace(/ \{$/, '').replace(/(?<! ) +# time=\S+$/, '')
  const test = {suite: '', name: description === '' ? number : description, origin: {kind: 'tap'}} as const
  switch (directive?.toUpperCase()) {
    case 'SKIP':
      return {...test, result: 'skipped'}
    case 'TODO':
      return {...test, result: not ? 'expected-failure' : 'passed'}
    default:
      return {...test, result: not ? 'failed' : 'passed'}
  }
}
