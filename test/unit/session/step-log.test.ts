import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {finished} from 'node:stream/promises'
import t from 'tap'
import {printable} from '../../../lib/core/printable.js'
import {StepLog} from '../../../lib/session/step-log.js'

/** The lines and the file of what is written in these pieces. */
async function logged(t: {testdir: () => string}, pieces: Iterable<Buffer>): Promise<{lines: string[]; file: Buffer}> {
  const path = join(t.testdir(), 'log')
  const lines: string[] = []
  const log = new StepLog(path, line => void lines.push(line))
  for (const piece of pieces) if (!log.write(piece)) await new Promise(resolve => log.once('drain', resolve))
  log.end()
  await finished(log)
  return {lines, file: readFileSync(path)}
}

t.test('lines come whole, however the output is cut', async t => {
  const {lines, file} = await logged(t, [Buffer.from('on'), Buffer.from('e\ntwo\nth'), Buffer.from('ree')])
  t.same(lines, ['one', 'two', 'three'])
  t.equal(file.toString(), 'one\ntwo\nthree')
})

t.test('any bytes are kept as they are', async t => {
  const bytes = Buffer.from(Array.from({length: 256}, (_, i) => i))
  t.same((await logged(t, [bytes])).file, bytes)
})

t.test('a line without an end takes no more memory than is shown of it', async t => {
  const piece = Buffer.alloc(2 ** 20, 'x')
  const {lines, file} = await logged(
    t,
    Array.from({length: 8}, () => piece),
  )
  t.equal(lines.length, 1)
  t.equal(lines[0]?.length, 4096)
  t.equal(file.length, 8 * 2 ** 20)
})

t.test('of more output than a file may have, its beginning and its end are kept', async t => {
  const piece = Buffer.alloc(2 ** 20, 'x')
  function* pieces() {
    for (let i = 0; i < 70; i++) yield piece
    yield Buffer.from('\nlast words\n')
  }
  const {lines, file} = await logged(t, pieces())
  t.equal(lines.at(-1), 'last words')
  t.ok(file.length < 66 * 2 ** 20)
  t.match(file.subarray(64 * 2 ** 20, 64 * 2 ** 20 + 100).toString(), /\[\d+ bytes are left out here\]/)
  t.ok(file.toString('latin1').endsWith('last words\n'))
})

t.test('nothing in a line moves the cursor or changes the terminal', async t => {
  t.equal(printable('\u001b[31mred\u001b[0m\ttab'), 'red\ttab')
  t.equal(printable('\u001b[31mred\u0007, \u001b]0;title\u0007text'), 'red, text')
  t.equal(printable('10 %\r20 %\r'), '20 %')
  t.equal(printable('bell\u0007, \u0000 and \u009b'), 'bell,  and ')
})
