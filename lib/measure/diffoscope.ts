import {mkdir, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {FileResult} from '../core/compare/verdict.js'
import {runSession} from '../host/session.js'
import {planOnHostReadOnly} from '../session/on-host.js'

/** It takes its time, and tells much: so many files, and lines for each. */
const FILES = 5
const LINES = 60

/** Two builds' trees, and a directory for what is temporary. */
export interface Compared {
  hybrid: string
  emulated: string
  work: string
}

/** What diffoscope says of the first files that differ without a stated cause; nothing where it is not installed. */
export async function addDiffoscope(files: readonly FileResult[], compared: Compared, signal: AbortSignal): Promise<FileResult[]> {
  const asked = new Set(files.filter(file => file.class === 'different' && isComparable(file)).slice(0, FILES))
  const results: FileResult[] = []
  for (const file of files) {
    const diffoscope = asked.has(file) ? await ask(file.path, compared, signal) : undefined
    results.push(diffoscope ? {...file, diffoscope} : file)
  }
  return results
}

const isComparable = ({differences}: FileResult) => !differences.some(({place}) => place === 'presence' || place === 'type')

const OPTIONS = ['--text', '-', '--text-color', 'never', '--no-progress', '--exclude-directory-metadata', 'yes']

/**
 * It has programs of all kinds read what a build made, which may be meant for them: so they see the host's files read-only, the
 * two trees, and no network. man 1 diffoscope: exit status 1 where it found differences.
 */
async function ask(path: string, {hybrid, emulated, work}: Compared, signal: AbortSignal): Promise<string | undefined> {
  const empty = join(work, 'empty')
  await mkdir(empty)
  try {
    const [one, other] = ['/tmp/hybrid', '/tmp/emulated'] as const
    const argv = ['diffoscope', ...OPTIONS, join(one, path), join(other, path)].map(word => Buffer.from(word))
    const command = {argv, directory: '/tmp', home: '/tmp', network: 'own', variables: [], caller: process.env} as const
    const plan = await planOnHostReadOnly(command, empty, [
      {source: hybrid, target: one, access: 'ro'},
      {source: emulated, target: other, access: 'ro'},
    ])
    const lines: string[] = []
    const result = await runSession(plan, {output: {lines: line => lines.push(line)}, signal})
    signal.throwIfAborted()
    if (result.kind === 'not-executed') return undefined
    return lines.length > LINES ? [...lines.slice(0, LINES), `… ${lines.length - LINES} more lines`].join('\n') : lines.join('\n')
  } finally {
    await rm(empty, {recursive: true})
  }
}
