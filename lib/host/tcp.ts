import {once} from 'node:events'
import {type AddressInfo, connect, createServer, type Server, type Socket} from 'node:net'
import {pipeline} from 'node:stream'
import {XbuildError} from '../core/errors.js'

/** ms: whoever is at the other end of a connection and has gone without a word is missed after ten such times and this. */
const ASK_AFTER_MS = 5000

/** A server, and its connections. */
export interface Listener {
  address: string
  port: number
  /** Ends it and all connections. */
  close: () => void
}

/** Takes connections; `onConnection` gets each before anything of it is read; where that fails, it is closed. Throws `used-up` where the port is another's. */
export async function listen(host: string | undefined, port: number, onConnection: (socket: Socket) => Promise<void>): Promise<Listener> {
  const connections = new Set<Socket>()
  const server = createServer({pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: ASK_AFTER_MS}, socket => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
    socket.on('error', () => {}) // "close" follows
    onConnection(socket).catch(() => socket.destroy())
  })
  await begin(server, host, port)
  const {address, port: own} = server.address() as AddressInfo
  const close = () => {
    server.close()
    for (const socket of connections) socket.destroy()
  }
  return {address, port: own, close}
}

async function begin(server: Server, host: string | undefined, port: number): Promise<void> {
  const began = once(server, 'listening')
  server.listen({port, ...(host === undefined ? {} : {host})})
  try {
    await began
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    const at = host === undefined ? `port ${port}` : `${host}, port ${port},`
    throw new XbuildError('used-up', `${at} is not available (${code})`, {
      hint: 'name an address of this machine, and a port that is free: "ss -ltn" lists those that are not',
      cause: error,
    })
  }
}

/** Connects within so many ms; throws what the system says, or ETIMEDOUT. */
export async function connectTo(host: string, port: number, ms: number): Promise<Socket> {
  const socket = connect({host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: ASK_AFTER_MS})
  const timer = setTimeout(() => socket.destroy(timedOut(ms)), ms)
  try {
    await once(socket, 'connect')
    socket.on('error', () => {}) // "close" follows
    return socket
  } finally {
    clearTimeout(timer)
  }
}

const timedOut = (ms: number) => Object.assign(new Error(`no answer within ${ms} ms`), {code: 'ETIMEDOUT'})

/**
 * The first line that comes; what comes after it stays to be read. undefined where the other end closes, takes more than so many ms,
 * or says more than `longest` bytes without an end.
 */
export function readLine(socket: Socket, longest: number, ms: number): Promise<string | undefined> {
  return new Promise(resolve => {
    let read = Buffer.alloc(0)
    const end = (line: string | undefined) => {
      clearTimeout(timer)
      socket.off('readable', take).off('close', none)
      resolve(line)
    }
    const none = () => end(undefined)
    const take = () => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        read = Buffer.concat([read, chunk])
        const at = read.indexOf('\n')
        if (at === -1 && read.length <= longest) continue
        if (at !== -1 && at < read.length - 1) socket.unshift(read.subarray(at + 1))
        return end(at === -1 || at > longest ? undefined : read.subarray(0, at).toString('latin1'))
      }
    }
    const timer = setTimeout(none, ms)
    socket.on('readable', take).once('close', none)
  })
}

/** Hands on what comes, both ways, until either end closes. */
export function join(one: Socket, other: Socket): void {
  pipeline(one, other, () => {})
  pipeline(other, one, () => {})
}
