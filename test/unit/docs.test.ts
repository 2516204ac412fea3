import {Command} from 'commander'
import t from 'tap'
import {parse} from 'yaml'
import {addAllCommands, withTodaysVerbs} from '../../lib/cli/commands.js'
import {parseProject} from '../../lib/config/project.js'
import {anchors, blocks, documents, isThere, links, ownCalls, readDocument} from './docs.js'

/** Whether it does something itself: a group of commands may, too. */
const isRun = (command: Command) => command.commands.length === 0 || command.registeredArguments.length > 0

/** The command line, which does nothing but read it. */
function reader(): Command {
  const program = new Command('xbuild-env')
  addAllCommands(program)
  program.enablePositionalOptions()
  const quieten = (command: Command) => {
    command.exitOverride().configureOutput({writeErr: () => {}, writeOut: () => {}})
    if (isRun(command)) command.action(() => {})
    for (const child of command.commands) quieten(child)
  }
  quieten(program)
  return program
}

const all = documents().flatMap(blocks)

/** All commands that help lists, by their whole names. */
const commandNames = (command: Command, before = ''): string[] =>
  command.commands
    .filter(child => !child.name().startsWith('__') && child.name() !== 'help')
    .flatMap(child => [...(isRun(child) ? [`${before}${child.name()}`] : []), ...commandNames(child, `${before}${child.name()} `)])

t.test('every call of xbuild-env in the documents is one that it takes', async t => {
  const calls = all.flatMap(({document, line, text}) => ownCalls(text).map(words => ({where: `${document}:${line}`, words})))
  t.ok(calls.length > 25, `${calls.length} calls`)
  for (const {where, words} of calls) {
    const line = `${where}: xbuild-env ${words.join(' ')}`
    await t.resolves(reader().parseAsync(withTodaysVerbs(['node', 'xbuild-env', ...words])), line)
  }
})

t.test('every configuration of a project in the documents is one', async t => {
  const projects = all.filter(({language, text}) => language === 'yaml' && text.startsWith('# xbuild-env.yaml\n'))
  t.ok(projects.length > 0)
  for (const {document, text} of projects) await t.resolves(parseProject(text, '/project/xbuild-env.yaml'), document)
})

t.test('every other block of YAML can be read', async t => {
  const others = all.filter(({language}) => language === 'yaml')
  t.ok(others.length > 3)
  for (const {document, line, text} of others) t.doesNotThrow(() => parse(text), `${document}:${line}`)
})

t.test('every block of JSON can be read, whose first line may name the file', async t => {
  const found = all.filter(({language}) => language === 'json')
  t.ok(found.length > 2)
  for (const {document, line, text} of found) t.doesNotThrow(() => JSON.parse(text.replace(/^\/\/ .*\n/, '')), `${document}:${line}`)
})

t.test("an editor's task or terminal calls what xbuild-env takes", async t => {
  const calls = all.flatMap(({document, text}) =>
    [...text.matchAll(/"(?:command|path)": "xbuild-env",\s*"args": (\[.*?\])/g)].map(([, words = '']) => ({
      document,
      words: JSON.parse(words) as string[],
    })),
  )
  t.ok(calls.length > 2)
  for (const {document, words} of calls)
    await t.resolves(reader().parseAsync(['node', 'xbuild-env', ...words]), `${document}: ${words.join(' ')}`)
})

t.test('links lead to what is there', async t => {
  for (const document of documents()) {
    for (const {path, anchor} of links(document)) {
      t.ok(isThere(path), `${document}: ${path}`)
      if (anchor !== undefined) t.ok(anchors(readDocument(path)).includes(anchor), `${document}: ${path}#${anchor}`)
    }
  }
})

t.test('docs/commands.md has every command', async t => {
  const text = readDocument('docs/commands.md')
  for (const name of commandNames(reader())) {
    const [first = '', second] = name.split(' ')
    t.match(text, new RegExp(`\`${first}\\b`), name)
    if (second !== undefined) t.match(text, new RegExp(`^\\| .*\\b${first}\\b.*\\b${second}\\b`, 'm'), name)
  }
})

t.test('README and ARCHITECTURE are short enough to be read', async t => {
  for (const document of ['README.md', 'ARCHITECTURE.md']) {
    t.ok(readDocument(document).split('\n').length <= 150, document)
  }
})
