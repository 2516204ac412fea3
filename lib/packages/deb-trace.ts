import {readFileSync, writeFileSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {join} from 'node:path'
import {TRACE_TYPE} from '../core/debian/source-package.js'
import type {Mode} from '../core/session/mode.js'
import {type SessionPlan, tracedPlan} from '../core/session/plan.js'
import {encodeTraceHeader, type TraceHeader} from '../core/trace/format.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {explainFileError, isThere} from '../host/files.js'
import type {OutputDirectory} from '../host/output-directory.js'
import type {SessionOptions, SessionResult} from '../host/session.js'
import {TraceSink} from '../host/trace-sink.js'
import type {DebStep} from './deb-plan.js'

/** Steps whose execs are worth to be known: the others run little but apt-get and dpkg-source. */
export const TRACED_STEPS = ['install', 'build'] as const
export type TracedStep = (typeof TRACED_STEPS)[number]

export const isTracedStep = (name: DebStep['name']): name is TracedStep => TRACED_STEPS.some(traced => traced === name)

/** What the trace of a step says of itself. */
export const traceHeader = ({name, profile}: EnvironmentRecord, mode: Mode, {script}: DebStep): TraceHeader => ({
  environment: name,
  profile,
  mode,
  started: new Date().toISOString(),
  command: [script],
})

type RunPlan = (plan: SessionPlan, options: SessionOptions) => Promise<SessionResult>

/** Runs sessions so that a file has each exec of theirs. Throws where it cannot be written. */
export const tracingTo =
  (path: string, header: TraceHeader, run: RunPlan): RunPlan =>
  async (plan, options) => {
    const sink = new TraceSink(await open(path, 'w'), 'passed-on')
    sink.write(encodeTraceHeader(header))
    let result: SessionResult
    try {
      result = await run(tracedPlan(plan), {...options, trace: sink})
    } finally {
      await sink.finish()
    }
    if (sink.failure !== undefined) throw explainFileError(sink.failure, path)
    return result
  }

/** A build's is NAME_VERSION_ARCHITECTURE.trace, beside its log. */
const traceName = (stem: string, step: TracedStep) => `${stem}${step === 'build' ? '' : `.${step}`}${TRACE_TYPE}`

/** Puts the traces that there are into a directory; returns their paths there. `stem`: NAME_VERSION_ARCHITECTURE. */
export async function putTraces(
  traces: Readonly<Record<TracedStep, string>>,
  stem: string,
  output: OutputDirectory,
  path: string,
): Promise<Partial<Record<TracedStep, string>>> {
  const put: Partial<Record<TracedStep, string>> = {}
  for (const step of TRACED_STEPS) {
    if (!isThere(traces[step])) continue
    const name = traceName(stem, step)
    await output.put(name, async fd => writeFileSync(fd, readFileSync(traces[step])))
    put[step] = join(path, name)
  }
  return put
}
