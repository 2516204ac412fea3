import t from 'tap'
import {inUseHint} from '../../../../lib/core/session/in-use.js'

const HELD = {id: '1f3a5c7e', lasting: 'ephemeral', company: 'held'} as const
const JOINS = {id: '7b20e9d1', lasting: 'lasting', company: 'joins'} as const
const ALONE = {...JOINS, company: 'alone'} as const

t.test('a session that stays is ended by its name: it would be waited for forever', async t => {
  t.match(inUseHint('s390x', [HELD], 'lasting', 'shared'), /^end what stays: xbuild-env session stop 1f3a5c7e;/)
  t.equal(inUseHint('s390x', [{...HELD, lasting: 'lasting'}], 'lasting', 'alone'), 'end what stays: xbuild-env session stop 1f3a5c7e')
})

t.test('a copy and ephemeral sessions are offered where they can be had', async t => {
  t.match(inUseHint('s390x', [], 'lasting', 'shared'), /^wait for it to end; .*"run --ephemeral".*: xbuild-env clone s390x s390x-copy$/)
  t.equal(inUseHint('s390x', [JOINS], 'lasting', 'alone'), 'wait for it to end')
})

t.test('where an ephemeral session was asked for, the lasting one can be joined, unless nobody can', async t => {
  t.match(inUseHint('s390x', [JOINS], 'ephemeral', 'alone'), /: wait for it to end, or leave out --ephemeral: "run" and "shell" join it$/)
  t.equal(inUseHint('s390x', [ALONE], 'ephemeral', 'alone'), 'wait for it to end')
})
