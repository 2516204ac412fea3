import {join} from 'node:path'
import {XbuildError} from '../core/errors.js'
import type {FileResult} from '../core/verdict.js'
import {run} from '../host/run.js'

/** It takes its time, and tells much: so many files, and lines for each. */
const FILES = 5
const LINES = 60

/** What diffoscope says of the first files that differ without a stated cause; nothing where it is not installed. */
export async function addDiffoscope(files: readonly FileResult[], one: string, other: string, signal: AbortSignal): Promise<FileResult[]> {
  const asked = new Set(files.filter(file => file.class === 'different' && isComparable(file)).slice(0, FILES))
  const results: FileResult[] = []
  for (const file of files) {
    const diffoscope = asked.has(file) ? await ask(join(one, file.path), join(other, file.path), signal) : undefined
    results.push(diffoscope ? {...file, diffoscope} : file)
  }
  return results
}

const isComparable = ({differences}: FileResult) => !differences.some(({place}) => place === 'presence' || place === 'type')

/** man 1 diffoscope: exit status 1 where it found differences. */
async function ask(one: string, other: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const args = ['--text', '-', '--text-color', 'never', '--no-progress', '--exclude-directory-metadata', 'yes', one, other]
    const {stdout} = await run('diffoscope', args, {signal})
    signal.throwIfAborted()
    const lines = stdout.split('\n')
    return lines.length > LINES ? [...lines.slice(0, LINES), `… ${lines.length - LINES} more lines`].join('\n') : stdout
  } catch (error) {
    if (error instanceof XbuildError && error.reason === 'missing-program') return undefined
    throw error
  }
}
