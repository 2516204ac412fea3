import t from 'tap'
import {makeLedger} from '../../../lib/core/trace/ledger.js'
import {buildSpans} from '../../../lib/core/trace/spans.js'
import {assignLanes} from '../../../lib/measure/trace-lanes.js'
import {tracePage} from '../../../lib/measure/trace-page.js'
import {end, exec, finish, HEADER, NO_ROUTE} from '../core/traces.js'

const HOSTILE = '/x/</script><script>alert(1)</script>"\'&<img src=x onerror=alert(1)>'

function page(program: string, words: readonly string[] = [program]): string {
  const built = buildSpans([exec(0, 2, 0, '/usr/bin/sh'), exec(1, 3, 2, program, NO_ROUTE, words), end(5, 3), end(9, 2), finish(9)])
  const header = {...HEADER, command: [program], environment: program}
  return tracePage(header, makeLedger(header, built), built)
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0

t.test('names and arguments of programs mean nothing to a browser', async t => {
  const [plain, hostile] = [page('/x/plain'), page(HOSTILE, ['x', HOSTILE])]
  for (const pattern of [/<script/g, /<\/script/g, /<img/g, /<[a-z]/g])
    t.equal(count(hostile, pattern), count(plain, pattern), String(pattern))
  t.match(hostile, '&lt;img')
})

t.test('the timeline has what was recorded, whatever the names hold', async t => {
  const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page(HOSTILE, ['x', HOSTILE]))?.[1] ?? ''
  t.same(JSON.parse(json), {
    end: 9000,
    lanes: 2,
    programs: ['/usr/bin/sh', HOSTILE],
    coloured: [0, 1],
    spans: [
      [0, 9000, 5000, 0, 0, 0, 2, ''],
      [1000, 4000, 4000, 1, 2, 1, 3, HOSTILE],
    ],
  })
})

t.test('the page loads nothing from anywhere', async t => {
  t.notMatch(page('/x/plain'), /\b(src|href)=|url\(|@import|https?:/)
})

t.test('a trace without a program is a page too', async t => {
  const built = buildSpans([])
  t.match(tracePage(HEADER, makeLedger(HEADER, built), built), /^<!doctype html>/)
})

t.test('a process is drawn below its parent, in the first line that is free', async t => {
  const span = (start: number, until: number, parent?: number) => ({start, end: until, parent})
  t.same(
    assignLanes([span(0, 100), span(10, 20, 0), span(15, 40, 0), span(20, 30, 0), span(21, 25, 3), span(100, 110)]),
    [0, 1, 2, 1, 3, 0],
  )
  t.same(assignLanes([]), [])
})
