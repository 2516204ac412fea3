import {chmodSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {isLocked, type Lock, takeLock} from '../../../lib/host/lock.js'
import {processesWith} from '../../../lib/host/processes.js'
import {importing, kill, nodeArguments, start, until, withVariables} from '../other-process.js'
import {refusal} from '../refusal.js'

type Tap = Parameters<typeof start>[0] & {testdir: () => string}
const fileIn = (t: Tap) => join(t.testdir(), 'some/where', '.key.lock')
const held = async (path: string, mode: 'shared' | 'exclusive') => (await takeLock(path, mode, 'no')) as Lock

/** The group that a terminal's signals go to. man 5 proc_pid_stat, 5 */
const groupOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2]

t.test('an exclusive lock is held alone, shared ones together', async t => {
  const path = fileIn(t)
  const first = await held(path, 'exclusive')
  t.equal(await takeLock(path, 'exclusive', 'no'), undefined)
  t.equal(await takeLock(path, 'shared', 'no'), undefined)
  await first.release()
  const [one, other] = [await held(path, 'shared'), await held(path, 'shared')]
  t.equal(await takeLock(path, 'exclusive', 'no'), undefined)
  await one.release()
  t.equal(await takeLock(path, 'exclusive', 'no'), undefined, 'the other has it still')
  await other.release()
  await (await held(path, 'exclusive')).release()
})

t.test('a lock that is refused leaves nothing open', async t => {
  const path = fileIn(t)
  const lock = await held(path, 'exclusive')
  const before = readdirSync('/proc/self/fd').length
  for (let i = 0; i < 3; i++) t.equal(await takeLock(path, 'shared', 'no'), undefined)
  t.equal(readdirSync('/proc/self/fd').length, before)
  await lock.release()
})

t.test('whoever waits has the lock as soon as it is released', async t => {
  const path = fileIn(t)
  const first = await held(path, 'exclusive')
  const order: string[] = []
  const waiting = takeLock(path, 'exclusive', 'yes').then(lock => {
    order.push('taken')
    return lock
  })
  const {pid} = await until(() => processesWith(path).find(({argv}) => argv.includes('flock')))
  t.not(groupOf(pid), groupOf(process.pid), "it does not hear the terminal's signals")
  order.push('released')
  await first.release()
  await (await waiting)?.release()
  t.same(order, ['released', 'taken'])
})

t.test('an interruption ends the waiting with its reason, and nobody waits in its stead', async t => {
  const path = fileIn(t)
  const lock = await held(path, 'exclusive')
  const end = new AbortController()
  const waiting = takeLock(path, 'exclusive', 'yes', end.signal)
  await until(() => processesWith(path).some(({argv}) => argv.includes('flock')))
  const reason = new Error('interrupted')
  end.abort(reason)
  await t.rejects(waiting, reason)
  await until(() => processesWith(path).length === 1)
  await lock.release()
  t.equal(await isLocked(path), false)
})

t.test('the lock of one that is killed is free at once', async t => {
  const path = fileIn(t)
  const script = `${importing('takeLock', 'host/lock')} await takeLock(${JSON.stringify(path)}, 'exclusive', 'yes'); setInterval(() => {}, 1e6)`
  const holder = start(t, nodeArguments(script))
  await until(() => processesWith(path).some(({pid}) => pid === holder.pid))
  await until(() => readFileSync('/proc/locks', 'utf8').includes('FLOCK') && processesWith(path).length === 1)
  t.equal(await takeLock(path, 'exclusive', 'no'), undefined)
  await kill(holder)
  await (await held(path, 'exclusive')).release()
})

t.test('whoever inherits a lock holds it as well, until it ends', async t => {
  const path = fileIn(t)
  const lock = await held(path, 'exclusive')
  const heir = start(t, ['sleep', '600'], {stdio: ['ignore', 'ignore', 'ignore', lock.fd]})
  await lock.release()
  t.equal(await takeLock(path, 'exclusive', 'no'), undefined)
  t.equal(await isLocked(path), true)
  await kill(heir)
  t.equal(await isLocked(path), false)
  await (await held(path, 'exclusive')).release()
})

t.test('to look whether a lock is held takes none', async t => {
  const path = fileIn(t)
  const lock = await held(path, 'shared')
  t.equal(await isLocked(path), true)
  const other = join(path, '../other')
  writeFileSync(other, '')
  t.equal(await isLocked(other), false)
  await lock.release()
  t.equal(await isLocked(path), false)
})

t.test('a lock file that is there does where nothing can be written', {skip: process.getuid?.() === 0 && 'root may write'}, async t => {
  const path = fileIn(t)
  await (await held(path, 'exclusive')).release()
  chmodSync(path, 0o444)
  chmodSync(join(path, '..'), 0o555)
  await (await held(path, 'exclusive')).release()
  await t.rejects(takeLock(join(path, '../other'), 'shared', 'no'), refusal('read-only'))
  chmodSync(join(path, '..'), 0o755)
})

t.test('without flock(1), that is said', async t => {
  const directory = t.testdir({bin: {setpriv: t.fixture('symlink', '/usr/bin/setpriv')}})
  const path = join(directory, '.key.lock')
  withVariables(t, {PATH: join(directory, 'bin')})
  await t.rejects(takeLock(path, 'exclusive', 'no'), refusal('missing-program', {message: 'flock is not installed', hint: /util-linux/}))
  process.env.PATH = join(directory, 'none')
  await t.rejects(takeLock(path, 'exclusive', 'no'), refusal('missing-program', {message: 'setpriv is not installed', hint: /util-linux/}))
})
