import {existsSync, readFileSync, rmSync} from 'node:fs'
import {createServer, type IncomingMessage, request, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import t from 'tap'
import {namedSource} from './deb-tree.js'
import {DATA, PROFILE, xbuild} from './rig.js'

const run = (name: string) => `test-${process.pid}-mirror-${name}`
const runPath = (name: string, ...below: string[]) => join(DATA, 'runs', run(name), ...below)
t.teardown(() => {
  for (const name of ['files', 'away', 'names']) rmSync(runPath(name), {recursive: true, force: true})
})

/** What becomes of a file on its way; anything else passes as it is. */
type Fault = 'passes' | 'is not there' | 'has another byte' | 'is cut off'

/** A proxy that is what each attempt sees of the archive: returns its address. */
async function proxy(faultOf: (address: string) => Fault): Promise<string> {
  const server = createServer((asked, response) => {
    const fault = faultOf(asked.url ?? '')
    if (fault === 'is cut off') asked.socket.destroy()
    else if (fault === 'is not there') response.writeHead(404).end()
    else pass(asked, response, fault)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function pass(asked: IncomingMessage, response: ServerResponse, fault: Fault): void {
  const forward = request(asked.url ?? '', {method: asked.method, headers: asked.headers}, answer => {
    const parts: Buffer[] = []
    answer.on('data', part => parts.push(part))
    answer.on('end', () => {
      const body = Buffer.concat(parts)
      if (fault === 'has another byte') body[body.length - 1] = (body.at(-1) ?? 0) ^ 1
      response.writeHead(answer.statusCode ?? 502, answer.headers).end(body)
    })
  })
  forward.on('error', () => response.destroy())
  asked.pipe(forward)
}

t.test('a source that the mirror lacks, or gives otherwise than its index says, is nobody’s fault, and the rest is built', async t => {
  const faults: [RegExp, Fault][] = [
    [/\/hostname_.*\.tar/, 'is not there'],
    [/\/libmd_.*\.tar/, 'has another byte'],
  ]
  const address = await proxy(url => faults.find(([file]) => file.test(url))?.[1] ?? 'passes')
  const args = ['packages', 'build', PROFILE, 'hostname', 'libmd', namedSource(t, 'mirror'), '--run', run('files'), '--retries', '0']
  const built = await xbuild([...args, '--no-experiments', '--json'], {variables: {http_proxy: address}})
  t.match(JSON.parse(built.stdout), {counts: {built: 1, failed: 2, queued: 0}}, built.stderr)
  for (const [name, trouble] of [
    ['hostname', 'gone'],
    ['libmd', 'damaged'],
  ] as const) {
    const {end} = JSON.parse(readFileSync(runPath('files', 'attempts', name, '1/result.json'), 'utf8'))
    t.match(end, {kind: 'infrastructure', trouble, phase: 'fetch'}, name)
    t.match((await xbuild(['packages', 'why', name, run('files')])).stdout, /failed: infrastructure/)
  }
})

t.test('a mirror that goes away is waited for, and then the run goes on', async t => {
  let isAway = true
  const address = await proxy(url => (isAway && /\/pool\/.*\/libmd_/.test(url) ? 'is cut off' : 'passes'))
  const args = ['packages', 'build', PROFILE, 'libmd', '--run', run('away'), '--retries', '0', '--no-experiments', '--no-checks', '--json']
  const building = xbuild(args, {variables: {http_proxy: address}})
  const journal = runPath('away', 'journal')
  while (!existsSync(journal) || !readFileSync(journal, 'utf8').includes('"waits"')) await sleep(200)
  t.match(JSON.parse((await xbuild(['packages', 'status', run('away'), '--json'])).stdout).work, {kind: 'waits'})
  isAway = false
  const built = await building
  t.match(JSON.parse(built.stdout), {counts: {built: 1, failed: 0}}, built.stderr)
  t.match(readFileSync(journal, 'utf8'), /"goes-on"/)
  t.match(built.stderr, /\nwaits: .*\ngoes on\n/s)
})

t.test('one bad name among five hundred is told, and the others are planned', async t => {
  const script = 'sed -n "s/^Source: \\([^ ]*\\).*/\\1/p" /var/lib/dpkg/status | sort -u'
  const {stdout: sources} = await xbuild(['run', PROFILE, '--ephemeral', '--', 'sh', '-c', script])
  const names = sources.trim().split('\n')
  const many = Array.from({length: 499}, (_, i) => names[i % names.length] ?? '')
  const planned = await xbuild(['packages', 'build', PROFILE, ...many, 'zlibb', '--run', run('names'), '--dry-run', '--json'])
  t.equal(planned.exitCode, 0, planned.stderr)
  const {packages, left} = JSON.parse(planned.stdout)
  t.ok(packages.length > 30 && packages.length <= names.length, `${packages.length} of ${names.length}`)
  t.match(
    left.filter(({why}: {why: string}) => /no such source/.test(why)),
    [{word: 'zlibb', nearest: 'zlib'}],
  )
})
