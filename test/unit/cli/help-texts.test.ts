import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {allHelp, helpOf, namedCommands} from '../../../lib/cli/help-texts.js'
import {PROJECT} from '../sources.js'

t.test('help is what test/golden/help.txt has: npm run golden writes it anew', async t => {
  t.equal(allHelp(), readFileSync(join(PROJECT, 'test/golden/help.txt'), 'utf8'))
})

t.test('every command that does something has an example in its help', async t => {
  for (const {words, command} of namedCommands()) {
    if (command.commands.length > 0) continue
    t.match(helpOf(command), /^Examples?:$/m, words.join(' '))
  }
})

t.test('every command that does something can be told to say less, or more', async t => {
  const told = namedCommands().filter(({words, command}) => command.commands.length === 0 || words.join(' ') === 'xbuild-env build')
  t.ok(told.length > 20)
  for (const {words, command} of told) {
    for (const option of [/^ +-q, --quiet /m, /^ +--verbose /m]) t.match(helpOf(command), option, words.join(' '))
  }
})
