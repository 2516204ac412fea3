import {execFileSync} from 'node:child_process'
import {closeSync, constants, openSync, readdirSync, readFileSync, readSync} from 'node:fs'
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

t.test('what comes after something was lost is not written: a trace ends where it is whole', async t => {
  const fifo = join(t.testdir({}), 'fifo')
  execFileSync('mkfifo', [fifo])
  const reader = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK)
  const sink = new TraceSink(await open(fifo, constants.O_RDWR | constants.O_NONBLOCK), 'passed-on')
  await new Promise(resolve => sink.write(Buffer.alloc(2 ** 20), resolve)) // more than it takes: man 7 pipe
  t.match(sink.failure, {code: 'EAGAIN'})
  t.ok(drain(reader).length > 0)
  await new Promise(resolve => sink.write('later', resolve))
  t.equal(drain(reader).toString(), '')
  await sink.finish()
  closeSync(reader)
})

/** All that is in a FIFO. */
function drain(fd: number): Buffer {
  const parts: Buffer[] = []
  for (;;) {
    const part = Buffer.alloc(2 ** 16)
    try {
      parts.push(part.subarray(0, readSync(fd, part)))
    } catch {
      return Buffer.concat(parts) // EAGAIN
    }
  }
}
