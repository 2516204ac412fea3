import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {beganAt} from '../../../lib/host/processes.js'
import {startWorker, type Worker} from '../../../lib/host/worker.js'
import {importing, kill, nodeArguments, start, until, withVariables} from '../other-process.js'

/** A worker is this program with other arguments: here a script, until the test has ended. */
function work(t: Pick<Test, 'testdir' | 'teardown'>, script: string, args: readonly string[] = []) {
  const directory = t.testdir({'work.mjs': script, errors: 'from before\n'})
  const errors = join(directory, 'errors')
  const [, program = ''] = process.argv
  process.argv[1] = join(directory, 'work.mjs')
  const lines: string[] = []
  const worker = startWorker(args, errors, line => void lines.push(line))
  process.argv[1] = program
  t.teardown(() => worker.end('kill'))
  return {worker, lines, directory, errors: () => readFileSync(errors, 'utf8')}
}

const pidIn = (lines: readonly string[]) => until(() => lines.length > 0 && Number(lines[0]))

t.test('its lines come one by one and in order, however they are cut, and what it says to people is added to a file', async t => {
  const script = `const pause = () => new Promise(resolve => setTimeout(resolve, 30))
    console.error('to people')
    process.stdout.write(process.argv[2] + '\\none\\ntw'); await pause()
    process.stdout.write('o\\n'); process.stdout.write(Buffer.from([0xc3])); await pause()
    process.stdout.write(Buffer.from([0xa4, 10]))`
  const {worker, lines, errors} = work(t, script, ['a b'])
  t.equal(await worker.ended, 0)
  t.same(lines, ['a b', 'one', 'two', 'ä'])
  t.equal(errors(), 'from before\nto people\n')
})

t.test('its end is told by its exit code, or by the signal that ended it', async t => {
  t.equal(await work(t, 'process.exit(7)').worker.ended, 7)
  t.equal(await work(t, "process.kill(process.pid, 'SIGTERM')").worker.ended, 143)
  t.equal(await work(t, "process.kill(process.pid, 'SIGKILL')").worker.ended, 137)
})

t.test('whoever is asked to end may finish', async t => {
  const script =
    "process.on('SIGTERM', () => { console.log('finished'); process.exit(3) }); console.log(process.pid); setInterval(() => {}, 1e6)"
  const {worker, lines} = work(t, script)
  await pidIn(lines)
  worker.end('ask')
  t.equal(await worker.ended, 3)
  t.same(lines.slice(1), ['finished'])
})

const WITH_CHILD = `import {spawn} from 'node:child_process'
process.on('SIGTERM', () => {})
console.log(spawn('sleep', ['600'], {stdio: 'ignore'}).pid)
setInterval(() => {}, 1e6)`

t.test('killed, it ends at once with what it has started; to end it again does nothing', async t => {
  const {worker, lines} = work(t, WITH_CHILD)
  const pid = await pidIn(lines)
  worker.end('kill')
  t.equal(await worker.ended, 137)
  await until(() => beganAt(pid) === undefined)
  worker.end('kill')
  worker.end('ask')
  t.equal(await worker.ended, 137)
})

t.test('it goes with whoever started it, however that ends', async t => {
  const directory = t.testdir({'work.mjs': 'console.log(process.pid); setInterval(() => {}, 1e6)'})
  const file = join(directory, 'pid')
  writeFileSync(file, '')
  const script = `import {writeFileSync} from 'node:fs'
    ${importing('startWorker', 'host/worker')}
    process.argv[1] = ${JSON.stringify(join(directory, 'work.mjs'))}
    startWorker([], ${JSON.stringify(join(directory, 'errors'))}, line => writeFileSync(${JSON.stringify(file)}, line))`
  const holder = start(t, nodeArguments(script))
  const pid = await until(() => Number(readFileSync(file, 'utf8')) || undefined)
  t.ok(beganAt(pid))
  await kill(holder)
  await until(() => beganAt(pid) === undefined)
})

t.test('without setpriv(1), that is said', async t => {
  withVariables(t, {PATH: '/none'})
  const {worker}: {worker: Worker} = work(t, '')
  await t.rejects(worker.ended, {reason: 'missing-program', message: 'setpriv is not installed'})
})
