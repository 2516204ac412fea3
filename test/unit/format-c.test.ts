import {execFileSync, spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {PROJECT} from './sources.js'

const files = () =>
  execFileSync('find', ['shims', 'test/fuzz', 'test/unit', '-name', '*.[ch]'], {cwd: PROJECT, encoding: 'utf8'})
    .split('\n')
    .filter(Boolean)
    .sort()

/** Others format in slightly other ways: this is Debian 12's. */
const VERSION = 14
const {stdout} = spawnSync('clang-format', ['--version'], {encoding: 'utf8'})
const skip = new RegExp(`version ${VERSION}\\.`).test(stdout ?? '')
  ? false
  : `clang-format ${VERSION} is not there: apt-get install clang-format-${VERSION}`

t.test('the C is as .clang-format says: npm run format:c', {skip}, async t => {
  for (const file of files()) {
    const formatted = execFileSync('clang-format', [file], {cwd: PROJECT, encoding: 'utf8'})
    t.equal(readFileSync(join(PROJECT, file), 'utf8'), formatted, file)
  }
})
