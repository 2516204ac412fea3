/**
 * SIGUSR1 is a signal like others to whoever sends it to a session, but to Node, unless a program listens to it, one that opens
 * a debugger's port, which a session with the host's network could reach. bin/xbuild-env.js loads this before all else.
 * https://nodejs.org/api/process.html#signal-events
 */

let state: 'waiting' | 'taken' = 'waiting'
let received = 0

process.on('SIGUSR1', () => {
  if (state === 'waiting') received++
})

/** How many have come before there was a session to pass them on to; asked for once. */
export function takeEarlySignals(): number {
  if (state === 'taken') return 0
  state = 'taken'
  return received
}

/**
 * One that came before Node ran any program of ours has opened the port by now: it is closed, and the signal counts as
 * received. A debugger that the user asked for stays.
 */
export async function closeEarlyDebugger(): Promise<void> {
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  if (state === 'taken' || options.includes('--inspect')) return
  const {url, close} = await import('node:inspector')
  if (url() === undefined) return
  close()
  received++
}
