import {readFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {parseTrace} from '../../lib/core/trace/format.js'
import {buildSpans, type Span, type Spans} from '../../lib/core/trace/spans.js'
import {PROFILE, type Result, scratch, xbuild} from './rig.js'

type Scratch = Parameters<typeof scratch>[0]

export interface Traced extends Spans {
  result: Result
  mode: string
}

interface TracedOptions {
  environment?: string
  cwd?: string
}

/** A shell command in an ephemeral session that is traced. */
export async function traced(t: Scratch, script: string, args: readonly string[] = [], options: TracedOptions = {}): Promise<Traced> {
  const {environment = PROFILE, ...rest} = options
  const file = join(scratch(t), 'trace')
  const result = await xbuild(['run', environment, '--ephemeral', '--trace', file, ...args, '--', 'sh', '-c', script], rest)
  const {header, events} = parseTrace(readFileSync(file), file)
  return {result, mode: header.mode, ...buildSpans(events)}
}

/** The programs of that name, in the order of their starts. */
export const find = (spans: readonly Span[], name: string) => spans.filter(({program}) => basename(program) === name)

/** Whether the last program of that name that a shell command runs is, in the end, run as its twin. */
export async function endsNative(t: Scratch, name: string, script: string, options: TracedOptions = {}): Promise<boolean> {
  const {spans, result} = await traced(t, script, [], options)
  const last = find(spans, name).at(-1)
  if (!last) throw new Error(`no ${name}: ${result.stdout}${result.stderr}`)
  return last.outcome.kind === 'routed'
}
