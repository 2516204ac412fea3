import type {Socket} from 'node:net'
import {type Answer, encodeGreeting, LONGEST_LINE, parseAnswer} from '../core/farm/greeting.js'
import type {FarmHost} from '../core/farm/hosts.js'
import {connectTo, readLine} from '../host/tcp.js'

/** ms that a host may take, to be connected to and to answer: a compilation waits for it, or compiles here. */
const REACH_MS = 800

/** What became of asking a host. */
export type Reached =
  | {kind: 'ok'; jobs: number; socket: Socket}
  | Exclude<Answer, {kind: 'ok'}>
  /** Nobody answers, or not in time. */
  | {kind: 'away'; why: string}
  /** Something else answers, or another version. */
  | {kind: 'no-farm'}

/** Connects to a host, and greets it with a key. Where that is not `ok`, there is no connection any more. */
export async function reach({host, port}: FarmHost, key: string): Promise<Reached> {
  const began = performance.now()
  let socket: Socket
  try {
    socket = await connectTo(host, port, REACH_MS)
  } catch (error) {
    return {kind: 'away', why: (error as NodeJS.ErrnoException).code ?? String(error)}
  }
  socket.write(encodeGreeting(key))
  const line = await readLine(socket, LONGEST_LINE, REACH_MS - (performance.now() - began))
  const answer = line === undefined ? undefined : parseAnswer(line)
  if (answer?.kind === 'ok') return {...answer, socket}
  const isOpen = !socket.destroyed && line === undefined && !socket.readableEnded
  socket.destroy()
  if (answer) return answer
  return isOpen ? {kind: 'away', why: 'ETIMEDOUT'} : {kind: 'no-farm'}
}

/** How a host answers now; nothing is compiled. */
export async function ask(host: FarmHost, key: string): Promise<Reached> {
  const reached = await reach(host, key)
  if (reached.kind === 'ok') reached.socket.destroy()
  return reached
}
