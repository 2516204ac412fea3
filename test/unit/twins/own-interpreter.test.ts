import {copyFileSync, mkdirSync, utimesSync} from 'node:fs'
import {dirname, join} from 'node:path'
import t from 'tap'
import {STUB} from '../../../lib/core/places.js'
import {ownInterpreter} from '../../../lib/twins/program.js'

/** Programs of a tree, each of a time of its own. */
function put(tree: string, path: string, seconds: number): void {
  const to = join(tree, path)
  mkdirSync(dirname(to), {recursive: true})
  copyFileSync('/bin/true', to)
  utimesSync(to, seconds, seconds)
}

const PYTHON = 'usr/bin/python3.11'

t.test('a root of stubs has no interpreter of its own, neither as a stub nor before it comes', t => {
  const tree = t.testdir()
  put(tree, STUB, 1)
  t.equal(ownInterpreter({tree}, PYTHON), 'none', 'its package is being installed')
  put(tree, PYTHON, 1)
  t.equal(ownInterpreter({tree}, PYTHON), 'none')
  put(tree, PYTHON, 2)
  t.equal(ownInterpreter({tree}, PYTHON), 'there', 'one that was built')
  t.end()
})

t.test('any other root has one', t => {
  const tree = t.testdir()
  t.equal(ownInterpreter({tree}, PYTHON), 'there')
  put(tree, PYTHON, 1)
  t.equal(ownInterpreter({tree}, PYTHON), 'there')
  t.end()
})
