import t from 'tap'
import type {TraceEvent} from '../../../../lib/core/trace/format.js'
import {buildSpans} from '../../../../lib/core/trace/spans.js'
import {end, exec, finish, NO_ROUTE, ROUTED} from '../traces.js'

/** Program, start, end, own time and the parent's program of each span. */
function spans(events: readonly TraceEvent[]) {
  const built = buildSpans(events).spans
  return built.map(span => [
    span.program,
    span.start,
    span.end,
    span.own,
    span.parent === undefined ? undefined : built[span.parent]?.program,
  ])
}

t.test('a span lasts from the exec to the end of the process', async t => {
  t.same(spans([exec(10, 2, 0, '/sh'), end(25, 2), finish(30)]), [['/sh', 10, 25, 15, undefined]])
})

t.test('its own time is that in which none of its children ran', async t => {
  const events = [exec(0, 2, 0, '/make'), exec(10, 3, 2, '/cc'), end(30, 3), exec(40, 4, 2, '/ld'), end(50, 4), end(100, 2), finish(100)]
  t.same(spans(events), [
    ['/make', 0, 100, 70, undefined],
    ['/cc', 10, 30, 20, '/make'],
    ['/ld', 40, 50, 10, '/make'],
  ])
})

t.test('children that run side by side are not counted twice', async t => {
  const events = [
    exec(0, 2, 0, '/make'),
    exec(10, 3, 2, '/a'),
    exec(20, 4, 2, '/b'),
    end(25, 4),
    exec(30, 5, 2, '/c'),
    end(40, 3),
    end(60, 5),
    end(100, 2),
  ]
  t.equal(spans(events)[0]?.[3], 50)
})

t.test('grandchildren count for their parent alone', async t => {
  const events = [exec(0, 2, 0, '/gcc'), exec(10, 3, 2, '/sh'), exec(20, 4, 3, '/as'), end(30, 4), end(50, 3), end(60, 2)]
  t.same(
    spans(events).map(([program, , , own]) => [program, own]),
    [
      ['/gcc', 20],
      ['/sh', 30],
      ['/as', 10],
    ],
  )
})

t.test('an exec ends what the process ran before, and keeps its parent', async t => {
  const events = [exec(0, 2, 0, '/sh'), exec(10, 3, 2, '/sh'), exec(15, 3, 2, '/env'), exec(17, 3, 2, '/cc'), end(40, 3), end(50, 2)]
  t.same(spans(events), [
    ['/sh', 0, 50, 20, undefined],
    ['/sh', 10, 15, 5, '/sh'],
    ['/env', 15, 17, 2, '/sh'],
    ['/cc', 17, 40, 23, '/sh'],
  ])
})

t.test('the first process of a session may exec too', async t => {
  t.same(spans([exec(0, 2, 0, '/sh'), exec(5, 2, 0, '/make'), end(9, 2)]), [
    ['/sh', 0, 5, 5, undefined],
    ['/make', 5, 9, 4, undefined],
  ])
})

t.test('a twin that could not be executed is one exec, emulated', async t => {
  const built = buildSpans([exec(0, 2, 0, '/sed', ROUTED), exec(1, 2, 0, '/sed', {kind: 'twin-failed'}), end(9, 2)]).spans
  t.match(built, [{program: '/sed', start: 0, end: 9, outcome: {kind: 'twin-failed'}}])
  t.equal(built.length, 1)
})

t.test('a number that comes again is another process', async t => {
  const events = [exec(0, 2, 0, '/make'), exec(1, 3, 2, '/a'), end(2, 3), exec(8, 3, 2, '/b', NO_ROUTE), end(9, 3), end(10, 2)]
  t.same(spans(events).slice(1), [
    ['/a', 1, 2, 1, '/make'],
    ['/b', 8, 9, 1, '/make'],
  ])
})

t.test('an end that is told twice, or of nothing, changes nothing', async t => {
  t.same(spans([end(0, 9), exec(1, 2, 0, '/a'), end(3, 2), end(4, 2), finish(5)]), [['/a', 1, 3, 2, undefined]])
})

t.test('what has no end lasts until the end of the trace, which says whether it is whole', async t => {
  const events = [exec(0, 2, 0, '/a'), exec(4, 3, 2, '/daemon')]
  t.match(buildSpans([...events, finish(10)]), {
    state: 'complete',
    end: 10,
    spans: [
      {end: 10, own: 4},
      {end: 10, own: 6},
    ],
  })
  t.match(buildSpans(events), {state: 'cut-off', end: 4})
  t.match(buildSpans([]), {state: 'cut-off', end: 0, spans: []})
})

t.test('a child that outlives its parent takes only what the parent had left', async t => {
  t.equal(spans([exec(0, 2, 0, '/sh'), exec(6, 3, 2, '/daemon'), end(10, 2), end(90, 3)])[0]?.[3], 6)
})

t.test('a process whose parent is not known, or that names itself, stands alone', async t => {
  const built = buildSpans([exec(0, 2, 77, '/a'), exec(1, 3, 3, '/b'), end(2, 3), end(3, 2)]).spans
  t.same(
    built.map(({parent}) => parent),
    [undefined, undefined],
  )
})
