import {mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {asMaker, copiedData, ERROR, filesOf, xbuildIn} from './data.js'
import {PROFILE, type Result, scratch} from './rig.js'

const data = await copiedData(t, ['roots', 'twins', 'routing'])
const xb = (...args: string[]) => xbuildIn(data, args, {cwd: '/'})
const sh = (name: string, script: string) => xb('run', name, '--', 'sh', '-c', script)
const place = (name: string, ...rest: string[]) => join(data, 'environments', name, ...rest)
const recordOf = (name: string) => JSON.parse(readFileSync(place(name, 'environment.json'), 'utf8'))
const writeRecord = (name: string, record: object) => writeFileSync(place(name, 'environment.json'), JSON.stringify(record))

async function stateOf(name: string): Promise<string> {
  const listed = await xb('list', '--json')
  return JSON.parse(listed.stdout).find((entry: {name: string}) => entry.name === name)?.state
}

const withoutSystemNote = ({stderr}: Result) => stderr.replace(/^xbuild-env: \/ is a directory of the system.*\n/m, '')

const DAMAGES: [what: string, damage: (name: string) => unknown, message: RegExp, state?: string][] = [
  ['no environment.json', name => rmSync(place(name, 'environment.json')), /it has no environment\.json/],
  ['environment.json cut short', name => truncateSync(place(name, 'environment.json'), 40), /its environment\.json cannot be read/],
  ['environment.json empty', name => truncateSync(place(name, 'environment.json'), 0), /its environment\.json cannot be read/],
  ['environment.json of something else', name => writeRecord(name, [1, 2]), /its environment\.json cannot be read/],
  [
    'environment.json that is huge',
    name => truncateSync(place(name, 'environment.json'), 2 ** 24),
    /environment\.json is larger than \d+ bytes/,
  ],
  [
    'a newer format',
    name => writeRecord(name, {...recordOf(name), format: 99}),
    /made by a newer xbuild-env \(format 99\)/,
    'of a newer version',
  ],
  ['no directory of changes', name => rmSync(place(name, 'upper'), {recursive: true}), /\/upper is missing/],
  ['no routes', name => rmSync(place(name, 'routes'), {recursive: true}), /\/routes\/\w+ is missing/],
  [
    'a layer that is missing',
    name => writeRecord(name, {...recordOf(name), layers: ['0123456789abcdef']}),
    /layers\/0123456789abcdef\/tree is missing/,
  ],
  [
    'a root that is missing',
    name => writeRecord(name, {...recordOf(name), root: 'feedfeedfeedfeed'}),
    /roots\/feedfeedfeedfeed\/tree is missing/,
  ],
  [
    'a twin set that is missing',
    name => writeRecord(name, {...recordOf(name), twins: 'feedfeedfeedfeed'}),
    /twins\/feedfeedfeedfeed\/tree is missing/,
  ],
]

for (const [what, damage, message, state = 'damaged'] of DAMAGES) {
  t.test(`an environment with ${what}: list shows it, run says what to do, remove removes it`, async t => {
    t.equal((await xb('create', PROFILE, '--name', 'damaged')).exitCode, 0)
    await damage('damaged')
    t.equal(await stateOf('damaged'), state)
    const ran = await xb('run', 'damaged', '--', 'true')
    t.equal(ran.exitCode, 125)
    t.match(withoutSystemNote(ran), message)
    t.match(withoutSystemNote(ran), ERROR)
    t.equal((await xb('run', '--ephemeral', 'damaged', '--', 'true')).exitCode, 125)
    const removed = await xb('remove', 'damaged')
    t.match(removed, {exitCode: 0, stderr: 'removed environment damaged\n'})
    t.same(
      readdirSync(join(data, 'environments')).filter(name => !name.endsWith('.lock')),
      [],
    )
  })
}

t.test('routes that cannot be read are found anew by the next session', async t => {
  await xb('create', PROFILE, '--name', 'routes')
  const routesOf = async () => JSON.parse((await xb('info', 'routes', '--json')).stdout).routing?.routes.length
  const before = await routesOf()
  truncateSync(place('routes', 'routes', 'routing.json'), 100)
  t.match(await xb('info', 'routes'), {exitCode: 125, stderr: /has no routes\n {2}start a session in it/})
  const end = new AbortController()
  const session = xbuildIn(data, ['run', 'routes', '--', 'sleep', '60'], {cwd: '/', cancelSignal: end.signal})
  while ((await routesOf()) === undefined) {}
  t.equal(await routesOf(), before)
  end.abort()
  await session
  await xb('remove', 'routes')
})

t.test('while one environment is damaged, nothing is removed as unused: what it uses is not known', async t => {
  await xb('create', PROFILE, '--name', 'good')
  await xb('create', PROFILE, '--name', 'bad')
  writeFileSync(place('bad', 'environment.json'), '{')
  const before = await filesOf(data)
  const refused = await xb('remove', '--unused')
  t.equal(refused.exitCode, 125)
  t.match(refused.stderr, /environment "bad" is damaged.*\n {2}xbuild-env remove bad/)
  t.same(await filesOf(data), before)
  t.equal((await xb('remove', '--unused', 'bad')).exitCode, 0)
  t.equal((await sh('good', 'true')).exitCode, 0)
  await xb('remove', 'good')
})

/** What `freeze` does, up to the step at which it is interrupted. */
const ID = 'abcdabcdabcdabcd'
const FREEZING = [
  () => {},
  () => mkdirSync(join(data, 'layers', ID), {recursive: true}),
  () => renameSync(place('frozen', 'upper'), join(data, 'layers', ID, 'tree')),
  () => mkdirSync(place('frozen', 'upper', 'var/lib/dpkg'), {recursive: true}),
]

for (const [name, next] of [
  ['a session', ['run', 'frozen', '--', 'true']],
  ['an ephemeral session', ['run', '--ephemeral', 'frozen', '--', 'true']],
  ['another clone', ['clone', 'frozen', 'copy']],
] as const) {
  for (const steps of [1, 2, 3, 4]) {
    t.test(`a clone that was interrupted at step ${steps} is finished by ${name}, and nothing is lost`, async t => {
      await xb('create', PROFILE, '--name', 'frozen')
      t.equal((await sh('frozen', 'echo kept > /root/kept; rm /etc/issue')).exitCode, 0)
      writeRecord('frozen', {...recordOf('frozen'), layers: [ID], freezing: ID})
      for (const step of FREEZING.slice(0, steps)) step()
      t.equal(await stateOf('frozen'), 'idle')
      const went = await xb(...next)
      t.equal(went.exitCode, 0, went.stderr)
      t.equal(recordOf('frozen').freezing, undefined)
      for (const environment of next[0] === 'clone' ? ['frozen', 'copy'] : ['frozen']) {
        const seen = await sh(environment, 'cat /root/kept; test ! -e /etc/issue && echo gone')
        t.equal(seen.stdout, 'kept\ngone\n', seen.stderr)
      }
      await xb('remove', 'frozen', ...(next[0] === 'clone' ? ['copy'] : []))
      await asMaker(['rm', '-rf', join(data, 'layers')])
    })
  }
}

t.test('unused is what no environment uses, and what killed makers left', async t => {
  await xb('create', PROFILE, '--name', 'first')
  await sh('first', 'echo layer > /root/layer')
  await xb('clone', 'first', 'second')
  const kept = async () => (await filesOf(data)).filter(path => !path.startsWith('routing/')) // found again in a second
  const used = await kept()
  const [layer] = recordOf('second').layers
  const unused = [
    'roots/0000000000000000',
    'twins/.partial-1111111111111111-22222222',
    'layers/3333333333333333',
    'environments/.partial-gone-44444444',
  ]
  for (const directory of unused) mkdirSync(join(data, directory, 'tree'), {recursive: true})
  const removed = await xb('remove', '--unused')
  t.equal(removed.exitCode, 0, removed.stderr)
  t.same(await kept(), used)
  t.equal((await sh('second', 'cat /root/layer')).stdout, 'layer\n')
  t.equal((await xb('remove', '--unused', 'first')).exitCode, 0)
  t.ok(readdirSync(join(data, 'layers')).includes(layer), 'the other still uses it')
  t.equal((await sh('second', 'cat /root/layer')).stdout, 'layer\n')
  t.equal((await xb('remove', '--unused', 'second')).exitCode, 0)
  t.same(await filesOf(data), [])
})

t.test('routes that were found by the rules of another version are found anew before a session begins', async t => {
  t.equal((await xb('create', PROFILE, '--name', 'older')).exitCode, 0)
  const routing = place('older', 'routes', 'routing.json')
  const found = JSON.parse(readFileSync(routing, 'utf8'))
  for (const lasting of [['--ephemeral'], []]) {
    writeFileSync(routing, JSON.stringify({...found, format: found.format - 1, routes: []}))
    const trace = join(scratch(t), 'trace')
    const {exitCode, stderr} = await xb('run', 'older', ...lasting, '--trace', trace, '--', 'sed', '-n', 'p', '/etc/debian_version')
    t.equal(exitCode, 0, stderr)
    const now = JSON.parse(readFileSync(routing, 'utf8'))
    t.match(now, {format: found.format, routes: {length: found.routes.length}})
    t.match(JSON.parse((await xb('trace', trace, '--json')).stdout), {native: {execs: 1}, emulated: {execs: 0}})
  }
  writeFileSync(routing, JSON.stringify({...found, format: found.format - 1, routes: []}))
  const started = await xb('session', 'start', 'older', '--ephemeral')
  t.equal(JSON.parse(readFileSync(routing, 'utf8')).format, found.format, started.stderr)
  t.equal((await xb('session', 'stop', started.stdout.trim())).exitCode, 0)
  await xb('remove', 'older')
})
