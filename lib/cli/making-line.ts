import {afterLine, BEGINNING, describeMaking} from '../core/debian/making.js'
import {isVerbose, LiveLine, note} from './output.js'

/** How often the line is drawn anew, in ms. */
const DRAW_EVERY = 250

/** How far a maker has come, in a line of a terminal that changes; elsewhere nothing. What it prints itself is for --verbose. */
export class MakingLine {
  readonly #what: string
  readonly #live = new LiveLine()
  readonly #start = performance.now()
  #timer: NodeJS.Timeout | undefined
  #making = BEGINNING

  /** `what`: that is being made. */
  constructor(what: string) {
    this.#what = what
  }

  /** The first begins it. */
  readonly onLine = (line: string): void => {
    if (isVerbose()) note(line)
    this.#making = afterLine(this.#making, line)
    if (this.#live.isLive) this.#timer ??= setInterval(() => this.#draw(), DRAW_EVERY)
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

  #draw(): void {
    const seconds = Math.floor((performance.now() - this.#start) / 1000)
    this.#live.show(`${String(seconds).padStart(4)} s  ${this.#what}  ${describeMaking(this.#making)}`)
  }
}
