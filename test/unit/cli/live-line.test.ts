import t from 'tap'
import {importing, nodeArguments, outputOf} from '../other-process.js'

/** What a live line prints on a terminal of a size. `set`: commands of a shell that come before. */
async function shown(set: string, variables: Record<string, string> = {}): Promise<string> {
  const node = nodeArguments(`${importing('LiveLine, LiveLines', 'cli/output')}
    const line = new LiveLine()
    line.show('x'.repeat(200))
    line.clear()
    const lines = new LiveLines()
    lines.show(['y'.repeat(200)])
    console.log([line.isLive, lines.isLive, lines.room].join(" "))`)
  const command = `${set}; exec "$@"`
  const words = ['sh', '-c', command, 'sh', ...node].map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const environment = {...process.env, TERM: 'xterm', SHELL: '/bin/sh', ...variables}
  return outputOf(['script', '-qec', words, '/dev/null'], {env: environment})
}

const longest = (text: string, letter: string) =>
  Math.max(0, ...[...text.matchAll(new RegExp(`${letter}+`, 'g'))].map(([run]) => run.length))

t.test('a line that changes is shorter than the terminal is wide', async t => {
  const text = await shown('stty rows 20 cols 50')
  t.equal(longest(text, 'x'), 49)
  t.equal(longest(text, 'y'), 49)
  t.match(text, 'true true 20')
})

t.test('a terminal that nobody has told its size is taken for one of 80 columns and 24 lines', async t => {
  const text = await shown('stty rows 0 cols 0')
  t.equal(longest(text, 'x'), 79)
  t.equal(longest(text, 'y'), 79)
  t.match(text, 'true true 24')
})

t.test('on a dumb terminal no line changes', async t => {
  const text = await shown('stty rows 20 cols 50', {TERM: 'dumb'})
  t.equal(longest(text, 'x'), 0)
  t.notMatch(text, '\u001b')
  t.match(text, 'false false')
})
