import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import t from 'tap'
import {asMaker, copiedData, ERROR, emptyData, filesOf, xbuildIn} from './data.js'
import {configuration, sourceTree} from './project.js'
import {DATA, PROFILE, scratch} from './rig.js'

/** Without layers, which the environment has once another test has cloned it: the archives here have none. */
const RECORD = {...JSON.parse(readFileSync(join(DATA, 'environments', PROFILE, 'environment.json'), 'utf8')), layers: []}

/** As lib/environment/archive-header.ts has it. */
const HEADER_SIZE = 8192

/** An archive of a directory's parts, whoever made them, with a checksum that is right. */
function archive(file: string, record: object, directory: string, parts: readonly string[]): string {
  const body = execFileSync('tar', ['--create', '--gzip', '--format=posix', `--directory=${directory}`, '--', ...parts], {
    maxBuffer: 2 ** 28,
  })
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
    t.match(imported.stderr, 'is no exported environment: ')
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

t.test("a cache's file makes an environment of its own name, which builds without the cache do not use", async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  const tree = sourceTree(t, configuration({build: 'cat /etc/mark 2>/dev/null || echo clean'}))
  const cache = scratch(t)
  const build = (...args: string[]) => xbuildIn(data, ['build', ...args], {cwd: tree})
  t.match(await build('--cache', cache), {exitCode: 0, stderr: /exported the environment /})
  const [file = ''] = readdirSync(cache)
  const own = file.replace(/\.xbe$/, '')
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
