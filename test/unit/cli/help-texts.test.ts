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
