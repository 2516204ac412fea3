/** Time, ms; simulations have their own. */
export interface Clock {
  now: () => number
  /** Calls something after so many ms, unless what it returns is called before. */
  after: (ms: number, call: () => void) => () => void
}

export const CLOCK: Clock = {
  now: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
