/** A queue that gives the first by an order. */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #isBefore: (a: T, b: T) => boolean

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore
  }

  get size(): number {
    return this.#items.length
  }

  push(item: T): void {
    let at = this.#items.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfBefore(at, parent)) return
      at = parent
    }
  }

  pop(): T | undefined {
    const first = this.#items[0]
    const last = this.#items.pop()
    if (last === undefined || this.#items.length === 0) return first
    this.#items[0] = last
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      const least = right < this.#items.length && this.#isBefore(this.#at(right), this.#at(left)) ? right : left
      if (least >= this.#items.length || !this.#swapIfBefore(least, at)) return first
      at = least
    }
  }

  #at = (index: number): T => this.#items[index] as T

  #swapIfBefore(lower: number, upper: number): boolean {
    const [low, up] = [this.#at(lower), this.#at(upper)]
    if (!this.#isBefore(low, up)) return false
    this.#items[lower] = up
    this.#items[upper] = low
    return true
  }
}
