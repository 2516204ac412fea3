import t from 'tap'
import {parseDuration} from '../../../lib/core/duration.js'

t.test('hours, minutes and seconds are added up', async t => {
  t.equal(parseDuration('90s'), 90)
  t.equal(parseDuration('20m'), 1200)
  t.equal(parseDuration('1h30m'), 5400)
  t.equal(parseDuration('1h1s'), 3601)
})

t.test('what is no time is none', async t => {
  for (const text of ['', '20', 'm', '5m1h', '-1s', '1.5h', '20 m', '0s']) t.equal(parseDuration(text), undefined, text)
})
