import {lstat, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parseResultFile, RESULT_FILES} from '../core/test-files.js'
import {parseTestOutput} from '../core/test-output.js'
import type {TestCase} from '../core/tests.js'

/** Of what a failed test printed, the last so many bytes are kept. */
const DETAIL_SIZE = 4096

/**
 * The tests that a script ran which began at `began` (ms since 1970): from the files that it wrote below `tree`, else from
 * what it printed.
 */
export async function findTests(tree: string, log: string, began: number): Promise<TestCase[]> {
  const files = await resultFiles(tree, began)
  const tests = await Promise.all(files.map(path => readResults(tree, path)))
  const found = tests.flat()
  return found.length > 0 ? found : parseTestOutput(await readFile(log, 'utf8'))
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

async function readResults(tree: string, path: string): Promise<TestCase[]> {
  const tests = parseResultFile(path, await readFile(join(tree, path), 'utf8'))
  if (!path.endsWith('.trs') || !tests.some(({result}) => result === 'failed')) return tests
  const detail = await readEnd(join(tree, path.replace(/\.trs$/, '.log')))
  return tests.map(test => (test.result === 'failed' && detail !== '' ? {...test, detail} : test))
}

/** automake puts what a test printed beside its result. A link may lead anywhere. */
async function readEnd(path: string): Promise<string> {
  const status = await lstat(path).catch(() => undefined)
  return status?.isFile() ? (await readFile(path)).subarray(-DETAIL_SIZE).toString() : ''
}
