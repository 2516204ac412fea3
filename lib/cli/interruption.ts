import {XbuildError} from '../core/errors.js'

/** man 7 signal */
const INTERRUPTIONS = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const

/** Ctrl-C and its like end what is being done, through the signal; `hint` says what they leave. */
export function onInterruption(hint: string): {signal: AbortSignal; forget: () => void} {
  const controller = new AbortController()
  const handlers = INTERRUPTIONS.map(([name, number]) => {
    const handler = () => controller.abort(new XbuildError('interrupted', `interrupted (${name})`, {hint, exitCode: 128 + number}))
    process.on(name, handler)
    return () => process.off(name, handler)
  })
  return {signal: controller.signal, forget: () => handlers.forEach(forget => void forget())}
}
