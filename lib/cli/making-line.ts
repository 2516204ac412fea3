import {afterLine, BEGINNING, describeMaking, type Making} from '../core/debian/making.js'
import {isVerbose, LiveLine, note} from './output.js'
import {Redrawing} from './redrawing.js'

/** How long it has been made, since a time of `performance.now()`, what, and how far that is. */
export function makingText(since: number, what: string, making: Making): string {
  const seconds = Math.floor((performance.now() - since) / 1000)
  return `${String(seconds).padStart(4)} s  ${what}  ${describeMaking(making)}`
}

/** How far a maker has come, in a line of a terminal that changes; elsewhere nothing. What it prints itself is for --verbose. */
export class MakingLine {
  readonly #what: string
  readonly #live = new LiveLine()
  readonly #start = performance.now()
  readonly #drawn = new Redrawing(this.#live, () => this.#draw())
  #making = BEGINNING

  /** `what`: that is being made. */
  constructor(what: string) {
    this.#what = what
  }

  /** The first begins it. */
  readonly onLine = (line: string): void => {
    if (isVerbose()) note(line)
    this.#making = afterLine(this.#making, line)
    this.#drawn.begin()
  }

  /** Something that is to stay. */
  say(text: string): void {
    this.#drawn.say(text)
  }

  /** Nothing is drawn any more. */
  stop(): void {
    this.#drawn.end()
  }

  #draw(): void {
    this.#live.show(makingText(this.#start, this.#what, this.#making))
  }
}
