import {closeSync, copyFileSync, mkdirSync, openSync, readFileSync, readlinkSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {argumentsOf, beganAt, initOf, pidSpace, processesOf, processesWith} from '../../../lib/host/processes.js'
import {kill, start, until} from '../other-process.js'

/** A PID 1 of its own, which is a shell with a child. */
const SPACE = ['unshare', '--user', '--map-root-user', '--pid', '--fork', 'sh', '-c', 'sleep 600 & wait']

t.test('a process is known by its number and when it began, whatever its name', async t => {
  const directory = t.testdir({})
  const odd = join(directory, 'a) R 1 (b')
  copyFileSync('/bin/sleep', odd)
  const child = start(t, [odd, '600'])
  await until(() => argumentsOf(child.pid)[0] === odd)
  const began = beganAt(child.pid)
  t.match(began, /^\d+$/)
  t.ok(Number(began) >= Number(beganAt(process.pid)), 'not before its parent')
  t.equal(beganAt(child.pid), began)
  await kill(child)
  t.equal(beganAt(child.pid), undefined)
})

t.test('one that has ended, and that nobody has waited for, is not there any more', async t => {
  // The shell becomes a program that waits for nobody.
  const parent = start(t, ['sh', '-c', 'sleep 0 & echo $! >&3; exec sleep 600', 'sh'], {stdio: ['ignore', 'ignore', 'ignore', 'pipe']})
  const pid = Number(await new Promise(resolve => parent.stdio[3]?.on('data', data => resolve(String(data)))))
  await until(() => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
  t.equal(beganAt(pid), undefined)
  await kill(parent)
})

t.test('arguments are told as they are, empty ones and odd ones too', async t => {
  const child = start(t, ['sh', '-c', 'read line', 'sh', '', 'a b', 'line\nbreak', ''], {stdio: ['pipe', 'ignore', 'ignore']})
  await until(() => argumentsOf(child.pid).length > 1)
  t.same(argumentsOf(child.pid), ['sh', '-c', 'read line', 'sh', '', 'a b', 'line\nbreak', ''])
  await kill(child)
  t.same(argumentsOf(child.pid), [])
})

t.test('those that have a file open are found, and no others', async t => {
  const directory = t.testdir({file: '', other: ''})
  const [file, other] = [join(directory, 'file'), join(directory, 'other')]
  const fd = openSync(file, 'r')
  const child = start(t, ['sleep', '600'], {stdio: ['ignore', 'ignore', 'ignore', fd]})
  closeSync(fd)
  const beside = openSync(other, 'r')
  await until(() => argumentsOf(child.pid)[0] === 'sleep')
  t.same(processesWith(file), [{pid: child.pid, argv: ['sleep', '600']}])
  t.same(
    processesWith(other).map(({pid}) => pid),
    [process.pid],
  )
  closeSync(beside)
  await kill(child)
  t.same(processesWith(file), [])
})

t.test('PID 1 of a session is the child that has numbers of its own, and its processes are all others that have them', async t => {
  const outer = start(t, SPACE)
  const init = await until(() => initOf(outer.pid))
  t.not(readlinkSync(`/proc/${init}/ns/pid`), pidSpace())
  const [sleep] = await until(() => {
    const found = processesOf(init).filter(({argv}) => argv[0] === 'sleep')
    return found.length > 0 && found
  })
  t.same(sleep?.argv, ['sleep', '600'])
  t.same(processesOf(init).length, 1)
  process.kill(init, 'SIGKILL')
  await until(() => beganAt(init) === undefined)
  t.equal(initOf(outer.pid), undefined)
  t.same(processesOf(init), [])
})

t.test('a process without a session has no PID 1, and this one has the numbers that its children have', async t => {
  const directory = t.testdir({})
  mkdirSync(join(directory, 'd'))
  const child = start(t, ['sh', '-c', 'sleep 600 & cd d && wait'], {cwd: directory})
  await until(() => readlinkSync(`/proc/${child.pid}/cwd`) === join(directory, 'd'))
  t.equal(initOf(child.pid), undefined)
  t.equal(pidSpace(), readlinkSync(`/proc/${child.pid}/ns/pid`))
  t.match(pidSpace(), /^pid:\[\d+\]$/)
})
