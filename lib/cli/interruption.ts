import {XbuildError} from '../core/errors.js'

/** man 7 signal */
const INTERRUPTIONS = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const

/** Ctrl-C ends what is being made; nothing half-made stays. `outcome` tells what is left, or that nothing is. */
export function onInterruption(outcome: string): {signal: AbortSignal; forget: () => void} {
  const controller = new AbortController()
  const handlers = INTERRUPTIONS.map(([name, number]) => {
    const handler = () => controller.abort(new XbuildError('interrupted', `interrupted (${name})`, {hint: outcome, exitCode: 128 + number}))
    process.on(name, handler)
    return () => process.off(name, handler)
  })
  return {signal: controller.signal, forget: () => handlers.forEach(forget => void forget())}
}
