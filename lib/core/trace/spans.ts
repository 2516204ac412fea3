import type {Outcome, TraceEvent} from './format.js'

/** One program in one process, from its exec to the next one or the process's end. Times are in ms, as in the trace. */
export interface Span {
  pid: number
  user: number
  program: string
  arguments: readonly string[]
  outcome: Outcome
  start: number
  end: number
  /** The span that started this process, as an index; undefined where it is not known. */
  parent: number | undefined
  /** The part of its time in which none of its children ran: what it took itself, as opposed to waiting for them. */
  own: number
}

export interface Spans {
  /** In the order of their starts. */
  spans: Span[]
  /** When the session's command ended, or the last that is known. */
  end: number
  /** `cut-off`: the session was killed, or still runs. */
  state: 'complete' | 'cut-off'
}

type Exec = Extract<TraceEvent, {kind: 'exec'}>

/** What runs at some moment of the trace, by pid. */
class Running {
  readonly spans: Span[] = []
  readonly #byPid = new Map<number, number>()

  exec(event: Exec): void {
    const earlier = this.#byPid.get(event.pid)
    const earlierSpan = earlier === undefined ? undefined : this.spans[earlier]
    if (earlierSpan && event.outcome.kind === 'twin-failed') {
      earlierSpan.outcome = event.outcome // the same exec, once more
      return
    }
    if (earlierSpan) earlierSpan.end = event.time
    const {pid, user, program, outcome, time} = event
    const parent = event.parent === event.pid ? undefined : this.#byPid.get(event.parent)
    this.#byPid.set(pid, this.spans.length)
    this.spans.push({pid, user, program, arguments: event.arguments, outcome, start: time, end: Number.NaN, parent, own: 0})
  }

  end(pid: number, time: number): void {
    const index = this.#byPid.get(pid)
    const span = index === undefined ? undefined : this.spans[index]
    if (span) span.end = time
    this.#byPid.delete(pid)
  }

  endAll(time: number): void {
    for (const pid of [...this.#byPid.keys()]) this.end(pid, time)
  }
}

/** What has no end in the trace lasts until the trace's own end. */
export function buildSpans(events: readonly TraceEvent[]): Spans {
  const running = new Running()
  let state: Spans['state'] = 'cut-off'
  for (const event of events) {
    switch (event.kind) {
      case 'exec':
        running.exec(event)
        break
      case 'end':
        running.end(event.pid, event.time)
        break
      case 'finish':
        state = 'complete'
        break
    }
  }
  const end = events.at(-1)?.time ?? 0
  running.endAll(end)
  return {spans: withOwnTimes(running.spans), end, state}
}

/** The children of a span come in the order of their starts, as all spans do. */
function withOwnTimes(spans: readonly Span[]): Span[] {
  const covered = spans.map(span => ({time: 0, until: span.start}))
  for (const child of spans) {
    const parent = child.parent === undefined ? undefined : spans[child.parent]
    const sum = child.parent === undefined ? undefined : covered[child.parent]
    if (!parent || !sum) continue
    const from = Math.max(child.start, sum.until)
    const until = Math.min(child.end, parent.end)
    if (until <= from) continue
    sum.time += until - from
    sum.until = until
  }
  return spans.map((span, i) => ({...span, own: span.end - span.start - (covered[i]?.time ?? 0)}))
}
