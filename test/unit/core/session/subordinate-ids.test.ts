import t from 'tap'
import {countSubordinates, findFree, giveIds, parseBounds, parseSubordinates} from '../../../../lib/core/session/subordinate-ids.js'

const BOUNDS = {min: 100_000, max: 600_100_000}

t.test("a user's range is the first that is long enough, by name or number", async t => {
  const text = 'bob:100000:65536\nada:200000:1000\n1000:300000:65536\nada:400000:65536\n'
  t.same(parseSubordinates(text, 'ada', 1000), {inside: 1, outside: 300000, count: 65535})
  t.equal(parseSubordinates(text, 'eve', 1001), undefined)
  t.equal(parseSubordinates('ada:1:65534\n', 'ada', 1000), undefined)
  t.equal(countSubordinates(text, 'ada', 1000), 65536)
  t.equal(countSubordinates(text, 'eve', 1001), 0)
})

t.test('lines that are no ranges count as none', async t => {
  t.equal(countSubordinates('ada\nada:x:65536\nada:1\n#ada:1:65536\n\n', 'ada', 1000), 0)
})

t.test("what is offered is nobody else's", async t => {
  t.equal(findFree([''], BOUNDS), 100_000)
  t.equal(findFree(['bob:100000:65536\n'], BOUNDS), 165_536)
  t.equal(findFree(['eve:231072:65536\nbob:100000:65536\n'], BOUNDS), 165_536, 'the gap between')
  t.equal(findFree(['eve:231071:65536\nbob:100000:65536\n'], BOUNDS), 296_607, 'a gap that is too small')
  t.equal(findFree(['bob:99999:2\n'], BOUNDS), 100_001, 'one that begins below')
  t.equal(findFree(['bob:100000:65536\n'], {min: 100_000, max: 200_000}), undefined)
})

t.test("login.defs says where they lie, else its manual's defaults hold", async t => {
  t.same(parseBounds('', 'UID'), BOUNDS)
  t.same(parseBounds('#SUB_UID_MIN 1\nSUB_UID_MIN\t\t 200000\nSUB_UID_MAX 900000\nSUB_GID_MIN 7\n', 'UID'), {min: 200_000, max: 900_000})
})

t.test('usermod is told of what is missing, and of that alone', async t => {
  const files = {subuid: 'bob:100000:65536\n', subgid: 'bob:200000:65536\n', loginDefs: ''}
  t.equal(giveIds(files, 'ada', 1000).join(' '), 'usermod --add-subuids 265536-331071 --add-subgids 265536-331071 ada')
  t.equal(giveIds({...files, subuid: 'ada:100000:65536\n'}, 'ada', 1000).join(' '), 'usermod --add-subgids 100000-165535 ada')
})
