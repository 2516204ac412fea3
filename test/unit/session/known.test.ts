import {spawn} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {Store} from '../../../lib/environment/store.js'
import {announce, awaitSession, type Described, forget, handOver, knownSessions, socketOf} from '../../../lib/session/known.js'

const DESCRIBED: Described = {
  environment: 'mips64el',
  lasting: 'ephemeral',
  mode: 'hybrid',
  network: 'host',
  binds: [],
  command: [],
  company: 'held',
  why: '',
}

function storeOf(t: Test): Store {
  const directory = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  return new Store(directory)
}

t.test('whoever removes what an ended session left leaves the one that began anew under its name', t => {
  const store = storeOf(t)
  const before = announce(store, DESCRIBED)
  const after = announce(store, DESCRIBED, {id: before.id, turn: before.turn + 1})
  writeFileSync(socketOf(store, after), '')
  forget(store, before)
  t.match(knownSessions(store), [{id: before.id, turn: 1}])
  t.ok(existsSync(socketOf(store, after)))
  forget(store, after)
  t.same(readdirSync(store.sessions), [])
  t.end()
})

t.test('whatever else lies among the sessions is none, and in nobody\u2019s way', t => {
  const store = storeOf(t)
  const own = announce(store, DESCRIBED)
  for (const [name, text] of [
    ['00000001.0.json', ''],
    ['00000002.0.json', JSON.stringify({...own, id: '00000001'})],
    ['00000003.0.json', JSON.stringify({...own, id: '00000003', turn: 1})],
    ['00000004.0.json', JSON.stringify({...own, id: '00000004', began: '1'})],
    ['00000005.0.json', JSON.stringify({...own, id: '00000005', environment: 'a\u001b]0;x\u0007'})],
  ] as const) {
    writeFileSync(join(store.sessions, name), text)
  }
  mkdirSync(join(store.sessions, '00000006.0.json/below'), {recursive: true})
  mkdirSync(join(store.sessions, '.00000007.1'))
  symlinkSync('/etc/passwd', join(store.sessions, '00000008.0.json'))
  t.match(knownSessions(store), [{id: own.id}])
  t.same(readdirSync(store.sessions).sort(), ['.00000007.1', '00000006.0.json', `${own.id}.0.json`].sort())
  t.end()
})

t.test('what was being made when its maker was killed is removed once it is old', t => {
  const store = storeOf(t)
  announce(store, DESCRIBED)
  for (const name of ['.0000000a.12', '.0000000b.0.socket', '.0000000c.13']) writeFileSync(join(store.sessions, name), '')
  for (const name of ['.0000000a.12', '.0000000b.0.socket']) utimesSync(join(store.sessions, name), 1, 1)
  knownSessions(store)
  t.same(
    readdirSync(store.sessions).filter(name => name.startsWith('.')),
    ['.0000000c.13'],
  )
  t.end()
})

t.test('the end of the process that holds a session is seen by who waits for it', async t => {
  const store = storeOf(t)
  const child = spawn('sleep', ['1000'])
  t.teardown(() => child.kill('SIGKILL'))
  handOver(store, announce(store, DESCRIBED), Number(child.pid))
  const start = performance.now()
  setTimeout(() => child.kill('SIGKILL'), 200)
  t.equal(await awaitSession(store, () => (knownSessions(store).length === 0 ? 'gone' : undefined), 10_000), 'gone')
  t.ok(performance.now() - start < 3000)
})
