import t from 'tap'
import {decodeJournal, encodeEvent, isEnd} from '../../../../lib/core/bulk/journal.js'
import {RunState} from '../../../../lib/core/bulk/state.js'
import {built, failed, planned, planOf, trouble} from '../../bulk/imitated.js'

t.test('a line that lacks a part of its event is none, and what the others tell counts', t => {
  const lines = [
    '{"kind":"again"}',
    '{"kind":"again","packages":[1]}',
    '{"kind":"begun","package":"a","attempt":1,"way":"sideways"}',
    '{"kind":"ended","package":"a","attempt":1}',
    '{"kind":"ended","package":"a","attempt":1,"end":{"kind":"failed","seconds":1}}',
    '{"kind":"ended","package":"a","attempt":1,"end":{"kind":"exploded","seconds":1,"why":"x"}}',
    '{"kind":"judged","package":"a","verdict":"<script>","why":"x"}',
    '{"kind":"judged","package":"a","verdict":"package"}',
    'null',
    '[]',
    '\u0000\u0000\u0000',
    '',
  ]
  const good = encodeEvent({kind: 'begun', at: 1, package: 'a', attempt: 1, way: 'hybrid'})
  const {events, damaged} = decodeJournal(Buffer.from(`${good}${lines.join('\n')}\n${good}`))
  t.equal(events.length, 2)
  t.same(
    damaged,
    lines.map((_, i) => i + 2),
  )
  const state = new RunState(planOf([planned('a')]))
  state.applyAll(events)
  t.equal(state.packages.get('a')?.attempts.length, 2)
  t.end()
})

t.test('every end that attempts have is one', t => {
  for (const end of [built, failed, trouble('away'), {kind: 'interrupted', seconds: 0}, {kind: 'blocked', seconds: 1, why: 'x'}])
    t.ok(isEnd(end))
  for (const end of [null, undefined, 'built', {kind: 'built'}, {}]) t.notOk(isEnd(end))
  t.end()
})
