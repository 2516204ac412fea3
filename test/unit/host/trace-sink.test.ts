import {readdirSync, readFileSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {join} from 'node:path'
import t from 'tap'
import {TraceSink} from '../../../lib/host/trace-sink.js'

t.test('what was sent is in the file, in order, when it has finished', async t => {
  const path = join(t.testdir({}), 'trace')
  const sink = new TraceSink(await open(path, 'w'), 'passed-on')
  for (let i = 0; i < 1000; i++) sink.write(`${i}\n`)
  await sink.finish()
  t.equal(readFileSync(path, 'utf8'), Array.from({length: 1000}, (_, i) => `${i}\n`).join(''))
  t.equal(sink.failure, undefined)
  t.equal(sink.bytes().length, 0, 'a long trace takes no memory')
})

t.test('one without a file keeps what was sent', async t => {
  const sink = new TraceSink(undefined, 'kept')
  sink.write(Buffer.from([0, 255]))
  sink.write('x')
  await sink.finish()
  t.same(sink.bytes(), Buffer.from([0, 255, 120]))
})

t.test('the file is closed at the end, also of one that could not be written', async t => {
  const path = join(t.testdir({}), 'trace')
  const before = readdirSync('/proc/self/fd').length
  for (const name of [path, '/dev/full']) {
    const sink = new TraceSink(await open(name, 'w'), 'passed-on')
    sink.write('record')
    await sink.finish()
  }
  t.equal(readdirSync('/proc/self/fd').length, before)
})

t.test('a file that cannot be written is told once, the first failure, and no more is written to it', async t => {
  const path = join(t.testdir({file: 'whole\n'}), 'file')
  const file = await open(path, 'r')
  const sink = new TraceSink(file, 'kept')
  for (let i = 0; i < 3; i++) sink.write('record')
  await sink.finish()
  t.match(sink.failure, {code: 'EBADF', syscall: 'write'})
  t.equal(readFileSync(path, 'utf8'), 'whole\n')
  t.equal(sink.bytes().length, 18)
})
