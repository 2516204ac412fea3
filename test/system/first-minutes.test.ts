import {chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import t from 'tap'
import {copiedData, ERROR, emptyData, xbuildIn} from './data.js'
import {PROFILE, scratch, xbuild} from './rig.js'
import {Terminal} from './terminal.js'

/** All that an environment is made of, so that making one takes a moment. */
const PARTS = ['roots', 'twins', 'routing', 'loaders', 'processors']

/** As another file: what was there may be linked from elsewhere. */
function rewrite(path: string, change: (text: string) => string): void {
  const text = readFileSync(path, 'utf8')
  rmSync(path)
  writeFileSync(path, change(text))
}

t.test('run of a profile without an environment says how to make one, and makes it where it is told to', async t => {
  const data = await copiedData(t, PARTS)
  const refused = await xbuildIn(data, ['run', 'mips64le', '--', 'uname', '-m'])
  t.equal(refused.exitCode, 125)
  t.match(refused.stderr, ERROR)
  t.match(
    refused.stderr,
    /there is no environment "mips64el"\n {2}make it: xbuild-env create mips64el, or let this command: xbuild-env run --yes mips64le -- uname -m\n/,
  )
  const made = await xbuildIn(data, ['run', '--yes', 'mips64le', '--', 'uname', '-m'])
  t.match(made, {exitCode: 0, stdout: 'mips64\n', stderr: /created environment mips64el/})
  const again = await xbuildIn(data, ['exec', '-q', 'linux/mips64le', '--', 'uname', '-m'])
  t.match(again, {exitCode: 0, stdout: 'mips64\n'})
  t.equal(again.stderr, '')
  t.match(await xbuildIn(data, ['run', '--yes', 'nosuch', '--', 'true']), {exitCode: 125, stderr: /no environment "nosuch"/})
})

t.test('on a terminal it asks', async t => {
  const data = await copiedData(t, PARTS)
  const terminal = new Terminal(
    t,
    `export XBUILD_ENV_DATA='${data}'; xb run ${PROFILE} -- uname -m; echo "ended $?"; xb run ${PROFILE} -- uname -m`,
  )
  await terminal.until('Make it?')
  terminal.type('n\r')
  await terminal.until('make it when you like: xbuild-env create mips64el')
  await terminal.until('ended 125')
  await terminal.until('Make it?')
  terminal.type('\r')
  await terminal.until(/\r\nmips64\r\n/, 60)
  t.equal(await terminal.ended, 0)
})

t.test('short options are those of docker', async t => {
  const directory = scratch(t)
  chmodSync(directory, 0o755)
  const result = await xbuild(
    [
      'run',
      PROFILE,
      '--ephemeral',
      '-e',
      'WORD=two words',
      '-v',
      `${directory}:/given`,
      '-w',
      '/given',
      '-u',
      'daemon',
      '--',
      'sh',
      '-c',
      'echo "$WORD"; pwd; id -un',
    ],
    {cwd: '/'},
  )
  t.match(result, {exitCode: 0, stdout: 'two words\n/given\ndaemon\n'}, result.stderr)
})

t.test('a command without -- is told where it belongs', async t => {
  for (const words of [
    ['run', PROFILE, 'make', 'check'],
    ['exec', PROFILE, 'make', '-j2'],
  ]) {
    const refused = await xbuild(words)
    t.equal(refused.exitCode, 2)
    t.match(refused.stderr, ERROR)
    t.match(refused.stderr, /put the command after --/)
  }
})

t.test('--verbose says which programs of the host are run, and --quiet nothing but results', async t => {
  const verbose = await xbuild(['list', '--verbose'])
  t.match(verbose, {exitCode: 0, stderr: /^\+ du .*--summarize/m})
  t.equal((await xbuild(['ls', '-q'])).stderr, '')
  const data = emptyData(t)
  t.equal((await xbuildIn(data, ['list', '--quiet'])).stderr, '')
  t.match((await xbuildIn(data, ['list'])).stderr, /no environments yet/)
})

/** A project whose build takes a moment. */
function makeProject(t: {teardown: (undo: () => void) => void}, name: string): string {
  const directory = join(scratch(t), name)
  mkdirSync(directory)
  writeFileSync(join(directory, 'xbuild-env.yaml'), `targets: [${PROFILE}]\nsteps: {build: uname -m > machine}\nartifacts: [machine]\n`)
  return directory
}

t.test('environments of builds have the name of the project, serve others too, and are not the only one', async t => {
  const data = await copiedData(t, PARTS)
  const inData = (args: string[], cwd = '/') => xbuildIn(data, args, {cwd})
  const [first, second] = [makeProject(t, 'first one'), makeProject(t, 'second')]
  t.match(await inData(['build'], first), {exitCode: 0, stderr: /making the environment first-one-mips64el, once/})
  t.match(await inData(['build'], second), {exitCode: 0, stderr: /^((?!making the environment)[\s\S])*$/})
  t.equal(readFileSync(join(second, 'out/mips64el/machine'), 'utf8'), 'mips64\n')
  await inData(['create', PROFILE])
  t.match(await inData(['run', '--', 'hostname']), {exitCode: 0, stdout: 'mips64el\n'})
  const listed = JSON.parse((await inData(['list', '--json'])).stdout)
  t.match(listed, [
    {name: 'first-one-mips64el', projects: [first, second].sort(), disk: {own: Number, shared: Number}},
    {name: PROFILE, projects: []},
  ])
  t.ok(listed[0].disk.shared > 100e6, `${listed[0].disk.shared} bytes of root and twins`)
  t.match((await inData(['ls'])).stdout, /^NAME .*CHANGES +SHARED +STATE +BUILDS OF\nfirst-one-mips64el .* MB +idle/)
  const removed = await inData(['rm', 'first-one-mips64el'])
  t.match(removed.stderr, new RegExp(`builds of ${second} used it: the next one creates it again`))
  t.match(await inData(['build'], second), {exitCode: 0, stderr: /making the environment second-mips64el, once/})
})

t.test('the twins of packages of a configuration come with its environment, which is whole then', async t => {
  const directory = scratch(t)
  const config = `targets: [${PROFILE}]\npackages: [gperf]\nsteps: {build: gperf --version}\n`
  writeFileSync(join(directory, 'xbuild-env.yaml'), config)
  const data = await copiedData(t, PARTS)
  for (const time of ['first', 'second']) {
    const built = await xbuildIn(data, ['build'], {cwd: directory})
    t.match(built, {exitCode: 0, stderr: /GNU gperf/}, `${time}: ${built.stderr}`)
  }
  const [{name}] = JSON.parse((await xbuildIn(data, ['list', '--json'])).stdout)
  const {routing} = JSON.parse((await xbuildIn(data, ['info', name, '--json'])).stdout)
  t.ok(routing.routes.some(({path}: {path: string}) => path === '/usr/bin/gperf'))
})

t.test('what nobody needs is listed with its size and why, and removed', async t => {
  const data = await copiedData(t, PARTS)
  const inData = (args: string[], cwd = '/') => xbuildIn(data, args, {cwd})
  const project = makeProject(t, 'short-lived')
  await inData(['build'], project)
  await inData(['create', PROFILE, '--name', 'mine'])
  t.match((await inData(['du'])).stdout, /^ *\d+ MB +root +\S+ +.*mine.*\n[\s\S]* in all, in /m)
  t.equal((await inData(['prune'])).exitCode, 0) // what other tests have left in the data that was copied
  t.match(await inData(['prune', '--dry-run']), {exitCode: 0, stderr: /nothing to remove/})
  rmSync(project, {recursive: true})
  const dry = await inData(['prune', '--dry-run'])
  t.match(dry.stdout, /^\S+ \wB .*short-lived-mips64el +the project that built in it is gone: /m)
  t.match(dry.stdout, /what builds changed in \S+\/short-lived, which is gone/)
  t.match(dry.stderr, /would free .*: xbuild-env prune/)
  t.match(await inData(['prune']), {exitCode: 0, stderr: /freed/})
  t.same(
    JSON.parse((await inData(['list', '--json'])).stdout).map(({name}: {name: string}) => name),
    ['mine'],
  )
  t.match(await inData(['run', 'mine', '--', 'true']), {exitCode: 0}, 'what others use stays')
  await inData(['remove', 'mine'])
  const {removed} = JSON.parse((await inData(['prune', '--json'])).stdout)
  t.ok(removed.some(({path, bytes}: {path: string; bytes: number}) => path.startsWith(join(data, 'roots/')) && bytes > 100e6))
  t.same(JSON.parse((await inData(['prune', '--json'])).stdout).removed, [])
})

t.test('profiles fit a terminal of 100 columns', async t => {
  const {stdout} = await xbuild(['profiles'])
  t.same(
    stdout.split('\n').filter(line => line.length > 100),
    [],
  )
})

t.test('a tree of many projects is told apart, and each gets a file', async t => {
  const directory = scratch(t)
  mkdirSync(join(directory, 'libs/a b'), {recursive: true})
  mkdirSync(join(directory, 'tool/src'), {recursive: true})
  writeFileSync(join(directory, 'libs/a b/CMakeLists.txt'), 'project(a)\n')
  writeFileSync(join(directory, 'tool/Makefile'), 'all:\n\ttrue\n')
  writeFileSync(join(directory, 'tool/src/main.c'), 'int main() {}\n')
  const asked = await xbuild(['init', 'aarch64'], {cwd: directory})
  t.equal(asked.exitCode, 1)
  t.match(asked.stderr, /projects in it: libs\/a b \(cmake\), tool \(make\)\n {2}for each of them: xbuild-env init --each/)
  const written = await xbuild(['init', '--each', 'aarch64'], {cwd: directory})
  t.match(written, {exitCode: 0, stderr: /wrote libs\/a b\/xbuild-env\.yaml.*[\s\S]*next: cd 'libs\/a b' && xbuild-env build/})
  t.match(readFileSync(join(directory, 'tool/xbuild-env.yaml'), 'utf8'), /- arm64\n/)
  const again = await xbuild(['init'], {cwd: join(directory, 'tool')})
  t.match(again, {exitCode: 2, stderr: /there is already a configuration.*\n {2}to overwrite it: xbuild-env init --force;/})
  t.match(await xbuild(['init', '--stdout', 's390x'], {cwd: join(directory, 'tool')}), {exitCode: 0, stdout: /- s390x\n/})
  t.match(await xbuild(['init', '--force', 's390x'], {cwd: join(directory, 'tool')}), {exitCode: 0})
  t.match(readFileSync(join(directory, 'tool/xbuild-env.yaml'), 'utf8'), /- s390x\n/)
})

t.test('a build that does not find a header names the package that has it', async t => {
  const directory = scratch(t)
  writeFileSync(join(directory, 'x.c'), '#include <zlib.h>\nint main(void) { return 0; }\n')
  await xbuild(['init', PROFILE], {cwd: directory})
  const failed = await xbuild(['build'], {cwd: directory})
  t.equal(failed.exitCode, 1)
  t.match(failed.stderr, /the header zlib\.h is in zlib1g-dev\b.*: add it to the configuration, packages: \[zlib1g-dev\]/)
})

t.test('update takes newer packages from the archive, with their twins', async t => {
  const data = await copiedData(t, PARTS)
  const inData = (args: string[]) => xbuildIn(data, args, {cwd: '/'})
  await inData(['create', PROFILE])
  await inData(['install', PROFILE, 'gperf'])
  // As if the archive had a newer one by now.
  await inData(['run', PROFILE, '--', 'sed', '-i', '/^Package: gperf$/,/^$/s/^Version: .*/Version: 3.0-1/', '/var/lib/dpkg/status'])
  t.match(await inData(['update', '--dry-run', 'mips64le']), {exitCode: 0, stdout: /^gperf 3\.0-1 → 3\.\S+$/m})
  const updated = await inData(['update', PROFILE])
  t.match(updated, {
    exitCode: 0,
    stdout: /Setting up gperf/,
    stderr: /fetching the twins of 1 newer package\n[\s\S]*updated 1 package of mips64el/,
  })
  t.notMatch(updated.stderr, /fetching the twins of gperf/, 'there is nothing left to fetch when it has ended')
  const {routing} = JSON.parse((await inData(['info', PROFILE, '--json'])).stdout)
  t.ok(routing.routes.some(({path}: {path: string}) => path === '/usr/bin/gperf'))
  t.match(await inData(['update', PROFILE]), {exitCode: 0, stderr: /has the newest of all its packages/})
})

t.test('twins that another version has made are told, and update renews them', async t => {
  const data = await copiedData(t, PARTS)
  const inData = (args: string[]) => xbuildIn(data, args, {cwd: '/'})
  await inData(['create', PROFILE])
  const setOf = async () => dirname(JSON.parse((await inData(['info', PROFILE, '--json'])).stdout).twinTree)
  const [set, record] = [await setOf(), join(data, 'environments', PROFILE, 'environment.json')]
  const older = `${set}0`
  renameSync(set, older)
  rewrite(join(older, 'twins.json'), text => text.replace(/"format": \d+/, '"format": 1'))
  rewrite(record, text => text.replace(basename(set), basename(older)))
  const told = await inData(['run', PROFILE, '--', 'true'])
  t.match(told, {
    exitCode: 0,
    stderr: /another version of xbuild-env has made the twins of mips64el.*\n {2}renew them: xbuild-env update mips64el\n/,
  })
  t.match(await inData(['update', PROFILE]), {exitCode: 0, stderr: /fetching the twins of \d+ packages/})
  t.not(await setOf(), older)
  t.notMatch(await inData(['run', PROFILE, '--', 'true']), {stderr: /another version/})
})

t.test('info tells a reason once, however many programs it holds for', async t => {
  const data = await copiedData(t, PARTS)
  const inData = (args: string[]) => xbuildIn(data, args, {cwd: '/'})
  await inData(['create', PROFILE])
  await inData(['run', PROFILE, '--', 'sh', '-c', 'for name in cut fmt nl od pr tac tr wc; do echo >> /usr/bin/$name; done'])
  await inData(['run', PROFILE, '--', 'touch', '/var/lib/dpkg/status'])
  const {stdout} = await inData(['info', PROFILE])
  const lines = stdout.split('\n').filter(line => line.includes('not the file that the package shipped'))
  t.equal(lines.length, 1, stdout)
  t.match(lines[0], /shipped: \/usr\/bin\/cut \(coreutils\), .*, and 2 more \(--json has all\)$/)
  t.match(stdout, /^disk +.* of its own, .* that others may share$/m)
})

t.test('an entry whose interpreter is not there is added with a warning, and listed where a format has words for it', async t => {
  const data = await copiedData(t, PARTS)
  const inData = (args: string[]) => xbuildIn(data, args, {cwd: '/'})
  await inData(['create', PROFILE])
  const add = (name: string, interpreter: string) =>
    inData(['activator', 'add', name, '--env', PROFILE, '--interpreter', interpreter, '--magic', name, '--size', '3', '--set-enabled'])
  const warned = await add('odd', '/opt/none/odd')
  t.match(warned, {exitCode: 0, stderr: /xbuild-env: environment mips64el has no \/opt\/none\/odd yet, which odd hands files to/})
  t.notMatch((await add('fit', '/bin/cat')).stderr, /has no/)
  const listed = await inData(['activator', 'list', '--env', PROFILE, '--format', 'binfmt.d'])
  t.match(listed, {exitCode: 0, stdout: /^:fit:M:0:fit::\/bin\/cat:/m, stderr: /xbuild-env: xbuild-env is left out: /}, listed.stderr)
})
