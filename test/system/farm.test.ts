import {readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t, {type Test} from 'tap'
import {HERE, type Machine, makeMachines, noMachines, Server, xbuildOn} from './farm/machines.js'
import {sumsIn, writeProject} from './farm/project.js'
import {DATA, PROFILE, scratch, xbuild} from './rig.js'

const VARIABLES = {XBUILD_ENV_DATA: DATA}
/** An environment with distcc, of which others are copies. */
const NAME = 'farm-test'

const on = (machine: Machine, args: readonly string[], cwd?: string) => xbuildOn(machine, args, VARIABLES, cwd)

t.before(async () => {
  await xbuild(['remove', NAME])
  const cloned = await xbuild(['clone', PROFILE, NAME])
  if (cloned.exitCode !== 0) throw new Error(`create.test.ts makes what this begins with: ${cloned.stderr}`)
})

t.after(() => xbuild(['remove', NAME]))

/** A directory that the environment's sessions see. */
function work(t: Test, files: number): string {
  const directory = scratch(t)
  writeProject(directory, files)
  return directory
}

/** Runs a shell command in the project, with distcc saying what it does in a file. */
const make = (machine: Machine, directory: string, script: string, args: readonly string[] = []) =>
  on(
    machine,
    [
      'run',
      NAME,
      '--ephemeral',
      '--env',
      'DISTCC_VERBOSE=1',
      '--env',
      `DISTCC_LOG=${join(directory, 'log')}`,
      ...args,
      '--',
      'sh',
      '-ec',
      script,
    ],
    directory,
  )

/** How many files each way to a host has compiled. */
function compiledBy(directory: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [, host = ''] of readFileSync(join(directory, 'log'), 'utf8').matchAll(/compile \S+ on (\S+) completed ok/g))
    counts.set(host, (counts.get(host) ?? 0) + 1)
  return counts
}

const remote = (directory: string) => [...compiledBy(directory)].filter(([host]) => host.startsWith('127.0.0.1:'))

t.test('what a farm needs is installed by its first use, and a machine that is not there is told', async t => {
  const plan = await on(HERE, ['farm', 'use', NAME, '127.0.0.1:1', '--dry-run'])
  t.match(plan, {exitCode: 0, stdout: /127\.0\.0\.1:1 to .*farm\.json/})
  const used = await xbuild(['farm', 'use', NAME, '127.0.0.1:1', '--json'])
  t.equal(used.exitCode, 0, used.stderr)
  t.match(JSON.parse(used.stdout), {environment: NAME, hosts: [{host: '127.0.0.1', port: 1, state: 'away'}]})
  t.match(await on(HERE, ['farm', 'status', NAME]), {exitCode: 1, stdout: /127\.0\.0\.1:1 is away \(ECONNREFUSED\)/})
  const ran = await on(HERE, ['run', NAME, '--ephemeral', '--', 'sh', '-c', 'echo $PATH'])
  t.match(ran, {
    exitCode: 0,
    stdout: /^\/usr\/local/,
    stderr: /127\.0\.0\.1:1 is away \(ECONNREFUSED\); this machine compiles in its place/,
  })
  t.match(await on(HERE, ['farm', 'use', NAME, '--none']), {exitCode: 0})
  t.notMatch((await on(HERE, ['run', NAME, '--ephemeral', '--', 'true'])).stderr, /farm:/)
})

t.test('an unmodified build compiles on this machine as on another, and what it compiles is the same', async t => {
  const directory = work(t, 6)
  t.match(await make(HERE, directory, './configure && make -j4'), {exitCode: 0})
  const own = sumsIn(directory)
  const server = await Server.start(t, HERE, [NAME, '--listen', '127.0.0.1:4710', '--jobs', '2'], VARIABLES)
  await on(HERE, ['farm', 'use', NAME, '127.0.0.1:4710'])
  t.match(await on(HERE, ['farm', 'status', NAME]), {exitCode: 0, stdout: /^127\.0\.0\.1:4710 +2 +compiles$/m})
  const trace = join(directory, 'trace')
  const built = await make(HERE, directory, 'make clean; ./configure && make -j4', ['--trace', trace])
  t.equal(built.exitCode, 0, built.stderr)
  t.same(sumsIn(directory), own)
  t.ok(remote(directory).length === 1, 'something was compiled there')
  const traced = await xbuild(['trace', trace, '--json'])
  t.notMatch(traced.stdout, /"program": ".*(cc1|gcc|g\+\+|\/as|distcc)[^"]*",[^}]*"emulated"/)

  t.comment('with debug information as it is by default, the code is the same')
  const both = 'g++ -O2 -g -c part2.cc -o there.o; /usr/bin/g++ -O2 -g -c part2.cc -o here.o; strip -g there.o here.o; cmp there.o here.o'
  t.match(await make(HERE, directory, both), {exitCode: 0})

  t.comment('what only an emulated compiler could do is done here')
  const verbose = await make(HERE, directory, 'rm -f log; g++ -v -c part1.cc')
  t.equal(verbose.exitCode, 0, verbose.stderr)
  t.same(remote(directory), [])

  t.comment('a mistake is told as the compiler tells it')
  const wrong = await make(HERE, directory, "echo 'int x = ;' >wrong.cc; g++ -c wrong.cc")
  t.match(wrong, {exitCode: 1, stderr: /wrong\.cc:1:9: error/})

  t.comment('emulated sessions, and those with a network of their own, have no farm')
  for (const option of ['--mode=emulated', '--no-network'])
    t.match(await make(HERE, directory, 'echo $DISTCC_HOSTS', [option]), {exitCode: 0, stdout: '\n'})

  t.match(await xbuild(['ps']), {stdout: new RegExp(NAME)})
  t.equal(await server.end('SIGINT'), 0)
  t.notMatch((await xbuild(['ps'])).stdout, new RegExp(NAME), 'nothing of it runs')
  t.match(await make(HERE, directory, 'make clean; make part1.o'), {exitCode: 0, stderr: /is away/})
  await on(HERE, ['farm', 'use', NAME, '--none'])
})

t.test('who may connect is named, or is this machine alone', async t => {
  for (const [args, message] of [
    [['serve', NAME, '--listen', '0.0.0.0'], /who may connect there\?\n.*--allow/],
    [['serve', NAME, '--allow', '10.0.0.0/33'], /"10\.0\.0\.0\/33" is neither an address nor a network/],
    [['serve', NAME, '--listen', 'no where'], /not an address/],
    [['serve', NAME, '--listen', '203.0.113.1', '--allow', '10.0.0.1'], /203\.0\.113\.1, port 3632, is not available \(EADDRNOTAVAIL\)/],
    [['use', NAME], /which machines\?/],
    [['use', NAME, '-x'], /unknown option/],
    [['use', NAME, '10.0.0.1:0'], /is not a machine's name or address/],
  ] as const) {
    const result = await on(HERE, ['farm', ...args])
    t.match(result.stderr, message)
    t.not(result.exitCode, 0)
  }
  t.notMatch((await xbuild(['ps'])).stdout, new RegExp(NAME), 'nothing of it runs')
})

/** An environment whose compiler is another: emulated, since somebody changed the file. */
async function otherKey(t: Test): Promise<string> {
  const other = `${NAME}-other`
  await xbuild(['remove', other])
  t.match(await xbuild(['clone', NAME, other]), {exitCode: 0})
  t.teardown(() => xbuild(['remove', other]))
  const change = 'echo >>"$(readlink -f /usr/bin/strings)" && touch /var/lib/dpkg/status && sleep 3'
  t.match(await xbuild(['run', other, '--', 'sh', '-c', change]), {exitCode: 0})
  return other
}

t.test('three machines build a hundred files', {skip: noMachines()}, async t => {
  const [client, second, third] = await makeMachines(t, 2)
  if (!second || !third) return
  const directory = work(t, 100)
  const local = await make(client, directory, './configure && make -j4')
  t.equal(local.exitCode, 0, local.stderr)
  const own = sumsIn(directory)
  t.equal(Object.keys(own).length, 102)
  const servers = [
    await Server.start(t, second, [NAME, '--allow', '10.77.1.1'], VARIABLES),
    await Server.start(t, third, [NAME, '--allow', '10.77.2.0/24'], VARIABLES),
  ]
  t.equal(servers[0]?.key, servers[1]?.key)
  t.match(await on(client, ['farm', 'use', NAME, second.address, third.address]), {
    exitCode: 0,
    stdout: /10\.77\.1\.2 +\d+ +compiles\n10\.77\.2\.2 +\d+ +compiles/,
  })
  const farmed = await make(client, directory, 'make clean; rm -f log; ./configure && make -j8')
  t.equal(farmed.exitCode, 0, farmed.stderr)
  t.same(sumsIn(directory), own, 'byte for byte as built here')
  t.equal(remote(directory).length, 2, 'both have compiled')
  t.comment(`here ${local.took.toFixed(1)} s, with two others on the same processors ${farmed.took.toFixed(1)} s`)

  t.comment('nobody gets in by another address')
  await execa(client.there[0] ?? '', [...client.there.slice(1), 'ip', 'address', 'add', '10.77.1.9/24', 'dev', 'near1'])
  const speak = (from: string, text: string) =>
    execa(client.there[0] ?? '', [...client.there.slice(1), process.execPath, '-e', SPEAK, second.address, from, text]).then(
      ({stdout}) => stdout,
    )
  t.match(await speak('10.77.1.9', `xbuild-env-farm 1 ${servers[0]?.key}\n`), /^not-allowed 10\.77\.1\.9$/)
  t.match(await speak('10.77.1.1', `xbuild-env-farm 1 ${servers[0]?.key}\n`), /^ok \d+$/)
  t.equal(await speak('10.77.1.1', 'DIST00000001ARGC00000000'), '', 'distcc that does not greet')
  t.match(servers[0]?.stderr, /10\.77\.1\.9 was turned away: --allow does not name it/)
  t.match(servers[0]?.stderr, /10\.77\.1\.1 was turned away: it is not a client of a farm/)

  t.comment('a server of another key is refused, before anything is compiled')
  const other = await otherKey(t)
  const odd = await Server.start(t, third, [other, '--listen', '10.77.2.2:4711', '--allow', '10.77.2.1'], VARIABLES)
  t.not(odd.key, servers[0]?.key)
  await on(client, ['farm', 'use', NAME, '10.77.2.2:4711', second.address])
  const refused = await make(client, directory, 'rm -f log part*.o; make -j4 part1.o part2.o part3.o part4.o')
  t.match(refused, {
    exitCode: 0,
    stderr: /10\.77\.2\.2:4711 is refused: its compilers are others \(key [0-9a-f]{16}\); this machine compiles in its place/,
  })
  t.ok(remote(directory).length <= 1)
  t.match(odd.stderr, /10\.77\.2\.1 was turned away: its compilers are others/)
  for (const [name, sum] of Object.entries(sumsIn(directory))) t.equal(sum, own[name], name)

  t.comment('one that does not answer costs less than a second')
  await third.link('down')
  const asked = await execa(client.there[0] ?? '', [
    ...client.there.slice(1),
    process.execPath,
    '--input-type=module',
    '-e',
    ASK,
    third.address,
  ])
  t.match(asked.stdout, /^away [A-Z]+ \d{1,3}$/)
  await on(client, ['farm', 'use', NAME, third.address])
  t.match(await on(client, ['run', NAME, '--ephemeral', '--', 'true']), {exitCode: 0, stderr: /10\.77\.2\.2 is away/})
  await third.link('up')

  t.comment('one that is killed in the middle costs what it was compiling')
  await on(client, ['farm', 'use', NAME, second.address, third.address])
  rmSync(join(directory, 'log'))
  const building = make(client, directory, 'make clean; make -j8')
  while (remoteSoFar(directory) < 5) await new Promise(resolve => setTimeout(resolve, 100))
  servers[1]?.child.kill('SIGKILL')
  const survived = await building
  t.equal(survived.exitCode, 0, survived.stderr)
  t.same(sumsIn(directory), own)
  t.match(survived.stderr, /10\.77\.2\.2 is away/)
})

function remoteSoFar(directory: string): number {
  try {
    return remote(directory).reduce((all, [, count]) => all + count, 0)
  } catch {
    return 0 // there is no log yet
  }
}

/** Connects by an address, says something and nothing more, and prints the first that comes back. */
const SPEAK = `
const [, address, from, text] = process.argv
const socket = require('node:net').connect({host: address, port: 3632, localAddress: from}, () => socket.write(text.replace(/\\\\n/g, '\\n')))
socket.once('data', said => { process.stdout.write(said); socket.destroy() })
socket.once('end', () => socket.destroy())
socket.on('error', () => {})
`

/** Asks a host as a session's beginning does, and prints what became of it, and how many ms that took. */
const ASK = `
import {ask} from ${JSON.stringify(new URL('../../lib/farm/reach.js', import.meta.url).href)}
const began = performance.now()
const {kind, why} = await ask({host: process.argv[1], port: 3632}, '0123456789abcdef')
console.log(kind, why, Math.round(performance.now() - began))
`
