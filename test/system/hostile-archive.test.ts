import {execFileSync, spawn} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import t from 'tap'
import {hostArchitecture} from '../../lib/core/hosts/hosts.js'
import {asMaker, copiedData, ERROR, emptyData, filesOf, xbuildIn} from './data.js'
import {configuration, sourceTree} from './project.js'
import {CLI, DATA, PROFILE, plainVariables, scratch} from './rig.js'

/** Without layers, which the environment has once another test has cloned it: the archives here have none. */
const RECORD = {...JSON.parse(readFileSync(join(DATA, 'environments', PROFILE, 'environment.json'), 'utf8')), layers: []}

/** As lib/environment/archive-header.ts has it. */
const HEADER_SIZE = 8192

/** An archive of a directory's parts, owned as by `export`, with a checksum that is right. */
function archive(file: string, record: object, directory: string, parts: readonly string[]): string {
  const options = ['--gzip', '--sparse', '--format=posix', '--owner=0', '--group=0', `--directory=${directory}`]
  const body = execFileSync('tar', ['--create', ...options, '--', ...parts], {maxBuffer: 2 ** 28})
  const sha256 = createHash('sha256').update(body).digest('hex')
  const header = `xbuild-env environment\n${JSON.stringify({format: 1, size: body.length, sha256, record})}\n`
  writeFileSync(file, Buffer.concat([Buffer.from(header.padEnd(HEADER_SIZE)), body]))
  return file
}

const parts = (name: string) => [
  `environments/${name}/upper`,
  `environments/${name}/routes`,
  `roots/${RECORD.root}`,
  `twins/${RECORD.twins}`,
]

/** The parts of an environment, each as small as can be, to be made worse. */
function partsIn(directory: string, name = PROFILE): string {
  for (const path of [
    `environments/${name}/upper`,
    ...['hybrid', 'emulated', 'preludes'].map(one => `environments/${name}/routes/${one}`),
  ]) {
    mkdirSync(join(directory, path), {recursive: true})
  }
  for (const path of [`roots/${RECORD.root}`, `twins/${RECORD.twins}`]) mkdirSync(join(directory, path, 'tree'), {recursive: true})
  return directory
}

/** Replaces a part by a link. */
function link(directory: string, path: string, to: string): void {
  execFileSync('rm', ['-rf', join(directory, path)])
  mkdirSync(dirname(join(directory, path)), {recursive: true})
  symlinkSync(to, join(directory, path))
}

const HOSTILE: [what: string, spoil: (directory: string) => unknown][] = [
  ['changes that are a link', directory => link(directory, `environments/${PROFILE}/upper`, '/etc')],
  ['routes that are a link', directory => link(directory, `environments/${PROFILE}/routes`, '/etc')],
  ['a table that is a link', directory => link(directory, `environments/${PROFILE}/routes/hybrid/table`, '/etc/passwd')],
  ['routes that are a FIFO', directory => execFileSync('mkfifo', [join(directory, `environments/${PROFILE}/routes/routing.json`)])],
  ['a root that is a link', directory => link(directory, `roots/${RECORD.root}`, '/')],
  ["a root's tree that is a link", directory => link(directory, `roots/${RECORD.root}/tree`, '/')],
  ["a twin set's tree that is a link", directory => link(directory, `twins/${RECORD.twins}/tree`, '/usr')],
]

for (const [what, spoil] of HOSTILE) {
  t.test(`an archive with ${what} is refused, and leaves nothing`, async t => {
    const directory = scratch(t)
    spoil(partsIn(join(directory, 'parts')))
    const file = archive(join(directory, 'file'), RECORD, join(directory, 'parts'), parts(PROFILE))
    const data = emptyData(t)
    const imported = await xbuildIn(data, ['import', file])
    t.match(imported, {exitCode: 125, stderr: ERROR})
    t.match(imported.stderr, 'is not an exported environment: ')
    t.same(await filesOf(data), [])
  })
}

t.test('a header that names other places, or nothing, is refused before anything is unpacked', async t => {
  const directory = scratch(t)
  partsIn(join(directory, 'parts'))
  const data = emptyData(t)
  const records = [
    null,
    7,
    [],
    {},
    {...RECORD, name: '../../x'},
    {...RECORD, root: '../x'},
    {...RECORD, mirror: '--setup-hook=touch /tmp/x'},
    {...RECORD, suite: '../x'},
  ]
  for (const record of records) {
    const file = archive(join(directory, 'file'), record as object, join(directory, 'parts'), parts(PROFILE))
    t.match(await xbuildIn(data, ['import', file]), {exitCode: 125, stderr: ERROR}, JSON.stringify(record))
  }
  for (const header of ['null', '[]', '7', '']) {
    writeFileSync(join(directory, 'file'), `xbuild-env environment\n${header}\n`)
    t.match(await xbuildIn(data, ['import', join(directory, 'file')]), {exitCode: 125, stderr: ERROR}, header)
  }
  execFileSync('mkfifo', [join(directory, 'fifo')])
  t.match(await xbuildIn(data, ['import', join(directory, 'fifo')], {timeout: 60_000}), {exitCode: 125, stderr: ERROR})
  t.match(await xbuildIn(data, ['import', directory]), {exitCode: 125, stderr: ERROR})
  t.notOk(existsSync(join(data, 'environments')), 'nothing was begun')
})

t.test('names that lead out of an archive write nowhere', async t => {
  const directory = scratch(t)
  const own = partsIn(join(directory, 'parts'))
  symlinkSync(directory, join(own, `environments/${PROFILE}/upper/away`))
  const file = join(directory, 'file')
  const script = `cd "$1" && mkdir more && echo x >more/x && tar -c --format=posix -f all.tar -- ${parts(PROFILE).join(' ')} &&
tar -r -f all.tar --transform='s,^more/x,environments/${PROFILE}/upper/away/written,' more/x &&
tar -r -P -f all.tar --transform='s,^more/x,environments/${PROFILE}/upper/../../../../written,' more/x && gzip all.tar`
  execFileSync('sh', ['-c', script, 'sh', own])
  const body = readFileSync(join(own, 'all.tar.gz'))
  const sha256 = createHash('sha256').update(body).digest('hex')
  const header = `xbuild-env environment\n${JSON.stringify({format: 1, size: body.length, sha256, record: RECORD})}\n`
  writeFileSync(file, Buffer.concat([Buffer.from(header.padEnd(HEADER_SIZE)), body]))
  const data = emptyData(t)
  await xbuildIn(data, ['import', file])
  t.notOk(existsSync(join(directory, 'written')))
  const {stdout} = await asMaker(['find', dirname(data), '-maxdepth', '5', '-name', 'written', '-not', '-path', '*/upper/*'])
  t.equal(stdout, '')
})

t.test('what an archive brings is never what `create` makes environments of', async t => {
  const directory = scratch(t)
  const data = emptyData(t)
  const file = archive(join(directory, 'file'), RECORD, partsIn(join(directory, 'parts')), parts(PROFILE)) // the keys that create computes
  t.match(await xbuildIn(data, ['import', file, '--name', 'hostile']), {exitCode: 0})
  for (const part of ['roots', 'twins']) {
    t.match(
      readdirSync(join(data, part)).filter(name => !name.startsWith('.')),
      [/^imported-[0-9a-f]{64}$/],
    )
  }
  const planned = await xbuildIn(data, ['create', PROFILE, '--dry-run', '--json'])
  t.match(JSON.parse(planned.stdout).steps, [
    {step: 'twins', there: false},
    {step: 'root', there: false},
  ])
  t.match(await xbuildIn(data, ['remove', '--unused']), {exitCode: 0, stderr: ''}, 'it is used')
  t.match(await xbuildIn(data, ['remove', '--unused', 'hostile']), {exitCode: 0})
  t.same(await filesOf(data), [])
})

t.test('routes that an archive brought are checked, and found anew where they are none', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  t.match(await xbuildIn(data, ['create', PROFILE]), {exitCode: 0})
  const routes = join(data, 'environments', PROFILE, 'routes')
  const routing = JSON.parse(readFileSync(join(routes, 'routing.json'), 'utf8'))
  for (const changes of [{routes: null}, {routes: [null]}, {routes: [{path: 7}]}, {missing: {}}, {stamps: 7}, {missing: [{reason: 'x'}]}]) {
    writeFileSync(join(routes, 'routing.json'), JSON.stringify({...routing, ...changes}))
    t.match(await xbuildIn(data, ['info', PROFILE]), {exitCode: 125, stderr: ERROR}, JSON.stringify(changes))
    t.match(await xbuildIn(data, ['run', PROFILE, '--', 'true'], {cwd: '/'}), {exitCode: 0})
  }
  for (const text of ['null', '{}', '{"format":1,"own":"enabled","entries":[null]}', '{"format":1,"own":7,"entries":[]}']) {
    writeFileSync(join(routes, 'entries.json'), text)
    t.match(await xbuildIn(data, ['activator', 'list', '--env', PROFILE]), {exitCode: 125, stderr: ERROR}, text)
  }
})

t.test('damaged facts of a twin set cost the twins, not the session', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  const [key = ''] = readdirSync(join(data, 'twins')).filter(name => !name.startsWith('.'))
  for (const text of ['null', '{', '{"format":10,"packages":7}']) {
    await asMaker(['rm', join(data, 'twins', key, 'twins.json')])
    writeFileSync(join(data, 'twins', key, 'twins.json'), text)
    t.match(await xbuildIn(data, ['create', PROFILE]), {exitCode: 0})
    t.match(await xbuildIn(data, ['run', PROFILE, '--', 'true'], {cwd: '/'}), {exitCode: 0})
    await xbuildIn(data, ['remove', PROFILE])
  }
})

const host = hostArchitecture()
const LOADER = basename(host.loader)

/** A twin set's own libraries, of an archive's parts. */
const LIBRARIES = `twins/${RECORD.twins}/tree/usr/lib/${host.triple}`

/** What a twin set has where sessions look for its libraries, and what is said of it. */
const TWINS: [what: string, spoil: (directory: string, elsewhere: string) => unknown, message: RegExp][] = [
  [
    'libraries that are a link',
    (directory, elsewhere) => link(directory, LIBRARIES, elsewhere),
    /\/usr\/lib\/x86_64-linux-gnu is a symbolic link/,
  ],
  [
    'a link before them',
    (directory, elsewhere) => link(directory, dirname(LIBRARIES), elsewhere),
    /\/usr\/lib\/x86_64-linux-gnu is a symbolic link/,
  ],
  ['a FIFO in their place', directory => special(directory, LIBRARIES, 'mkfifo'), /x86_64-linux-gnu is not a directory/],
  [
    'a loader that is a FIFO',
    directory => special(directory, join(LIBRARIES, LOADER), 'mkfifo'),
    /ld-linux-x86-64\.so\.2 is not a regular file/,
  ],
  [
    'a loader that is a link',
    directory => link(directory, join(LIBRARIES, LOADER), '/dev/zero'),
    /ld-linux-x86-64\.so\.2 is a symbolic link/,
  ],
  [
    'an endless loader',
    directory => special(directory, join(LIBRARIES, LOADER), 'truncate', '--size=1T'),
    /ld-linux-x86-64\.so\.2 is larger than \d+ bytes/,
  ],
]

/** Puts something there in the place of what is. */
function special(directory: string, path: string, command: string, ...options: string[]): void {
  execFileSync('rm', ['-rf', join(directory, path)])
  mkdirSync(dirname(join(directory, path)), {recursive: true})
  execFileSync(command, [...options, join(directory, path)])
}

/** An environment of a directory's parts that can be entered, but for its twins. */
function bootable(directory: string): string {
  partsIn(directory)
  const tree = join(directory, `roots/${RECORD.root}/tree`)
  const etc = join(tree, 'etc')
  for (const name of ['dev', 'etc', 'proc', 'sys']) mkdirSync(join(tree, name))
  writeFileSync(join(etc, 'passwd'), 'root:x:0:0::/:/bin/sh\n')
  writeFileSync(join(etc, 'group'), 'root:x:0:\n')
  mkdirSync(join(directory, LIBRARIES), {recursive: true})
  return directory
}

for (const [what, spoil, message] of TWINS) {
  t.test(`an archive whose twin set has ${what}: a session refuses it, at once, and shows nothing of the host`, async t => {
    const directory = scratch(t)
    const elsewhere = join(directory, 'elsewhere') // whose libraries would do
    mkdirSync(join(elsewhere, 'x86_64-linux-gnu'), {recursive: true})
    const own = bootable(join(directory, 'parts'))
    spoil(own, elsewhere)
    const file = archive(join(directory, 'file'), RECORD, own, parts(PROFILE))
    const data = emptyData(t)
    t.match(await xbuildIn(data, ['import', file]), {exitCode: 0})
    for (const how of [['--ephemeral'], []]) {
      const ran = await xbuildIn(data, ['run', ...how, PROFILE, '--', '/bin/sh'], {cwd: directory, timeout: 60_000})
      t.match(ran, {exitCode: 125, stderr: ERROR})
      t.match(ran.stderr, /^xbuild-env: the twin set is damaged: /)
      t.match(ran.stderr, message)
    }
  })
}

t.test("an archive's C library, list of what is no twin, and tables that are FIFOs or endless hold up no session", async t => {
  const directory = scratch(t)
  const own = bootable(join(directory, 'parts'))
  for (const layer of [`environments/${PROFILE}/upper`, `roots/${RECORD.root}/tree`]) {
    mkdirSync(join(own, layer, 'var/lib/dpkg'), {recursive: true})
  }
  writeFileSync(join(own, `roots/${RECORD.root}/tree/var/lib/dpkg/status`), '')
  special(own, join(LIBRARIES, 'libc.so.6'), 'mkfifo')
  special(own, `twins/${RECORD.twins}/tree/var/lib/xbuild-env/unfit.json`, 'mkfifo')
  special(own, `environments/${PROFILE}/routes/hybrid/table`, 'truncate', '--size=1T')
  const file = join(directory, 'file')
  archive(file, RECORD, own, parts(PROFILE))
  const data = emptyData(t)
  t.match(await xbuildIn(data, ['import', file]), {exitCode: 0})
  for (const how of [['--ephemeral'], []]) {
    const ran = await xbuildIn(data, ['run', ...how, PROFILE, '--', '/bin/sh'], {cwd: directory, timeout: 60_000})
    t.match(ran, {exitCode: 127, stderr: /^xbuild-env: \/bin\/sh: not found[^\n]*\n[^\n]*\n$/}, ran.stderr)
  }
  const table = join(data, 'environments', PROFILE, 'routes/hybrid/table')
  execFileSync('sh', ['-c', 'rm "$1" && mkfifo "$1"', 'sh', table])
  t.match(await xbuildIn(data, ['activator', 'disable', '--env', PROFILE, 'xbuild-env'], {timeout: 60_000}), {exitCode: 125, stderr: ERROR})
})

t.test('an archive whose loader never ends is no loader, and takes no time without an end', async t => {
  const directory = scratch(t)
  const own = bootable(join(directory, 'parts'))
  const options = ['-x', 'c', '-', '-static', '-nostdlib', '-fno-builtin', '-o', join(own, LIBRARIES, LOADER)]
  execFileSync('cc', options, {input: 'void _start(void) { for (;;) ; }'})
  const file = archive(join(directory, 'file'), RECORD, own, parts(PROFILE))
  const data = emptyData(t)
  t.match(await xbuildIn(data, ['import', file]), {exitCode: 0})
  t.match(await xbuildIn(data, ['run', '--ephemeral', PROFILE, '--', '/bin/sh'], {cwd: directory, timeout: 120_000}), {exitCode: 127})
})

t.test('Ctrl-C ends an import that reads a file of any size', async t => {
  const file = join(scratch(t), 'file')
  const size = 2 ** 42
  const header = `xbuild-env environment\n${JSON.stringify({format: 1, size, sha256: '0'.repeat(64), record: RECORD})}\n`
  writeFileSync(file, header.padEnd(HEADER_SIZE))
  truncateSync(file, HEADER_SIZE + size)
  const data = emptyData(t)
  const child = spawn(process.execPath, [CLI, 'import', file], {
    env: plainVariables({XBUILD_ENV_DATA: data}),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', text => (stderr += text))
  const ended = new Promise(resolve => child.on('close', (code, signal) => resolve(code ?? signal)))
  const bytesRead = () => Number(/^rchar: (\d+)/.exec(readFileSync(`/proc/${child.pid}/io`, 'utf8'))?.[1])
  while (child.exitCode === null && bytesRead() < 2 ** 28) await pause(50)
  child.kill('SIGINT')
  const killed = setTimeout(() => child.kill('SIGKILL'), 30_000)
  t.equal(await ended, 130)
  clearTimeout(killed)
  t.equal(stderr, 'xbuild-env: interrupted (SIGINT)\n  nothing was made\n')
  t.notOk(existsSync(join(data, 'environments')))
})

t.test("a cache's file makes an environment of its own name, which builds without the cache do not use", async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  const tree = sourceTree(t, configuration({build: 'cat /etc/mark 2>/dev/null || echo clean'}))
  const cache = scratch(t)
  const build = (...args: string[]) => xbuildIn(data, ['build', ...args], {cwd: tree})
  t.match(await build('--cache', cache), {exitCode: 0, stderr: /exported the environment /})
  const [file = ''] = readdirSync(cache)
  const [{name: own}] = JSON.parse((await xbuildIn(data, ['list', '--json'])).stdout)
  t.match(await xbuildIn(data, ['run', own, '--', 'sh', '-c', 'echo hostile >/etc/mark'], {cwd: '/'}), {exitCode: 0})
  t.match(await xbuildIn(data, ['export', own, join(cache, file)]), {exitCode: 0})
  t.match(await xbuildIn(data, ['remove', own]), {exitCode: 0})
  const imported = await build('--cache', cache)
  t.match(imported, {exitCode: 0, stderr: /\| hostile\n/})
  t.match(imported.stderr, new RegExp(`imported the environment ${own}-[0-9a-f]{20}\\n`))
  t.notMatch((await build('--cache', cache)).stderr, /environment/, 'one that is there is used as it is')
  t.match((await build('--cache', cache, '--dry-run')).stdout, /which is there/)
  t.match((await build()).stderr, /made the environment [^\n]*\n(.*\n)*.*\| clean\n/)
  t.match((await build('--cache', cache)).stderr, /\| clean\n/, "and the user's own comes first")
})
