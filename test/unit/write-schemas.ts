import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {SCHEMAS} from './json-schema-files.js'
import {schemaTexts} from './json-schemas.js'
import {PROJECT} from './sources.js'

/** `npm run schemas` */
const directory = join(PROJECT, SCHEMAS)
rmSync(directory, {recursive: true, force: true})
mkdirSync(directory, {recursive: true})
for (const [file, text] of schemaTexts()) writeFileSync(join(directory, file), text)
