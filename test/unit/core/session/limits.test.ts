import t from 'tap'
import {groupSettings, parsePids, parseSize, readEvent} from '../../../../lib/core/session/limits.js'

t.test('sizes are in units of 1024', async t => {
  t.equal(parseSize('512M'), 512 * 1024 ** 2)
  t.equal(parseSize('4G'), 4 * 1024 ** 3)
  t.equal(parseSize('65536k'), 64 * 1024 ** 2)
  t.equal(parseSize('1T'), 1024 ** 4)
})

t.test('what is no size is none', async t => {
  for (const text of ['', '512', 'M', '0M', '-1G', '1.5G', '4 G', '4GB', '9999999999T', '512M\n4G'])
    t.equal(parseSize(text), undefined, text)
})

t.test('a number of processes is 1 or more, and at most what the kernel has ids for', async t => {
  t.equal(parsePids('1'), 1)
  t.equal(parsePids('4194304'), 4_194_304)
  for (const text of ['', '0', '-1', '1.5', '1e3', '0x10', '4194305', 'max']) t.equal(parsePids(text), undefined, text)
})

t.test('memory is limited together with swap; of the processes, those of the session itself are not counted', async t => {
  t.same(groupSettings({}, 1), [])
  t.same(groupSettings({timeout: 30}, 1), [])
  t.same(
    groupSettings({memory: 1024, pids: 7}, 1).map(({controller, file, value}) => [controller, file, value]),
    [
      ['memory', 'memory.max', '1024'],
      ['memory', 'memory.swap.max', '0'],
      ['pids', 'pids.max', '11'],
    ],
  )
  t.same(
    groupSettings({pids: 7}, 3).map(({value}) => value),
    ['19'],
  )
})

t.test('a counter of events is the one of that very name', async t => {
  const events = 'low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n'
  t.equal(readEvent(events, 'oom_kill'), 2)
  t.equal(readEvent(events, 'oom'), 3)
  t.equal(readEvent('', 'oom_kill'), 0)
})
