import t from 'tap'
import {importing, nodeArguments, outputOf} from '../other-process.js'

/** What another Node makes of its arguments, of which printf(1) makes the last ones; bytes in latin1. */
async function seen(expression: string, words: readonly string[]): Promise<unknown> {
  const script = `${importing('lastRawArguments, rawArgument, rawVariable', 'host/arguments')}
    const text = bytes => bytes === undefined ? 'none' : bytes.toString('latin1')
    const words = process.argv.slice(1)
    console.log(JSON.stringify(${expression}))`
  // Command substitution drops line breaks at the end: none of these has one.
  const shell = 'node=$1; shift; eval "exec $node $*"'
  const quoted = nodeArguments(script).map(word => `'${word.replaceAll("'", "'\\''")}'`)
  return JSON.parse(await outputOf(['sh', '-c', shell, 'sh', quoted.join(' '), '--', ...words.map(word => `"$(printf -- '${word}')"`)]))
}

t.test('the last arguments are given as the bytes that they are', async t => {
  t.same(await seen('lastRawArguments(3).map(text)', ['x', 'a\\377b', '', '\\303\\244']), ['a\xffb', '', '\xc3\xa4'])
  t.same(await seen('lastRawArguments(0)', ['x']), [])
})

t.test('an argument that is no UTF-8 is found by what Node made of it', async t => {
  t.same(await seen('words.map(rawArgument).map(text)', ['a\\377b', 'plain', '\\303\\244', '\\376']), [
    'a\xffb',
    'plain',
    '\xc3\xa4',
    '\xfe',
  ])
})

t.test('so is the rest of one behind =, also where there is another =', async t => {
  const expression = "words.map(word => text(rawArgument(word.slice(word.indexOf('=') + 1))))"
  t.same(await seen(expression, ['--env=A\\377=b', '--x=\\377\\376', '--y=\\342\\202']), ['A\xff=b', '\xff\xfe', '\xe2\x82'])
})

t.test('a text of U+FFFD itself is no broken argument', async t => {
  t.same(await seen('words.map(rawArgument).map(text)', ['\\357\\277\\275']), ['\xef\xbf\xbd'])
  t.same(await seen("text(rawArgument('none\\uFFFD'))", []), 'none\xef\xbf\xbd')
})

t.test('a variable is given as its bytes, its name and all, and only that of the whole name', async t => {
  const script = `${importing('rawVariable', 'host/arguments')}
    console.log(JSON.stringify(['ODD', 'OD', 'EMPTY', 'NONE'].map(name => rawVariable(name)?.toString('latin1') ?? 'none')))`
  const shell = 'EMPTY= ODD="$(printf "\\377=x")" exec "$@"'
  t.same(JSON.parse(await outputOf(['sh', '-c', shell, 'sh', ...nodeArguments(script)])), ['ODD=\xff=x', 'none', 'EMPTY=', 'none'])
})
