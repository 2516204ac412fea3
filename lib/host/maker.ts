import {rm} from 'node:fs/promises'
import {isOfDownload} from '../core/debian/apt-progress.js'
import {XbuildError} from '../core/errors.js'
import {type Operation, variablesOf} from '../core/session/plan.js'
import {idMap} from './ids.js'
import {plainVariables, tellProgram} from './programs.js'
import {runSession} from './session.js'

export interface MakerOptions {
  /** Besides those that every maker has. */
  operations?: readonly Operation[]
  variables?: Record<string, string>
  onLine?: (line: string) => void
  signal?: AbortSignal
}

/** The niceness of what a maker does ahead, while there is work that others wait for. man 2 getpriority */
export const LATER = 10

/** Variables that lead a program to the network the way the user's other programs go. */
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']

export function proxyVariables(): Record<string, string> {
  return Object.fromEntries(PROXY_VARIABLES.flatMap(name => (process.env[name] ? [[name, process.env[name]]] : [])))
}

/**
 * Runs a program of the host as root of a user namespace, with mounts and processes of its own: the kernel ends all of
 * it with this process. Returns its exit code and the last lines that it printed; throws the signal's reason where that ends it.
 */
export async function runAsMaker(argv: readonly string[], options: MakerOptions = {}): Promise<{exitCode: number; tail: string[]}> {
  options.signal?.throwIfAborted()
  tellProgram(argv)
  const tail: string[] = []
  const onLine = (line: string) => {
    if (line.trim() === '') return
    if (!isOfDownload(line)) tail.push(line)
    if (tail.length > 30) tail.shift()
    options.onLine?.(line)
  }
  const environment = {...plainVariables(), ...proxyVariables(), TMPDIR: '/tmp', ...options.variables}
  const result = await runSession(
    {
      ids: await idMap(),
      network: 'host',
      terminal: false,
      mounts: 'open', // mmdebstrap mounts
      operations: [...(options.operations ?? []), {op: 'mount', type: 'proc', target: '/proc', options: ''}],
      command: {
        kind: 'execute',
        argv: argv.map(argument => Buffer.from(argument)),
        variables: variablesOf(environment),
        directory: '/',
        uid: 0,
        gid: 0,
        groups: [],
      },
    },
    {output: {lines: onLine}, ...(options.signal ? {signal: options.signal} : {})},
  )
  options.signal?.throwIfAborted()
  if (result.kind === 'not-executed') {
    throw new XbuildError('missing-program', `${argv[0]} is not installed`, {hint: `apt-get install ${argv[0]}`})
  }
  return {exitCode: result.exitCode, tail}
}

/**
 * Has all of a tree on the disk, as what makers write is not (`drop-syncs`): a power cut after this leaves it whole.
 * Throws where the disk does not take it.
 */
export async function writeOut(tree: string): Promise<void> {
  const {exitCode, tail} = await runAsMaker(['sync', '--file-system', tree])
  if (exitCode !== 0) throw new XbuildError('session-failed', `${tree} could not be written to the disk: ${tail.at(-1) ?? ''}`)
}

/** Removes a tree that holds files of the user's subordinate ids; where there are none of these, the user's own. */
export async function removeTree(path: string): Promise<void> {
  const {exitCode, tail} = await runAsMaker(['rm', '-rf', '--one-file-system', '--', path]).catch(async error => {
    await rm(path, {recursive: true, force: true}).catch(() => Promise.reject(error))
    return {exitCode: 0, tail: []}
  })
  if (exitCode !== 0) throw new XbuildError('session-failed', `${path} could not be removed: ${tail.at(-1) ?? ''}`)
}
