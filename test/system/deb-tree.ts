import {appendFileSync, chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {scratch} from './rig.js'

const FIXTURES = fileURLToPath(new URL('deb/', import.meta.url))

/** A source tree `tiny` in a directory of the test's own, whose debian/rules may have more to do. */
export function source(t: Parameters<typeof scratch>[0], rules = ''): {directory: string; tree: string} {
  const directory = scratch(t)
  const tree = join(directory, 'tiny')
  mkdirSync(join(tree, 'debian/source'), {recursive: true})
  for (const name of readdirSync(FIXTURES)) copyFileSync(join(FIXTURES, name), join(tree, 'debian', name))
  writeFileSync(join(tree, 'debian/source/format'), '3.0 (native)\n')
  appendFileSync(join(tree, 'debian/rules'), rules)
  chmodSync(join(tree, 'debian/rules'), 0o755)
  return {directory, tree}
}

/** The same as a package of another name, `tiny-NAME`: of several in one run, each has its own. */
export function namedSource(t: Parameters<typeof scratch>[0], name: string): string {
  const {tree} = source(t)
  for (const file of ['changelog', 'control', 'rules']) {
    const path = join(tree, 'debian', file)
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('tiny', `tiny-${name}`))
  }
  return tree
}
