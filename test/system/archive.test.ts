import {chmodSync, existsSync, mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {asMaker, copiedData, ERROR, emptyData, xbuildIn} from './data.js'
import {configuration, HELLO, MAKEFILE, sourceTree} from './project.js'
import {CLI, PROFILE, scratch} from './rig.js'

/**
 * All that is in the trees of a data directory, with modes, owners, sizes, times and links; whatever their keys are, which are
 * others where they came from a file.
 */
async function listing(data: string): Promise<string[]> {
  const format = '%P %y %m %U:%G %s %T@ %l\\n'
  const {stdout} = await asMaker([
    'find',
    join(data, 'roots'),
    join(data, 'twins'),
    join(data, 'layers'),
    '-type',
    'f,l,c',
    '-printf',
    format,
  ])
  return stdout
    .split('\n')
    .filter(line => !line.includes('.lock '))
    .map(line => line.replace(/^[^/]+\//, ''))
    .sort()
}

t.test('an environment goes into one file and comes out the same', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  t.match(await xbuildIn(data, ['create', PROFILE]), {exitCode: 0})
  t.match(
    await xbuildIn(data, ['run', PROFILE, '--', 'sh', '-c', 'echo own >/etc/own; rm /etc/issue; rm -rf /etc/skel; mkdir /etc/skel'], {
      cwd: '/',
    }),
    {exitCode: 0},
  )
  t.match(await xbuildIn(data, ['clone', PROFILE, 'frozen']), {exitCode: 0}) // which turns the changes into a layer
  t.match(await xbuildIn(data, ['remove', PROFILE, '--unused']), {exitCode: 0})
  const file = join(scratch(t), 'environment')
  t.match(await xbuildIn(data, ['export', 'frozen', file]), {exitCode: 0})
  const other = emptyData(t)
  t.match(await xbuildIn(other, ['import', file, '--name', 'copy']), {exitCode: 0})
  t.same(await listing(other), await listing(data))
  const script =
    'cat /etc/own; ls -A /etc/issue /etc/skel; echo "int main(void){return 0;}" >/tmp/a.c; gcc -o /tmp/a /tmp/a.c && /tmp/a && echo ran'
  const ran = await xbuildIn(other, ['run', 'copy', '--', 'sh', '-c', script], {cwd: '/'})
  t.match(ran, {exitCode: 0, stdout: 'own\n/etc/skel:\nran\n'})
  t.match(await xbuildIn(other, ['import', file, '--name', 'copy']), {exitCode: 125, stderr: ERROR})

  const empty = emptyData(t)
  const {stdout} = await execa('stat', ['-c', '%s', file])
  const damage = await execa('dd', ['if=/dev/zero', `of=${file}`, 'bs=1', 'count=16', 'seek=100000', 'conv=notrunc'])
  t.equal(damage.exitCode, 0)
  t.match(await xbuildIn(empty, ['import', file]), {exitCode: 125, stderr: /damaged: its checksum does not match/})
  truncateSync(file, Number(stdout) - 1)
  t.match(await xbuildIn(empty, ['import', file]), {exitCode: 125, stderr: /damaged: \d+ of \d+ bytes are there/})
  t.notOk(existsSync(join(empty, 'roots')), 'nothing is unpacked of a damaged file')
})

t.test('what cannot be written or read says so, and leaves nothing', async t => {
  const directory = scratch(t)
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  t.match(await xbuildIn(data, ['create', PROFILE]), {exitCode: 0})
  t.match(await xbuildIn(data, ['export', PROFILE, join(directory, 'none/file')]), {exitCode: 125, stderr: ERROR})
  t.match(await xbuildIn(data, ['export', 'nobody', join(directory, 'file')]), {exitCode: 125, stderr: ERROR})
  const limited = ['-c', 'ulimit -f 20000; exec "$@"', 'sh', process.execPath, CLI, 'export', PROFILE, join(directory, 'file')]
  const stopped = await execa('sh', limited, {reject: false, env: {XBUILD_ENV_DATA: data}})
  t.match(
    stopped,
    {exitCode: 125, stderr: /file cannot be written: it is larger than this user's files may be\n {2}.*ulimit -f unlimited/},
    'the reason, not what followed from it',
  )
  t.same(readdirSync(directory), [])
  writeFileSync(join(directory, 'text'), 'text')
  t.match(await xbuildIn(data, ['import', join(directory, 'text')]), {exitCode: 125, stderr: ERROR})
  t.match(await xbuildIn(data, ['import', join(directory, 'none')]), {exitCode: 125, stderr: ERROR})
})

t.test('a build keeps its environments in a cache, and takes them from there', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  const tree = sourceTree(t, {
    Makefile: MAKEFILE,
    'hello.c': HELLO,
    ...configuration({build: 'make && ./hello'}, {artifacts: ['hello', '**/*.xbe']}),
  })
  writeFileSync(join(tree, 'own.xbe'), '')
  const build = (home: string, ...args: string[]) => xbuildIn(home, ['build', '--cache', '.xbuild-env-cache', ...args], {cwd: tree})
  const cache = join(tree, '.xbuild-env-cache')
  const killed = join(cache, '.xbuild-env-export-01234567')
  mkdirSync(cache)
  writeFileSync(killed, '')
  utimesSync(killed, 0, 0)
  const first = await build(data)
  t.match(first, {exitCode: 0, stderr: /exported the environment /})
  const [name = '', ...others] = readdirSync(cache)
  t.match(name, new RegExp(`^${PROFILE}-[0-9a-f]{8}\\.xbe$`))
  t.same(others, [], 'what a killed build left is gone')
  t.same(readdirSync(join(tree, 'out', PROFILE)).sort(), ['hello', 'manifest.json', 'own.xbe'], 'what is kept is no artifact')
  t.notMatch((await build(data)).stderr, /environment/, 'one that is there is used as it is')

  const {stdout: size} = await execa('stat', ['-c', '%s', join(cache, name)])
  truncateSync(join(cache, name), Number(size) - 1)
  const damaged = await build(await copiedData(t, ['roots', 'twins', 'routing']))
  t.match(damaged, {exitCode: 0, stderr: /is damaged: \d+ of \d+ bytes are there; the environment is created again\n/})
  t.match(damaged.stderr, 'exported the environment')

  const empty = emptyData(t)
  t.match((await build(empty, '--dry-run')).stdout, `would be imported from ${join(cache, name)}`)
  const imported = await build(empty)
  t.match(imported, {exitCode: 0, stderr: /imported the environment /})
  t.match(imported.stderr, '| hello\n')
  t.notMatch(imported.stderr, /making the environment|exporting/)
})

t.test('a cache that cannot be written is told before anything is made', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  const tree = sourceTree(t, configuration({build: 'true'}))
  const places = scratch(t)
  writeFileSync(join(places, 'file'), '')
  mkdirSync(join(places, 'closed'))
  chmodSync(join(places, 'closed'), 0o555)
  // For root, who may write into any directory, /sys is one that cannot be written.
  const closed = process.getuid?.() === 0 ? '/sys/none' : join(places, 'closed')
  for (const cache of [join(places, 'file'), join(places, 'file/below'), closed]) {
    const failed = await xbuildIn(data, ['build', '--cache', cache], {cwd: tree})
    t.match(failed, {exitCode: 125, stderr: ERROR}, cache)
    t.match(failed.stderr, `the cache ${cache} cannot be written`)
  }
  t.match(await xbuildIn(data, ['build', '--cache', 'sources'], {cwd: tree}), {exitCode: 2, stderr: ERROR})
  t.notOk(existsSync(join(data, 'environments')), 'no environment was made')
  t.same(readdirSync(tree), ['xbuild-env.json'])
})
