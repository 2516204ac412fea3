import type {DebEvent, DebPhase} from '../packages/deb-prepare.js'
import {LiveLine, note} from './output.js'
import {Redrawing} from './redrawing.js'

const PHASES: Record<DebPhase, string> = {
  fetch: 'fetching',
  unpack: 'unpacking the source',
  stubs: 'making stub packages',
  look: 'looking at what it needs',
  twins: 'looking for twins of that',
  install: 'installing what it needs',
  build: 'building',
}

/** How many of the last lines are told where something fails. */
const TAIL = 30

/** Tells how the build of a package goes: on a terminal one live line, elsewhere every line with its phase in front. */
export class DebProgress {
  readonly #live = new LiveLine()
  readonly #drawn = new Redrawing(this.#live, () => this.#draw())
  #phase: DebPhase = 'fetch'
  #since = performance.now()
  #tail: string[] = []

  constructor() {
    this.#drawn.begin()
  }

  tell = (event: DebEvent): void => {
    switch (event.kind) {
      case 'phase':
        this.#phase = event.phase
        this.#since = performance.now()
        this.#tail = []
        if (!this.#live.isLive) note(`${PHASES[event.phase]} …`)
        return
      case 'line':
        if (event.line.trim() === '') return
        this.#tail = [...this.#tail.slice(1 - TAIL), event.line]
        if (!this.#live.isLive) note(`${this.#phase} | ${event.line}`)
        return
      case 'twins':
        return this.say(`fetching the twins of ${event.packages.join(', ')}`)
      case 'twins-failed':
        return this.say(`the twins of what it needs could not be fetched, it stays emulated: ${event.why}`)
      case 'phase-ended':
        return
    }
  }

  say(line: string): void {
    this.#drawn.say(line)
  }

  /** On a terminal, where they have not been seen yet, the last lines of what failed. */
  showTail(): void {
    this.#live.clear()
    if (this.#live.isLive) for (const line of this.#tail) note(`${this.#phase} | ${line}`)
  }

  /** Nothing is drawn any more. */
  end(): void {
    this.#drawn.end()
  }

  #draw(): void {
    const seconds = Math.floor((performance.now() - this.#since) / 1000)
    this.#live.show(`${PHASES[this.#phase]} ${seconds} s  ${(this.#tail.at(-1) ?? '').replaceAll('\t', ' ')}`)
  }
}
