import {type LiveLine, type LiveLines, note} from './output.js'

/** How often live lines are drawn anew, in ms: a clock of seconds does not stutter. */
const DRAW_EVERY = 100

/** Has a live line, or lines, drawn again and again: what they tell has times in it. Where lines cannot change, nothing is drawn. */
export class Redrawing {
  readonly #live: LiveLine | LiveLines
  readonly #draw: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(live: LiveLine | LiveLines, draw: () => void) {
    this.#live = live
    this.#draw = draw
  }

  /** Once is enough. */
  begin(): void {
    if (this.#live.isLive) this.#timer ??= setInterval(this.#draw, DRAW_EVERY)
  }

  /** Something that is to stay. */
  say(text: string): void {
    this.#live.clear()
    note(text)
    if (this.#timer) this.#draw()
  }

  /** Nothing is drawn any more. */
  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#live.clear()
  }
}
