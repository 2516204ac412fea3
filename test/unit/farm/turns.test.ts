import t from 'tap'
import {Turns} from '../../../lib/farm/turns.js'

t.test('so many at once have their turn, in the order in which they came, also after one that failed', async t => {
  const turns = new Turns(2)
  const said: string[] = []
  const ends = new Map<string, () => void>()
  const work = (name: string) => () => {
    said.push(name)
    return new Promise<void>((resolve, reject) => ends.set(name, name === 'b' ? () => reject(new Error(name)) : resolve))
  }
  const all = ['a', 'b', 'c', 'd'].map(name => turns.take(work(name)).catch(() => {}))
  await new Promise(setImmediate)
  t.same(said, ['a', 'b'])
  ends.get('b')?.()
  await new Promise(setImmediate)
  t.same(said, ['a', 'b', 'c'])
  for (const name of ['a', 'c', 'd']) {
    ends.get(name)?.()
    await new Promise(setImmediate)
  }
  await Promise.all(all)
  t.same(said, ['a', 'b', 'c', 'd'])
})
