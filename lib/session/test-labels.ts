import {dirname, isAbsolute, posix} from 'node:path'
import {parseCtestFile} from '../core/project/harness/ctest-labels.js'
import type {TestCase} from '../core/project/tests.js'
import type {Tree} from '../host/beneath.js'

/** Bytes of a file of ctest's, and files of one build: a hundred times llvm's. */
const FILE_LIMIT = 4 * 2 ** 20
const MOST_FILES = 2000

/** ctest prints no labels with its tests: what cmake wrote beside them has these. */
export function withLabels(tree: Tree, tests: readonly TestCase[]): TestCase[] {
  const known = new Map<string, ReadonlyMap<string, readonly string[]>>()
  return tests.map(test => {
    const {origin, name} = test
    if (origin.kind !== 'ctest' || origin.directory === undefined) return test
    const labels = known.get(origin.directory) ?? readLabels(tree, origin.directory)
    known.set(origin.directory, labels)
    const own = labels.get(name)
    return own === undefined || own.length === 0 ? test : {...test, labels: own}
  })
}

function readLabels(tree: Tree, directory: string): ReadonlyMap<string, readonly string[]> {
  const labels = new Map<string, readonly string[]>()
  const top = placeIn(tree, directory)
  if (top === undefined) return labels
  const seen = new Set<string>()
  const waiting = [posix.join(top, 'CTestTestfile.cmake')]
  for (let path = waiting.shift(); path !== undefined && seen.size < MOST_FILES; path = waiting.shift()) {
    if (seen.has(path)) continue
    seen.add(path)
    const text = tree.read(path, FILE_LIMIT)
    if (text.kind !== 'found') continue
    const file = parseCtestFile(text.value.toString())
    for (const [name, found] of file.labels) labels.set(name, found)
    for (const name of file.more) waiting.push(isAbsolute(name) ? within(top, directory, name) : posix.join(dirname(path), name))
  }
  return labels
}

/** ctest names its directory as the session has it, and the tree lies somewhere above: it is the longest of its ends that is there. */
function placeIn(tree: Tree, directory: string): string | undefined {
  const parts = directory.split('/').filter(Boolean)
  const ends = parts.map((_, at) => parts.slice(at).join('/'))
  return [...ends, '.'].find(end => tree.status(posix.join(end, 'CTestTestfile.cmake'), 'itself').kind === 'found')
}

/** An absolute name below the directory, as a path in the tree. */
const within = (top: string, directory: string, name: string) =>
  name.startsWith(`${directory}/`) ? posix.join(top, name.slice(directory.length + 1)) : name.slice(1)
