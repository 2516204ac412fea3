import {XbuildError} from '../core/errors.js'
import {encodeTraceHeader, parseTrace, type TraceHeader} from '../core/trace/format.js'
import {makeLedger} from '../core/trace/ledger.js'
import {buildSpans} from '../core/trace/spans.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {commitOf} from '../host/git.js'
import {openTraceFile} from '../host/trace-file.js'
import {TraceSink} from '../host/trace-sink.js'
import {neverRouted} from '../measure/never-routed.js'
import {describeStats} from '../measure/trace-report.js'
import type {EnterOptions} from '../session/command.js'
import {note, warn} from './output.js'
import {VERSION} from './program.js'

/** What a page shows of a trace besides; nothing that is not kept needs it. */
async function factsOf(file: unknown): Promise<Pick<TraceHeader, 'version' | 'commit'>> {
  if (file === undefined) return {}
  const commit = await commitOf(process.cwd())
  return {version: VERSION, ...(commit === undefined ? {} : {commit})}
}

/** What `run --trace FILE` and `run --stats` do beside running. */
export class Recorder {
  readonly #sink: TraceSink
  readonly #path: string | undefined
  readonly #stats: boolean

  private constructor(sink: TraceSink, path: string | undefined, stats: boolean) {
    this.#sink = sink
    this.#path = path
    this.#stats = stats
  }

  /** Opens the file, before anything is started. Throws `bad-output`. */
  static async open(
    {trace, stats = false}: {trace?: string; stats?: boolean},
    {name, profile}: EnvironmentRecord,
    {mode, argv}: EnterOptions,
  ): Promise<Recorder> {
    if (trace === '-') {
      throw new XbuildError('usage', "--trace -: a trace is binary, and standard output is the command's", {hint: 'name a file'})
    }
    const file = trace === undefined ? undefined : await openTraceFile(trace)
    const recorder = new Recorder(new TraceSink(file, stats ? 'kept' : 'passed-on'), trace, stats)
    const command = typeof argv === 'string' ? [] : argv.map(String)
    const header: TraceHeader = {environment: name, profile, mode, started: new Date().toISOString(), command, ...(await factsOf(file))}
    recorder.#sink.write(encodeTraceHeader(header))
    return recorder
  }

  /** Runs a session that tells the sink; then the file is whole, and the numbers are told. */
  async record<T>(run: (sink: TraceSink) => Promise<T>): Promise<T> {
    let result: T
    try {
      result = await run(this.#sink)
    } finally {
      await this.#sink.finish()
    }
    await this.#tell()
    return result
  }

  async #tell(): Promise<void> {
    const {failure} = this.#sink
    if (failure !== undefined) {
      warn(`xbuild-env: the trace ${this.#path} is incomplete: ${failure instanceof Error ? failure.message : failure}`)
    }
    if (!this.#stats) return
    const {header, events} = parseTrace(this.#sink.bytes(), 'the trace')
    note(describeStats(header, makeLedger(header, buildSpans(events), await neverRouted(header.profile))).join('\n'))
  }
}
