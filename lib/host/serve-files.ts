import {closeSync, createReadStream} from 'node:fs'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {extname} from 'node:path'
import {pipeline} from 'node:stream'
import {XbuildError} from '../core/errors.js'
import {Tree} from './beneath.js'

/** What browsers are told of a page's own files; all else is bytes to be saved: what builds made is not run as a page. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
}

/** A page has its own programs and styles, and gets nothing from anywhere else. */
const HEADERS = {
  'content-security-policy': "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

const SAVED = {'content-type': 'application/octet-stream', 'content-disposition': 'attachment'}

export interface FileServer {
  port: number
  /** Ends all connections. */
  close: () => void
}

/** `page`: shown as what its name says. `data`: what somebody else made, to be saved. undefined: not served. */
export type Served = 'page' | 'data' | undefined

/** Serves files of a directory to this machine's browsers; `servedAs` says which paths, and how. No link is followed. */
export async function serveFiles(directory: string, port: number, servedAs: (path: string) => Served): Promise<FileServer> {
  const server = createServer((request, response) => answer(new Tree([directory], 'refused'), servedAs, request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(port, error)))
    server.listen(port, '127.0.0.1', resolve)
  })
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return {port: (server.address() as AddressInfo).port, close}
}

const cannotListen = (port: number, error: NodeJS.ErrnoException) =>
  new XbuildError('used-up', `port ${port} of the loopback interface is not available (${error.code})`, {
    hint: 'another one: --port 0 takes any',
    cause: error,
  })

function answer(tree: Tree, servedAs: (path: string) => Served, request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request)
  const refuse = (status: number) => void response.writeHead(status, HEADERS).end()
  // A name that some other site lets lead here would let its pages read what is served.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) return refuse(403)
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405)
  const kind = path === undefined ? undefined : servedAs(path)
  const found = path !== undefined && kind !== undefined ? tree.open(path) : undefined
  if (found?.kind !== 'found') return refuse(404)
  const {fd, status} = found.value
  const type = kind === 'page' ? TYPES[extname(path ?? '')] : undefined
  response.writeHead(200, {...HEADERS, ...(type === undefined ? SAVED : {'content-type': type}), 'content-length': status.size})
  if (request.method === 'HEAD' || status.size === 0) {
    closeSync(fd)
    response.end()
    return
  }
  // Whoever goes away, and a file that is cut while it is read, end this answer alone, with its descriptor.
  pipeline(createReadStream('', {fd, start: 0, end: status.size - 1}), response, () => {})
}

/** Relative; undefined for what is no path. */
function pathOf({url = '/'}: IncomingMessage): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname).slice(1)
    return path === '' ? 'index.html' : path
  } catch {
    return undefined
  }
}
