import {afterLine, BEGINNING, type Making} from '../core/debian/making.js'
import type {CreateEvents, CreateStep} from '../environment/create.js'
import {makingText} from './making-line.js'
import {green, isVerbose, LiveLines, note, since} from './output.js'
import {Redrawing} from './redrawing.js'

const STEPS = {twins: 'twin set', 'host-root': "root of the host's architecture", root: 'root', environment: 'environment'} as const

interface Part {
  since: number
  making: Making
}

/** Tells how environments are made: on a terminal in a live line for each part, elsewhere when each part begins and ends. */
export class CreateProgress {
  readonly #live = new LiveLines()
  readonly #parts = new Map<CreateStep, Part>()
  readonly #start = performance.now()
  readonly #drawn = new Redrawing(this.#live, () => this.#draw())

  constructor() {
    this.#drawn.begin()
  }

  readonly events: Pick<CreateEvents, 'onStep' | 'onLine'> = {
    onStep: (step, state) => {
      if (state === 'making') this.#begin(step)
      else this.#end(step, state)
    },
    onLine: (step, line) => {
      if (isVerbose()) note(line)
      const part = this.#parts.get(step)
      if (part) part.making = afterLine(part.making, line)
    },
  }

  /** Something that is to stay. */
  say(text: string): void {
    this.#drawn.say(text)
  }

  /** Nothing is drawn any more. */
  stop(): void {
    this.#drawn.end()
  }

  #begin(step: CreateStep): void {
    this.#parts.set(step, {since: performance.now(), making: BEGINNING})
    if (!this.#live.isLive) note(`making the ${STEPS[step]}`)
  }

  #end(step: CreateStep, state: 'made' | 'there'): void {
    const part = this.#parts.get(step)
    this.#parts.delete(step)
    if (state === 'made' && step !== 'environment') this.say(`${green('made')} the ${STEPS[step]} in ${since(part?.since ?? this.#start)}`)
  }

  #draw(): void {
    const width = Math.max(...[...this.#parts.keys()].map(step => STEPS[step].length))
    this.#live.show([...this.#parts].map(([step, {since, making}]) => makingText(since, STEPS[step].padEnd(width), making)))
  }
}
