import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {execa} from 'execa'
import t, {type Test} from 'tap'
import {parseTrace} from '../../lib/core/trace/format.js'
import {asMaker, ERROR, emptyData, processesIn, xbuildIn} from './data.js'
import {source} from './deb-tree.js'
import {CLI, DATA, PROFILE, plainVariables, type Result, scratch, xbuild} from './rig.js'

const deb = (cwd: string, args: readonly string[], options: Parameters<typeof xbuild>[1] = {}): Promise<Result> =>
  xbuild(['deb', PROFILE, ...args], {cwd, ...options, variables: {MINE: "the caller's own", ...options.variables}})

/** All names below a directory, with size and time. */
const listing = (directory: string) =>
  readdirSync(directory, {recursive: true, encoding: 'utf8'})
    .sort()
    .map(name => [name, statSync(join(directory, name)).size, statSync(join(directory, name)).mtimeMs])

/** What builds leave in the data directory: nothing. */
async function left(): Promise<string[]> {
  const {stdout} = await asMaker(['find', join(DATA, 'builds'), '-mindepth', '1'])
  return stdout.split('\n').filter(Boolean)
}

/** A file of a package. */
const fileIn = async (deb: string, path: string) =>
  (await execa('sh', ['-c', 'dpkg-deb --fsys-tarfile "$1" | tar -xO "$2"', 'sh', deb, path])).stdout

t.test('a source tree is built as a buildd would, tested, and the same emulated', async t => {
  const {directory, tree} = source(t)
  const before = listing(tree)
  const built = await deb(tree, ['.', '--verify', '--json', '--jobs', '3'])
  t.equal(built.exitCode, 0, built.stderr)
  const result = JSON.parse(built.stdout)
  t.match(result, {package: 'tiny', version: '1.0', mode: 'hybrid', result: 'built', tests: {passed: 1, skipped: 1, failed: 0}})
  t.match(result.verification, {verdict: /identical|explained/, leaks: [], counts: {different: 0}})
  const output = join(tree, 'out')
  t.same(
    readdirSync(output).sort(),
    ['mips64el.build', 'mips64el.buildinfo', 'mips64el.changes', 'mips64el.deb'].map(name => `tiny_1.0_${name}`),
  )
  t.same(
    listing(tree).filter(([name]) => !/^out(\/|$)/.test(String(name))),
    before,
    'the tree is as it was',
  )
  t.equal(
    await fileIn(join(output, 'tiny_1.0_mips64el.deb'), './usr/share/tiny/facts'),
    'builder\n/build/reproducible-path/tiny-1.0\n/nonexistent C.UTF-8 parallel=3  \n0022\n1',
  )
  t.match(
    readFileSync(join(output, 'tiny_1.0_mips64el.build'), 'utf8'),
    /==== fetch\n[\s\S]*==== install\n[\s\S]*==== build\n[\s\S]*ok 1 - runs/,
  )
  t.same(await left(), [])
  t.same(readdirSync(directory), ['tiny'])
})

t.test('a .dsc is built with the packages for all architectures and without checks', async t => {
  const {directory, tree} = source(t)
  const packed = await xbuild(['run', PROFILE, '--ephemeral', '--', 'dpkg-source', '-b', 'tiny'], {cwd: directory})
  t.equal(packed.exitCode, 0, packed.stderr)
  writeFileSync(join(tree, 'debian/rules'), '') // it is the .dsc that is built
  const built = await deb(directory, ['tiny_1.0.dsc', '--all', '--no-checks', '--out', 'a/b'])
  t.equal(built.exitCode, 0, built.stderr)
  const names = ['tiny-data_1.0_all.deb', 'tiny_1.0_mips64el.deb']
  t.same(
    built.stdout
      .trim()
      .split('\n')
      .filter(name => name.endsWith('.deb'))
      .sort(),
    names.map(name => `a/b/${name}`),
  )
  t.match(await fileIn(join(directory, 'a/b', names[1] as string), './usr/share/tiny/facts'), /C\.UTF-8 parallel=\d+ nocheck nocheck/)
  t.notMatch(readFileSync(join(directory, 'a/b/tiny_1.0_mips64el.build'), 'utf8'), 'ok 1 - runs')
  t.same(await left(), [])
})

t.test('a build that fails has its own status and leaves its log; a shell shows where it did', async t => {
  const {directory, tree} = source(t, '\noverride:\nbuild-arch: fail\nfail:\n\techo half >half; exit 7\n')
  const failed = await deb(directory, ['./tiny', '--shell'], {stdin: 'pipe', input: 'id -un; pwd; cat half; grep -c : /proc/net/dev\n'})
  t.equal(failed.exitCode, 2, failed.stderr)
  t.match(failed.stderr, /tiny 1\.0 failed: it ended with 2\n {2}its full output is in .*\/out\/tiny_1\.0_mips64el\.build\n/)
  t.equal(failed.stdout, 'builder\n/build/reproducible-path/tiny-1.0\nhalf\n1\n')
  t.same(readdirSync(join(directory, 'out')), ['tiny_1.0_mips64el.build'])
  t.notOk(existsSync(join(tree, 'half')))
  t.same(await left(), [])
})

t.test('the execs of a build and of installing what it needs are recorded, also where it fails', async t => {
  const {directory} = source(t, '\nbuild-arch: fail\nfail:\n\techo "int main(void) { return 7; }" >main.c; gcc main.c -o main; ./main\n')
  const failed = await deb(directory, ['./tiny', '--trace', '--json', '--no-checks'])
  t.equal(failed.exitCode, 2, failed.stderr)
  const paths = {install: 'tiny_1.0_mips64el.install.trace', build: 'tiny_1.0_mips64el.trace'}
  const {traces} = JSON.parse(failed.stdout)
  t.same(traces, Object.fromEntries(Object.entries(paths).map(([step, name]) => [step, join(directory, 'out', name)])), failed.stderr)
  const read = (path: string) => parseTrace(readFileSync(path), path)
  const programs = (path: string) =>
    read(path).events.flatMap(event => (event.kind === 'exec' ? [[event.program, event.outcome.kind]] : []))
  t.match(read(traces.build).header, {environment: PROFILE, mode: 'hybrid', command: [/dpkg-buildpackage -us -uc -B/]})
  const build = programs(traces.build)
  t.strictSame(
    build.find(([program]) => program === '/build/reproducible-path/tiny-1.0/main'),
    ['/build/reproducible-path/tiny-1.0/main', 'no-route'],
  )
  t.ok(build.some(([program, outcome]) => program?.endsWith('/perl') && outcome === 'routed'))
  t.ok(programs(traces.install).some(([program]) => program === '/usr/bin/apt-get'))
  t.same(await left(), [])
})

t.test('a program that a package runs as soon as it is installed is native, also where its owner and mode were changed before', async t => {
  const {directory, tree} = source(t)
  const control = readFileSync(join(tree, 'debian/control'), 'utf8')
  writeFileSync(join(tree, 'debian/control'), control.replace('\n\n', '\nBuild-Depends: man-db\n\n'))
  const built = await deb(directory, ['./tiny', '--trace', '--json', '--no-checks'], {timeout: 400_000})
  t.equal(built.exitCode, 0, built.stderr)
  const path = JSON.parse(built.stdout).traces.install
  const execs = parseTrace(readFileSync(path), path).events.flatMap(event => (event.kind === 'exec' ? [event] : []))
  t.ok(
    execs.some(({arguments: words}) => words[0] === 'chmod' && words.includes('/usr/bin/mandb')),
    'man-db\u2019s own script does so',
  )
  t.match(
    execs.filter(({program}) => program === '/usr/bin/mandb').map(({outcome}) => outcome),
    [{kind: 'routed', twin: 'usr/bin/mandb'}],
  )
})

t.test('what cannot be built is told with one error, and nothing is made', async t => {
  const {directory, tree} = source(t)
  mkdirSync(join(directory, 'empty'))
  writeFileSync(join(directory, 'x.dsc'), 'Source: x\n')
  writeFileSync(join(directory, 'yy.dsc'), `Source: yy\nVersion: 1\nChecksums-Sha256:\n ${'0'.repeat(64)} 5 yy_1.tar.gz\n`)
  const names = () => readdirSync(directory).sort()
  const before = names()
  const refused = async (args: readonly string[], exitCode: number, message: RegExp | string) => {
    const result = await deb(directory, args)
    t.equal(result.exitCode, exitCode, result.stderr)
    t.match(result.stderr, message)
    t.match(result.stderr, ERROR)
  }
  await refused(['No_Package'], 2, '"No_Package" is not the name of a source package')
  await refused(['hello=1 2'], 2, 'is not the name of a source package')
  await refused(['./no-such'], 125, /no-such does not exist/)
  await refused(['./empty'], 125, /empty is not a source package: debian\/control is not there/)
  await refused(['./x.dsc'], 125, /x\.dsc is not a \.dsc/)
  await refused(['./yy.dsc'], 125, /yy\.dsc needs yy_1\.tar\.gz, which is not beside it/)
  await refused(['no.dsc'], 125, /no\.dsc is not there|no such file/i)
  await refused(['./tiny', '--jobs', '0'], 2, '--jobs 0: not a number')
  await refused(['./tiny', '--verify', '--mode', 'emulated'], 2, '--verify builds in both modes')
  await refused(['./tiny', '--out', 'x.dsc'], 125, /x\.dsc is not a directory/)
  t.same(names(), before)
  writeFileSync(join(tree, 'debian/control'), readFileSync(join(tree, 'debian/control'), 'utf8').replace('any', 'all'))
  const none = await deb(directory, ['./tiny'])
  t.match(none, {exitCode: 125, stderr: /all packages of tiny are for all architectures: .*\n {2}build them too: --all\n$/})
  const unknown = await deb(directory, ['no-such-package'])
  t.match(unknown, {
    exitCode: 125,
    stderr: /the source package no-such-package cannot be fetched: Unable to find a source package for no-such-package\n {2}a name as/,
  })
  t.same(names(), before)
  t.same(await left(), [])
})

t.test('what would be done is shown, and nothing is', async t => {
  const {directory} = source(t)
  const shown = await deb(directory, ['./tiny', '--dry-run', '--json'])
  t.equal(shown.exitCode, 0, shown.stderr)
  t.match(JSON.parse(shown.stdout), {
    source: {kind: 'directory', name: 'tiny'},
    steps: [{name: 'fetch'}, {name: 'look'}, {name: 'install'}, {name: 'build'}],
  })
  t.same(readdirSync(directory), ['tiny'])
})

t.test('where a source tree has a link in the place of the results, nothing is built and nothing follows it', async t => {
  const {tree} = source(t)
  const elsewhere = scratch(t)
  for (const [link, leads] of [
    ['out', elsewhere],
    ['dangling', join(elsewhere, 'new')],
    ['debian/inside', '..'],
  ] as const) {
    symlinkSync(leads, join(tree, link))
    const output = link === 'out' ? [] : ['--out', `${link}/x`]
    t.match(await deb(tree, ['.', ...output]), {exitCode: 125, stderr: new RegExp(`${link} is a symbolic link\n {2}name the directory`)})
  }
  t.same(readdirSync(elsewhere), [])
  t.equal((await deb(tree, ['.', '--dry-run', '--out', join(tree, 'out')])).exitCode, 0, 'one that the user names is meant')
})

t.test('what a build names its packages or prints does neither come to the user nor hold up or move a terminal', async t => {
  const plant = 'echo evil >../authorized_keys; dpkg-distaddfile authorized_keys misc optional'
  const lines = [String.raw`1/2 %1000000s\n' x`, String.raw`ok 1 %1000000s\n1..2\n' x`, String.raw`not ok 2 - \033]0;evil\007odd\n'`]
  const beside = String.raw`touch "$$(printf '../tiny_1.0_\033]0;x.changes')" ../more; mkfifo ../tiny-fifo_1.0_all.deb`
  const recipe = [...lines.map(line => `printf '${line}`), beside].map(line => `\t${line}\n`).join('')
  const [named, other] = ['binary-arch: plant\nplant:\n\t'.concat(plant), `binary-arch: other\nother:\n${recipe}`].map(
    rules => source(t, `\n${rules}\n`).directory,
  ) as [string, string]
  t.match(await deb(named, ['./tiny', '--no-checks']), {
    exitCode: 1,
    stderr: /tiny_1\.0_mips64el\.changes is none, or names other files than NAME_VERSION_ARCHITECTURE\.TYPE\n/,
  })
  t.same(readdirSync(join(named, 'out')), ['tiny_1.0_mips64el.build'])
  const built = await deb(other, ['./tiny', '--no-checks'], {timeout: 200_000})
  t.equal(built.exitCode, 0, built.stderr)
  t.match(built.stderr, '\ntest failed: odd\n')
  t.equal(readdirSync(join(other, 'out')).length, 4)
  t.same(await left(), [])
})

/** Begins a build, and waits until it is in the middle of it. */
async function begin(t: Test) {
  const {directory} = source(t, '\nbuild-arch: wait\nwait:\n\techo waiting; sleep 100\n')
  const child = spawn(process.execPath, [CLI, 'deb', PROFILE, './tiny'], {
    cwd: directory,
    env: plainVariables(),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  let stderr = ''
  child.stderr.on('data', text => {
    stderr += text
  })
  const ended = new Promise(resolve => child.on('close', resolve))
  while (!stderr.includes('build | waiting') && child.exitCode === null) await pause(50)
  return {directory, ended, pid: child.pid as number, stderr: () => stderr}
}

t.test('Ctrl-C leaves nothing, and what kill -9 leaves the next build removes', async t => {
  const killed = await begin(t)
  process.kill(killed.pid, 'SIGKILL')
  await killed.ended
  t.not((await left()).length, 0)
  const asked = await begin(t)
  process.kill(-asked.pid, 'SIGINT')
  t.equal(await asked.ended, 130)
  t.match(asked.stderr(), /xbuild-env: interrupted \(SIGINT\)\n {2}nothing is left of it\n$/)
  t.same(await left(), [])
  t.same(readdirSync(asked.directory), ['tiny'])
  t.same(await processesIn(join(DATA, 'builds')), [])
})

t.test('"remove --unused" removes it as well', async t => {
  const data = emptyData(t)
  mkdirSync(join(data, 'builds/work-killed/environments'), {recursive: true})
  writeFileSync(join(data, 'builds/work-killed.lock'), '')
  const removed = await xbuildIn(data, ['remove', '--unused', '--json'])
  t.same(JSON.parse(removed.stdout).unused, [join(data, 'builds/work-killed')], removed.stderr)
  t.same(readdirSync(join(data, 'builds')), [])
})

t.test('it removes nothing that sessions of a killed build still hold', async t => {
  const data = emptyData(t)
  mkdirSync(join(data, 'builds/work-held/environments'), {recursive: true})
  mkdirSync(join(data, 'twins/0123'), {recursive: true})
  const holder = spawn('flock', ['--no-fork', join(data, 'builds/work-held.lock'), 'sh', '-c', 'echo held; exec sleep 1000'])
  t.teardown(() => void holder.kill())
  await once(holder.stdout, 'data')
  const refused = await xbuildIn(data, ['remove', '--unused'])
  t.match(refused, {exitCode: 125, stderr: /sessions of a build that was killed have not ended yet\n {2}try again in a few seconds\n$/})
  t.same(readdirSync(join(data, 'builds')).sort(), ['work-held', 'work-held.lock'])
  t.same(readdirSync(join(data, 'twins')), ['0123'])
})
