import {closeSync, readSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {parseResultFile, RESULT_FILES} from '../core/project/test-files.js'
import {parseTestOutput} from '../core/project/test-output.js'
import type {TestCase} from '../core/project/tests.js'
import {Tree} from '../host/beneath.js'
import {withLabels} from './test-labels.js'

/** Of what a failed test printed, the last so many bytes are kept. */
const DETAIL_SIZE = 4096

/** Bytes: a hundred times gcc's own results. */
const RESULTS_LIMIT = 64 * 2 ** 20

/**
 * The tests that a script ran which began at `began` (ms since 1970): from the files that it wrote below `tree`, else from
 * what it printed.
 */
export async function findTests(tree: string, log: string, began: number): Promise<TestCase[]> {
  const files = await resultFiles(tree, began)
  const held = new Tree([tree], 'refused')
  const found = files.flatMap(path => readResults(held, path))
  return found.length > 0 ? found : withLabels(held, parseTestOutput(await readFile(log, 'utf8')))
}

async function resultFiles(tree: string, began: number): Promise<string[]> {
  const {default: glob} = await import('fast-glob')
  const options = {
    cwd: tree,
    followSymbolicLinks: false,
    objectMode: true as const,
    stats: true as const,
    dot: true,
    ignore: ['**/.git', '**/node_modules'],
    suppressErrors: true,
  }
  const entries = await glob(RESULT_FILES, options)
  return entries.flatMap(({path, stats}) => (stats?.isFile() && stats.mtimeMs >= began ? [path] : [])).sort()
}

function readResults(tree: Tree, path: string): TestCase[] {
  const text = tree.read(path, RESULTS_LIMIT)
  const tests = text.kind === 'found' ? parseResultFile(path, text.value.toString()) : []
  if (!path.endsWith('.trs') || !tests.some(({result}) => result === 'failed')) return tests
  const detail = readEnd(tree, path.replace(/\.trs$/, '.log'))
  return tests.map(test => (test.result === 'failed' && detail !== '' ? {...test, detail} : test))
}

/** automake puts what a test printed beside its result. */
function readEnd(tree: Tree, path: string): string {
  const file = tree.open(path)
  if (file.kind !== 'found') return ''
  const {fd, status} = file.value
  try {
    const bytes = Buffer.alloc(DETAIL_SIZE)
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, DETAIL_SIZE, Math.max(0, status.size - DETAIL_SIZE)))
  } finally {
    closeSync(fd)
  }
}
