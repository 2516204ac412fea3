/** So many at once; others wait for their turn. */
export class Turns {
  #left: number
  readonly #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#left = most
  }

  /** Does something when it is its turn. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#left === 0) await new Promise<void>(resolve => this.#waiting.push(resolve))
    else this.#left--
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#left++
    }
  }
}
