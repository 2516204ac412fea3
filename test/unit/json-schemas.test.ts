import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {allHelp} from '../../lib/cli/help-texts.js'
import {JSON_VERSIONS} from '../../lib/cli/json-outputs.js'
import {readDocument} from './docs.js'
import {SCHEMAS, schemaFile} from './json-schema-files.js'
import {schemaTexts} from './json-schemas.js'
import {PROJECT} from './sources.js'

t.test('docs/schemas is what the types of the outputs say: "npm run schemas" writes it', async t => {
  const texts = schemaTexts()
  t.same([...texts.keys()].sort(), Object.keys(JSON_VERSIONS).map(schemaFile).sort())
  t.same(readdirSync(join(PROJECT, SCHEMAS)).sort(), [...texts.keys()].sort())
  for (const [file, text] of texts) t.equal(readDocument(join(SCHEMAS, file)), text, file)
})

t.test('docs/json.md has every output, with its schema', async t => {
  const text = readDocument('docs/json.md')
  for (const name of Object.keys(JSON_VERSIONS)) t.ok(text.includes(`(schemas/${schemaFile(name)})`), name)
})

t.test('every command that has --json is one of them', async t => {
  const names = allHelp()
    .split(/^=== xbuild-env /m)
    .filter(text => /^ +--json /m.test(text))
    .map(text => text.slice(0, text.indexOf(' --help')))
  t.ok(names.length > 25)
  const known = Object.keys(JSON_VERSIONS).map(name => name.replace(/ --?\S+$| [A-Z]+$/, ''))
  const same: Readonly<Record<string, string>> = {shell: 'run', 'packages resume': 'packages build', 'packages retry': 'packages build'}
  for (const name of names) t.ok(known.includes(same[name] ?? name) || known.includes(name.replace(/ \S+$/, '')), name)
})
