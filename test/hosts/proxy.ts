// The machines' way to packages: node proxy.js CACHE PORT_FILE. Listens on the loopback, which a machine reaches as
// 10.0.2.2 (QEMU's user network), and knows two kinds of request. One for a whole URL is apt's and goes to that server,
// through this machine's own proxy where apt has one. One for a path is npm's and goes to this machine's registry.
// What never changes under its name, packages that is, is kept in CACHE.
import {execFileSync} from 'node:child_process'
import {createHash, randomUUID} from 'node:crypto'
import {createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type IncomingMessage, request as requestHttp, type ServerResponse} from 'node:http'
import {request as requestHttps} from 'node:https'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'

const [cache, portFile] = process.argv.slice(2)
if (!cache || !portFile) throw new Error('usage: proxy CACHE PORT_FILE')
mkdirSync(cache, {recursive: true})

const output = (program: string, ...args: string[]) => execFileSync(program, args, {encoding: 'utf8'}).trim()
const registry = new URL(output('npm', 'config', 'get', 'registry'))
const aptProxy = /='(.+)'/.exec(output('apt-config', 'shell', 'proxy', 'Acquire::http::Proxy'))?.[1]

/** Archives and indices by hash: a mirror never changes one under its name. */
const lasts = (url: URL) => /\.(u?deb|tgz)$|\/by-hash\/|\/pool\//.test(url.pathname)

/** Where a request goes: apt sends the whole URL, npm the path alone. */
function destination(path: string): URL {
  if (/^http:/.test(path)) return new URL(path)
  return new URL(registry.pathname.replace(/\/$/, '') + path, registry)
}

/** Asks the server, or this machine's proxy for it. */
function ask(url: URL, from: IncomingMessage): Promise<IncomingMessage> {
  const {host: _, connection: __, 'proxy-connection': ___, ...headers} = from.headers
  return new Promise((resolve, reject) => {
    const options = {method: from.method, headers: {...headers, host: url.host}}
    const upstream =
      url.protocol === 'https:'
        ? requestHttps(url, options, resolve)
        : aptProxy
          ? requestHttp(new URL(aptProxy), {...options, path: url.href}, resolve)
          : requestHttp(url, options, resolve)
    upstream.on('error', reject)
    from.pipe(upstream)
  })
}

/** Keeps a whole answer under its name, then gives it to the one who asked. */
async function keep(answer: IncomingMessage, kept: string): Promise<void> {
  const partial = `${kept}.${randomUUID()}`
  try {
    await pipeline(answer, createWriteStream(partial))
    renameSync(partial, kept)
  } finally {
    rmSync(partial, {force: true})
  }
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = destination(request.url ?? '/')
  const kept = join(cache as string, createHash('sha256').update(url.href).digest('hex'))
  const whole = request.method === 'GET' && !request.headers.range && lasts(url)
  if (!whole || !existsSync(kept)) {
    const answer = await ask(url, request)
    if (!whole || answer.statusCode !== 200) {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      return pipeline(answer, response)
    }
    await keep(answer, kept)
  }
  response.writeHead(200, {'content-type': 'application/octet-stream'})
  await pipeline(createReadStream(kept), response)
}

/** A machine that is emulated may take minutes between two requests of one connection, and for one: it is not hung up on. */
const PATIENT = {keepAliveTimeout: 3_600_000, headersTimeout: 0, requestTimeout: 0}

const server = createServer(PATIENT, (request, response) => {
  serve(request, response).catch((error: unknown) => {
    process.stderr.write(`${request.method} ${request.url}: ${error}\n`)
    if (!response.headersSent) response.writeHead(502)
    response.end()
  })
})
server.listen(0, '127.0.0.1', () => writeFileSync(portFile, `${(server.address() as AddressInfo).port}\n`))
