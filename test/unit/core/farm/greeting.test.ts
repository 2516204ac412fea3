import t from 'tap'
import {type Answer, encodeAnswer, encodeGreeting, LONGEST_LINE, parseAnswer, parseGreeting} from '../../../../lib/core/farm/greeting.js'

const KEY = '0123456789abcdef'

t.test('a greeting is read as it was written, and nothing else is one', async t => {
  t.equal(parseGreeting(encodeGreeting(KEY).trimEnd()), KEY)
  for (const odd of ['', 'DIST00000001', `xbuild-env-farm 2 ${KEY}`, `xbuild-env-farm 1 ${KEY}0`, `xbuild-env-farm 1 ${KEY} `])
    t.equal(parseGreeting(odd), undefined, odd)
})

t.test('an answer is read as it was written, and nothing else is one', async t => {
  const answers: Answer[] = [
    {kind: 'ok', jobs: 8},
    {kind: 'other-key', key: KEY},
    {kind: 'not-allowed', address: 'fe80::1%eth0'},
  ]
  for (const answer of answers) {
    const line = encodeAnswer(answer)
    t.ok(line.length <= LONGEST_LINE)
    t.same(parseAnswer(line.trimEnd()), answer)
  }
  for (const odd of ['', 'ok', 'ok 0', 'ok -1', 'ok 99999', 'ok 8 8', 'DONE00000001', 'not-allowed a\u001b[2J', 'other-key a b'])
    t.equal(parseAnswer(odd), undefined, odd)
})
