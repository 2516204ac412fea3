import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import t from 'tap'
import {firstErrorIn, readLogLines} from '../../../lib/bulk/log-lines.js'

function log(t: {teardown: (undo: () => void) => void}, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'xbuild-test-'))
  t.teardown(() => rmSync(directory, {recursive: true}))
  const path = join(directory, 'log.txt')
  writeFileSync(path, text)
  return path
}

t.test('of a log that is nothing but ends of lines little is kept, and errors have the numbers that they have in it', t => {
  const path = log(t, `${'\n'.repeat(2_000_000)}make: *** [all] Error 1\nlast\n`)
  const read = readLogLines(path)
  t.equal(read.lines.length, 200_000)
  t.equal(read.lines.length + read.dropped, 2_000_003)
  t.match(firstErrorIn(read), {line: 2_000_001, from: 2_000_001 - 15, text: 'make: *** [all] Error 1'})
  t.end()
})

t.test('a short log is read whole, as it is shown, and a line of any length is cut', t => {
  const path = log(t, `one\n\u001b[31merror: two\u001b[0m\n${'x'.repeat(10_000_000)}`)
  const read = readLogLines(path)
  t.equal(read.dropped, 0)
  t.same(read.lines.slice(0, 2), ['one', 'error: two'])
  t.equal(read.lines[2]?.length, 4096)
  t.match(firstErrorIn(read), {line: 2, from: 1})
  t.same(readLogLines(`${path}.none`), {lines: [], dropped: 0})
  t.equal(firstErrorIn({lines: [], dropped: 0}), undefined)
  t.end()
})
