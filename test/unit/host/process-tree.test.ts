import {copyFileSync, existsSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {descendantsOf, describeProcess, type ProcessFacts, searchedChildren, toldChildren} from '../../../lib/host/process-tree.js'
import {kill, start, until} from '../other-process.js'

/** The only one that a process started, as soon as it runs its own program and sleeps. */
const sleeper = (pid: number): Promise<ProcessFacts> =>
  until(() => descendantsOf(pid).find(({name, state}) => name !== 'sh' && name !== 'node' && state === 'S'))

t.test('all that a process started are found, those of others too, and nothing besides', async t => {
  const child = start(t, ['sh', '-c', 'sleep 600 & sh -c "sleep 601 & exec sleep 602" & wait'])
  const found = await until(() => {
    const now = descendantsOf(child.pid)
    return now.filter(({name}) => name === 'sleep').length === 3 && now
  })
  const direct = found.filter(({parent}) => parent === child.pid)
  t.equal(direct.length, 2)
  t.ok(found.every(({parent}) => parent === child.pid || found.some(({pid}) => pid === parent)))
  t.notOk(found.some(({pid}) => pid === child.pid))
  t.ok(descendantsOf(process.pid).some(({pid, parent}) => pid === child.pid && parent === process.pid))
  for (const {pid, name} of found) if (name === 'sleep') process.kill(pid)
  await kill(child)
  t.same(descendantsOf(child.pid), [])
})

const tells = existsSync(`/proc/self/task/${process.pid}/children`)

t.test('a kernel that does not tell is searched, and the same are found', {skip: !tells && 'this kernel does not tell'}, async t => {
  const child = start(t, ['sh', '-c', 'sleep 600 & sleep 601 & wait'])
  const found = await until(() => {
    const now = toldChildren(child.pid)
    return now.filter(({name, state}) => name === 'sleep' && state === 'S').length === 2 && now
  })
  const byPid = (a: ProcessFacts, b: ProcessFacts) => a.pid - b.pid
  t.same([...searchedChildren()(child.pid)].sort(byPid), [...found].sort(byPid))
  for (const {pid} of found) process.kill(pid)
})

t.test('a name with brackets and blanks hides neither parent nor state', async t => {
  const directory = t.testdir({})
  const odd = join(directory, 'x) Z 1 (y')
  copyFileSync('/bin/sleep', odd)
  const child = start(t, ['sh', '-c', '"$0" 600; true', odd])
  const found = await sleeper(child.pid)
  t.match(found, {name: 'x) Z 1 (y', parent: child.pid, state: 'S'})
  t.ok(found.memory > 0)
  process.kill(found.pid)
})

t.test('processor time is that of a process and of its children that have ended', async t => {
  const child = start(t, ['sh', '-c', 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; exec sleep 600'])
  const parent = start(t, ['sh', '-c', 'sh -c "i=0; while [ \\$i -lt 100000 ]; do i=\\$((i + 1)); done"; sleep 600; true'])
  const ticksOf = ({pid}: {pid: number}) => descendantsOf(process.pid).find(one => one.pid === pid)?.ticks ?? 0
  t.ok(await until(() => ticksOf(child) > 0))
  await until(() => descendantsOf(parent.pid).some(({name}) => name === 'sleep'))
  t.ok(ticksOf(parent) > 0)
  for (const {pid} of descendantsOf(parent.pid)) process.kill(pid)
})

t.test('one that has ended and that nobody waits for is told as that', async t => {
  const child = start(t, ['sh', '-c', 'sleep 0 & exec sleep 600'])
  const found = await until(() => descendantsOf(child.pid).find(({state}) => state === 'Z'))
  t.equal(found.parent, child.pid)
  t.match(describeProcess(found), new RegExp(`^${found.pid} \\(parent ${child.pid}\\) Z sleep: \n`))
})

t.test('a process that does nothing is described by what it is, where, and what it waits for', async t => {
  const directory = t.testdir({})
  const child = start(t, ['sleep', '600'], {cwd: directory})
  const facts = await until(() =>
    descendantsOf(process.pid).find(({pid, name, state}) => pid === child.pid && name === 'sleep' && state === 'S'),
  )
  const [head, figures, waits] = describeProcess(facts).split('\n')
  t.equal(head, `${child.pid} (parent ${process.pid}) S sleep: sleep 600`)
  t.equal(figures, `  0.0 s of processor time, ${Math.round(facts.memory / 2 ** 20)} MiB, in ${directory}`)
  t.match(waits, /^ {2}waits in \w+; system call (\d+ 0x|unknown)/)
  await kill(child)
  t.match(describeProcess(facts), /in a directory that cannot be read\n {2}waits in nothing; system call unknown$/)
})
