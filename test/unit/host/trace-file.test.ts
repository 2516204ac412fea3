import {spawnSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {join} from 'node:path'
import {finished} from 'node:stream/promises'
import t from 'tap'
import {encodeTraceHeader} from '../../../lib/core/trace/format.js'
import {openTraceFile, readTraceFile} from '../../../lib/host/trace-file.js'
import {TraceSink} from '../../../lib/host/trace-sink.js'
import {HEADER} from '../core/traces.js'
import {refusal} from '../refusal.js'

const directory = t.testdir()

async function record(path: string, text: string): Promise<TraceSink> {
  const sink = new TraceSink(await openTraceFile(path), 'kept')
  sink.write(encodeTraceHeader(HEADER))
  sink.end(text)
  await finished(sink)
  return sink
}

t.test('a trace is written to a new file, and over an older trace', async t => {
  const path = join(directory, 'new.trace')
  for (const text of ['a longer one', 'short']) {
    const sink = await record(path, text)
    t.equal(readFileSync(path, 'utf8'), `${encodeTraceHeader(HEADER)}${text}`)
    t.ok(sink.bytes().equals(readFileSync(path)))
    t.equal(sink.failure, undefined)
  }
})

t.test('no other file is written over', async t => {
  const path = join(directory, 'main.c')
  writeFileSync(path, 'int main;\n')
  await t.rejects(openTraceFile(path), refusal('bad-output', {message: /already exists, and is not a trace/}))
  t.equal(readFileSync(path, 'utf8'), 'int main;\n')
})

t.test('what cannot hold a trace is refused at once', async t => {
  const fifo = join(directory, 'fifo')
  t.equal(spawnSync('mkfifo', [fifo]).status, 0)
  await t.rejects(openTraceFile(fifo), refusal('bad-output', {message: /not an ordinary file/}))
  await t.rejects(openTraceFile('/dev/null'), refusal('bad-output', {message: /not an ordinary file/}))
  await t.rejects(openTraceFile(directory), refusal('bad-output', {message: /cannot be written \(EISDIR\)/}))
  await t.rejects(openTraceFile(join(directory, 'no/such')), refusal('bad-output', {message: /ENOENT/}))
})

t.test('a trace that is not there is refused with its name', async t => {
  await t.rejects(readTraceFile(join(directory, 'none')), refusal('bad-trace', {message: /none cannot be read \(ENOENT\)/}))
  await t.rejects(readTraceFile(directory), refusal('bad-trace', {message: /EISDIR/}))
})

t.test('a full disk stops the writing, and not whoever sends', async t => {
  const sink = new TraceSink(await open('/dev/full', 'w'), 'kept')
  for (let i = 0; i < 100; i++) sink.write('record')
  sink.end()
  await finished(sink)
  t.match(sink.failure, {code: 'ENOSPC'})
  t.equal(sink.bytes().length, 600)
})
