import {mkdirSync, readdirSync} from 'node:fs'
import {basename, join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {asMaker, copiedData, ERROR, emptyData, filesOf, IS_ROOT, withoutProgress, xbuildIn} from './data.js'
import {source} from './deb-tree.js'
import {CLI, PROFILE, plainVariables, scratch} from './rig.js'

/** xbuild-env after a shell command of root's in mount namespaces of its own; the test's directory is `$1`. */
const afterMounting = (script: string, data: string, args: readonly string[]) => {
  const user = IS_ROOT ? [] : ['--user', '--map-root-user', '--map-auto']
  const words = ['sh', '-c', `${script} && shift && exec "$@"`, 'sh', data, process.execPath, CLI, ...args]
  return execa('unshare', [...user, '--mount', ...words], {
    reject: false,
    extendEnv: false,
    env: plainVariables({XBUILD_ENV_DATA: data}),
    stripFinalNewline: false,
    cwd: '/',
  })
}

const READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"'

/** Each of them means something to a shell, to mount's options, to overlayfs's, or to a list of paths. */
const ODD = `a b  c:d,upperdir=e'f"g\\h$i\näö-☃-`

t.test('a data directory whose path has spaces, colons, commas, quotes, line breaks and more', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'], ODD)
  const created = await xbuildIn(data, ['create', PROFILE, '--name', 'odd'])
  t.equal(created.exitCode, 0, created.stderr)
  const run = (...args: string[]) => xbuildIn(data, ['run', ...args], {cwd: '/'})
  t.equal((await run('odd', '--', 'sh', '-c', 'echo kept > /root/kept')).exitCode, 0)
  t.equal((await run('--ephemeral', 'odd', '--', 'cat', '/root/kept')).stdout, 'kept\n')
  t.equal((await xbuildIn(data, ['clone', 'odd', 'even'])).exitCode, 0)
  t.equal((await run('even', '--', 'sed', 's/kept/cloned/', '/root/kept')).stdout, 'cloned\n')
  t.equal((await xbuildIn(data, ['remove', '--unused', 'odd', 'even'])).exitCode, 0)
  t.same(await filesOf(data), [])
})

t.test('a read-only data directory: looking and ephemeral sessions work, all else says where it may not write', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  await xbuildIn(data, ['create', PROFILE, '--name', 'there'])
  const ephemeral = await afterMounting(READ_ONLY, data, ['run', '--ephemeral', 'there', '--', 'uname', '-m'])
  t.match(ephemeral, {exitCode: 0, stdout: 'mips64\n'}, ephemeral.stderr)
  t.match(await afterMounting(READ_ONLY, data, ['list']), {exitCode: 0, stdout: /there +mips64el +bookworm/})
  for (const args of [
    ['create', PROFILE, '--name', 'other'],
    ['clone', 'there', 'other'],
    ['remove', 'there'],
    ['run', 'there', '--', 'true'],
  ]) {
    const failed = await afterMounting(READ_ONLY, data, args)
    const error = failed.stderr.replace(/^xbuild-env: \/ is a directory of the system.*\n/m, '')
    t.equal(failed.exitCode, 125, `${args[0]}: ${error}`)
    t.match(error, ERROR)
    t.match(error, new RegExp(basename(data)), 'it names the place')
    t.match(error, /cannot be written|read-only|EROFS/i)
  }
  t.same(
    readdirSync(join(data, 'environments')).filter(name => !name.startsWith('.')),
    ['there'],
  )
})

t.test('a home that cannot be written', async t => {
  const home = scratch(t)
  mkdirSync(join(home, 'home'))
  const variables = {HOME: join(home, 'home'), XBUILD_ENV_DATA: ''}
  const failed = await execa(
    'unshare',
    [
      ...(IS_ROOT ? [] : ['--user', '--map-root-user', '--map-auto']),
      ...['--mount', 'sh', '-c', `${READ_ONLY} && shift && exec "$@"`, 'sh', variables.HOME, process.execPath, CLI, 'create', PROFILE],
    ],
    {reject: false, extendEnv: false, env: plainVariables(variables), stripFinalNewline: false},
  )
  t.equal(failed.exitCode, 125)
  t.match(failed.stderr, ERROR)
  t.match(failed.stderr, /home\/\.local.* cannot be written .*\n {2}keep the data where you may write: XBUILD_ENV_DATA=/)
})

for (const [what, size] of [
  ['at once', '4m'],
  ['while packages are fetched and unpacked', '150m'],
] as const) {
  t.test(`a disk that is full ${what}: create says so, and nothing is left`, async t => {
    const data = emptyData(t)
    const script = `mount -t tmpfs -o size=${size} tmpfs "$1"; shift; "$@"; status=$?; ls -A "$XBUILD_ENV_DATA/roots" "$XBUILD_ENV_DATA/twins" | grep -v lock$; exit $status; true`
    const failed = await afterMounting(script, data, ['create', PROFILE])
    t.equal(failed.exitCode, 125)
    t.match(withoutProgress(failed.stderr), /: no space left .*\n {2}free some space .*, or keep the data elsewhere: XBUILD_ENV_DATA=/)
    t.match(withoutProgress(failed.stderr), ERROR)
    t.notMatch(failed.stdout, /^[^/\n]+$/m, 'nothing but locks is left')
  })
}

t.test('a disk that is full while a package is prepared: deb says so, whatever apt takes it for, and nothing is left', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  t.match(await xbuildIn(data, ['create', PROFILE, '--name', 'there']), {exitCode: 0})
  const {directory, tree} = source(t)
  const full = `builds=$1/builds; mkdir -p "$builds"; mount -t tmpfs -o size=3m,mode=700 tmpfs "$builds"; shift; "$@"; status=$?; ls -A "$builds"; exit $status; true`
  const failed = await afterMounting(full, data, ['deb', 'there', tree, '--out', join(directory, 'out')])
  t.equal(failed.exitCode, 125)
  t.match(failed.stderr, /\nxbuild-env: [^\n]*: no space left [^\n]*\n {2}free some space [^\n]*XBUILD_ENV_DATA=[^\n]*\n$/)
  t.equal(failed.stdout, '')
  t.same(readdirSync(directory), ['tiny'])
})

t.test('a disk that is full beside an environment leaves it as it is', async t => {
  const data = await copiedData(t, ['roots', 'twins', 'routing'])
  await xbuildIn(data, ['create', PROFILE, '--name', 'there'])
  await asMaker(['chmod', '755', data])
  const full =
    'mount -t tmpfs -o size=512k,nr_inodes=80 tmpfs "$1/environments.full" && cp -a "$1/environments/." "$1/environments.full" && mount --bind "$1/environments.full" "$1/environments" && (dd if=/dev/zero of="$1/environments/.fill" bs=1k 2>/dev/null; true)'
  mkdirSync(join(data, 'environments.full'))
  const failed = await afterMounting(full, data, ['create', PROFILE, '--name', 'more'])
  t.equal(failed.exitCode, 125, failed.stdout)
  t.match(withoutProgress(failed.stderr), /no space left/)
  t.match(withoutProgress(failed.stderr), ERROR)
  const there = await afterMounting(full, data, ['run', '--ephemeral', 'there', '--', 'uname', '-m'])
  t.match(there, {exitCode: 0, stdout: 'mips64\n'}, there.stderr)
})
