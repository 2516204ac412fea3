import t from 'tap'
import {parseSessionRecord, type SessionRecord, whyNotFit} from '../../../../lib/core/session/record.js'

const SESSION: SessionRecord = {
  id: '01234567',
  turn: 0,
  environment: 'mips64el',
  lasting: 'lasting',
  company: 'joins',
  why: '',
  pid: 12,
  began: '345',
  space: 'pid:[1]',
  user: 'ada',
  since: '2026-11-30T08:00:00.000Z',
  command: ['make', 'check'],
  mode: 'hybrid',
  network: 'host',
  binds: [
    {source: '/home/ada/one', target: '/home/ada/one', access: 'rw'},
    {source: '/srv/cache', target: '/cache', access: 'ro'},
  ],
}

t.test('a record is read as it was written, and nothing else is one', async t => {
  t.same(parseSessionRecord(JSON.stringify(SESSION)), SESSION)
  for (const odd of [
    {id: '../x'},
    {pid: -1},
    {pid: '12'},
    {lasting: 'forever'},
    {company: 'all'},
    {command: 'make'},
    {command: [1]},
    {binds: [{source: '/', target: '/'}]},
    {binds: {}},
    {mode: 'native'},
    {network: 1},
    {began: 3},
    {turn: -1},
    {since: 'today'},
    {environment: 'a\u001b[2J'},
    {user: 'a\nb'},
  ]) {
    t.equal(parseSessionRecord(JSON.stringify({...SESSION, ...odd})), undefined, JSON.stringify(odd))
  }
  for (const text of ['', 'null', '[]', '3', '{', '{}']) t.equal(parseSessionRecord(text), undefined, text)
})

t.test('what a command asks for is looked for in the session', async t => {
  const asked = {mode: 'hybrid', binds: [], directory: undefined} as const
  const why = (more: object) => whyNotFit(SESSION, {...asked, ...more})
  t.equal(why({}), undefined)
  t.equal(why({directory: '/home/ada/one'}), undefined)
  t.equal(why({directory: '/home/ada/one/below'}), undefined)
  t.match(why({directory: '/home/ada/one2'}), /does not show \/home\/ada\/one2/)
  t.match(why({directory: '/srv/cache'}), /does not show/, 'at another path')
  t.equal(why({binds: [{source: '/srv/cache', target: '/cache', access: 'ro'}]}), undefined)
  t.match(why({binds: [{source: '/srv/cache', target: '/cache', access: 'rw'}]}), /does not show \/srv\/cache at \/cache/)
  t.match(why({mode: 'emulated'}), /runs programs native/)
  t.equal(whyNotFit({...SESSION, mode: 'emulated'}, asked), undefined, 'it is the same, and slower')
})
