import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {ERROR, emptyData, filesOf, IS_ROOT, processesIn, withoutProgress, xbuildIn} from './data.js'
import {CLI, PROFILE, plainVariables, scratch} from './rig.js'

/** Seconds that a mirror which does not work may take to be given up. */
const SOON = 30

type Answer = (request: IncomingMessage, response: ServerResponse) => void

async function mirror(t: {teardown: (undo: () => void) => void}, answer: Answer): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`
}

const RELEASE = `Origin: Debian\nSuite: oldstable\nCodename: bookworm\nDate: ${new Date().toUTCString()}\nArchitectures: amd64 mips64el\nComponents: main\n`

const SIGNATURE = '\n-----BEGIN PGP SIGNATURE-----\n\niHUEARYKAB0WIQQ=\n-----END PGP SIGNATURE-----\n'

const only =
  (ending: string, answer: (response: ServerResponse) => void): Answer =>
  (request, response) =>
    request.url?.endsWith(ending) ? answer(response) : response.writeHead(404).end()

const BROKEN: [what: string, answer: Answer, message: RegExp][] = [
  [
    'does not have the suite',
    (_, response) => response.writeHead(404).end(),
    /does not have this suite .*'http:\/\/127\.0\.0\.1:\d+\/debian bookworm Release'/,
  ],
  [
    'gives an index that is not signed',
    only('/Release', response => response.end(RELEASE)),
    /index has no signature .* bookworm Release' is not signed/,
  ],
  [
    'gives a signed index that is cut short',
    only('/InRelease', response => response.end('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: De\n')),
    /gave a file that does not match its index .*bookworm.*InRelease/,
  ],
  [
    'gives an index with a signature that is none',
    only('/InRelease', response => response.end(`-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${RELEASE}${SIGNATURE}`)),
    /not signed by a key .*bookworm InRelease/,
  ],
  [
    'breaks the connection',
    (_, response) => {
      response.writeHead(200, {'content-length': 100_000})
      response.write('-----BEGIN PGP SIGNED MESSAGE-----', () => response.destroy())
    },
    /connection to the mirror broke .*http:\/\/127\.0\.0\.1:\d+\/debian\/dists\/bookworm\/InRelease/,
  ],
  ['has a fault of its own', (_, response) => response.writeHead(500).end(), /127\.0\.0\.1:\d+/],
]

for (const [what, answer, message] of BROKEN) {
  t.test(`a mirror that ${what} is named, soon, and nothing is made`, async t => {
    const data = emptyData(t)
    const failed = await xbuildIn(data, ['create', PROFILE, '--mirror', await mirror(t, answer)])
    t.equal(failed.exitCode, 125)
    const error = withoutProgress(failed.stderr)
    t.match(error, ERROR)
    t.match(error, message)
    t.ok(failed.took < SOON, `took ${failed.took} s`)
    t.same(await filesOf(data), [])
    t.same(await processesIn(data), [])
  })
}

t.test('nobody listens at the address', async t => {
  const data = emptyData(t)
  const address = await mirror(t, () => {})
  const closed = address.replace(/:\d+/, ':9') // discard: nobody has it
  const failed = await xbuildIn(data, ['create', PROFILE, '--mirror', closed])
  t.equal(failed.exitCode, 125)
  t.match(
    withoutProgress(failed.stderr),
    /mirror cannot be reached .*127\.0\.0\.1:9\b.*\n {2}check the network, http_proxy, and the mirror/,
  )
  t.ok(failed.took < SOON, `took ${failed.took} s`)
  t.same(await filesOf(data), [])
})

t.test('a mirror that says nothing is told of after 5 s, and given up after 30', async t => {
  const data = emptyData(t)
  const failed = await xbuildIn(data, ['create', PROFILE, '--mirror', await mirror(t, () => {})])
  t.equal(failed.exitCode, 125)
  const [told, ...error] = withoutProgress(failed.stderr).split('\n')
  t.match(told, /^http:\/\/127\.0\.0\.1:\d+\/debian has not answered yet, for 5 s$/)
  t.match(error.join('\n'), ERROR)
  t.match(error[0], /http:\/\/127\.0\.0\.1:\d+\/debian does not answer: nothing came for 30 s/)
  t.ok(failed.took > 29 && failed.took < 50, `took ${failed.took} s`)
  t.same(await filesOf(data), [])
  t.same(await processesIn(data), [])
})

t.test('without a network', async t => {
  const data = emptyData(t)
  const start = performance.now()
  const user = IS_ROOT ? [] : ['--user', '--map-root-user', '--map-auto']
  const failed = await execa('unshare', [...user, '--net', process.execPath, CLI, 'create', PROFILE], {
    reject: false,
    extendEnv: false,
    env: plainVariables({XBUILD_ENV_DATA: data}),
  })
  t.equal(failed.exitCode, 125)
  t.match(withoutProgress(`${failed.stderr}\n`), /mirror cannot be reached \(.*[a-z]+\.debian\.org.*\)\n {2}check the network/)
  t.match(withoutProgress(`${failed.stderr}\n`), ERROR)
  t.ok(performance.now() - start < SOON * 1000)
  t.same(await filesOf(data), [])
})

t.test('a mirror on this disk that is not there', async t => {
  const data = emptyData(t)
  const failed = await xbuildIn(data, ['create', PROFILE, '--mirror', `file://${join(scratch(t), 'debian')}`])
  t.equal(failed.exitCode, 125)
  t.match(withoutProgress(failed.stderr), ERROR)
  t.match(failed.stderr, /\/debian/)
  t.same(await filesOf(data), [])
})
