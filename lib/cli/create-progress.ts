import {afterLine, type Downloaded} from '../core/debian/apt-progress.js'
import type {CreateEvents, CreateStep} from '../environment/create.js'
import {green, isVerbose, LiveLine, note, since} from './output.js'

const STEPS = {twins: 'twin set', 'host-root': "root of the host's architecture", root: 'root', environment: 'environment'} as const

/** What makers do, by how mmdebstrap and `fillTwins` begin to tell of it; all else that they print is for --verbose. */
const PHASES: readonly [line: RegExp, phase: string][] = [
  [/^I: running apt-get update/, "reading the archive's index"],
  [/^(I: downloading packages|downloading twins)/, 'downloading'],
  [/^I: extracting archives/, 'unpacking'],
  [/^unpacking the other twins/, 'adapting'],
  [/^I: installing essential packages/, 'installing the essential packages'],
  [/^I: installing remaining packages/, 'installing the other packages'],
  [/^I: cleaning/, 'cleaning up'],
]

/** How often the live line is drawn anew, in ms. */
const DRAW_EVERY = 250

interface Making {
  since: number
  phase: string
  downloaded: Downloaded
}

/** Tells how environments are made: on a terminal in one live line, elsewhere when each part begins and ends. */
export class CreateProgress {
  readonly #live = new LiveLine()
  readonly #making = new Map<CreateStep, Making>()
  readonly #start = performance.now()
  readonly #timer: NodeJS.Timeout | undefined

  constructor() {
    if (this.#live.isLive) this.#timer = setInterval(() => this.#draw(), DRAW_EVERY)
  }

  readonly events: Pick<CreateEvents, 'onStep' | 'onLine'> = {
    onStep: (step, state) => {
      if (state === 'making') this.#begin(step)
      else this.#end(step, state)
    },
    onLine: (step, line) => {
      if (isVerbose()) note(line)
      const making = this.#making.get(step)
      if (!making) return
      making.downloaded = afterLine(making.downloaded, line)
      making.phase = PHASES.find(([begins]) => begins.test(line))?.[1] ?? making.phase
    },
  }

  /** Something that is to stay. */
  say(text: string): void {
    this.#live.clear()
    note(text)
  }

  /** Nothing is drawn any more. */
  stop(): void {
    clearInterval(this.#timer)
    this.#live.clear()
  }

  #begin(step: CreateStep): void {
    this.#making.set(step, {since: performance.now(), phase: 'beginning', downloaded: {got: 0, all: 0}})
    if (!this.#live.isLive) note(`making the ${STEPS[step]}`)
  }

  #end(step: CreateStep, state: 'made' | 'there'): void {
    const making = this.#making.get(step)
    this.#making.delete(step)
    if (state === 'made' && step !== 'environment')
      this.say(`${green('made')} the ${STEPS[step]} in ${since(making?.since ?? this.#start)}`)
  }

  #draw(): void {
    const parts = [...this.#making].map(([step, making]) => `${STEPS[step]}: ${describeMaking(making)}`)
    const seconds = Math.floor((performance.now() - this.#start) / 1000)
    if (parts.length > 0) this.#live.show(`${seconds} s  ${parts.join('; ')}`)
  }
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0)

/** apt tells sizes in three digits: what comes so near to all of them is all. */
const NEARLY_ALL = 0.98

function describeMaking({phase, downloaded: {got, all}}: Making): string {
  if (all === 0 || got >= NEARLY_ALL * all) return phase
  return `${phase}, ${megabytes(got)} of ${megabytes(all)} MB (${Math.floor((100 * got) / all)} %)`
}
