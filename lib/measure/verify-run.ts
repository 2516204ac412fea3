import {writeFile} from 'node:fs/promises'
import {changedPaths, type TreeEntry} from '../core/compare/tree-entry.js'
import type {BuildRun} from '../core/compare/verdict.js'
import {EXIT, XbuildError} from '../core/errors.js'
import type {Mode} from '../core/session/mode.js'
import {runSession} from '../host/session.js'
import {listTree, takeTree} from '../host/tree.js'
import type {HeldPlace} from '../session/place.js'
import {prepareSession} from '../session/run.js'

/** One run's own copy of the source, and where its output is kept. */
export interface RunPlan {
  name: string
  mode: Mode
  tree: string
  log: string
}

/** What is the same for all runs. */
export interface BuildInput extends HeldPlace {
  /** Where the copy is seen in the session: the source's own path. */
  directory: string
  command: string
  variables: readonly Buffer[]
  network: 'host' | 'own'
  signal: AbortSignal
}

export interface BuiltTree {
  run: BuildRun
  tree: string
  entries: ReadonlyMap<string, TreeEntry>
  /** Paths that the build made, changed or removed. */
  changed: ReadonlySet<string>
  output: readonly string[]
}

/** Both outputs in one pipe: in two, their lines would come in any order. */
const SCRIPT = 'exec 2>&1; exec sh -c "$1"'

/** Builds in a copy of the source, in an ephemeral session. */
export async function runBuild(input: BuildInput, {name, mode, tree, log}: RunPlan): Promise<BuiltTree> {
  const {record, signal} = input
  const before = await listTree(tree, `${tree}.list`, signal)
  const plan = await prepareSession(input, {
    mode,
    lasting: 'ephemeral',
    binds: [{source: tree, target: input.directory, access: 'rw'}],
    network: input.network,
    user: 'root',
    directory: input.directory,
    variables: input.variables,
    terminal: false,
    argv: ['sh', '-c', SCRIPT, 'sh', input.command].map(word => Buffer.from(word)),
  })
  const output: string[] = []
  const start = performance.now()
  const result = await runSession(plan, {output: {lines: line => void output.push(line)}, signal, locks: input.locks})
  signal.throwIfAborted()
  if (result.kind === 'not-executed') {
    throw new XbuildError('cannot-execute', `sh cannot be executed in the environment "${record.name}" (${result.errno})`, {
      hint: 'fix the environment, or create another',
      exitCode: EXIT.cannotExecute,
    })
  }
  const seconds = (performance.now() - start) / 1000
  await writeFile(log, output.map(line => `${line}\n`).join(''))
  const entries = await listTree(tree, `${tree}.list`, signal)
  await takeTree(tree, signal)
  return {run: {name, mode, exitCode: result.exitCode, seconds}, tree, entries, changed: changedPaths(before, entries), output}
}
