import {chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import t from 'tap'
import {ERROR, emptyData, filesOf, IS_ROOT, withoutProgress, xbuildIn} from './data.js'
import {configuration, sourceTree} from './project.js'
import {CLI, DATA, PROFILE, plainVariables, scratch, xbuild} from './rig.js'

/** A directory of links to the host's programs, without one of them. */
function pathWithout(t: Parameters<typeof scratch>[0], program: string): string {
  const directory = scratch(t)
  for (const source of ['/bin', '/usr/bin', '/usr/local/bin'].filter(existsSync)) {
    for (const name of readdirSync(source)) {
      if (name !== program && !existsSync(join(directory, name))) symlinkSync(join(source, name), join(directory, name))
    }
  }
  return directory
}

/** As another user, without what a test runner puts into every Node's environment. */
const asUser = (uid: string, variables: Record<string, string>, args: readonly string[], first: readonly string[] = []) => {
  const settings = Object.entries(plainVariables(variables)).map(([name, value]) => `${name}=${value}`)
  const ids = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  const argv = [...first, ...ids, 'env', '-i', ...settings, process.execPath, CLI, ...args]
  return execa('env', argv, {reject: false, stripFinalNewline: false, cwd: '/'})
}

for (const [program, packages] of [
  ['mmdebstrap', 'mmdebstrap'],
  ['flock', 'util-linux'],
  ['setpriv', 'util-linux'],
]) {
  t.test(`without ${program}, create names the package that has it`, async t => {
    const data = emptyData(t)
    const failed = await xbuildIn(data, ['create', PROFILE], {variables: {PATH: pathWithout(t, program as string)}})
    t.equal(failed.exitCode, 125, failed.stderr)
    t.equal(withoutProgress(failed.stderr), `xbuild-env: ${program} is not installed\n  apt-get install ${packages}\n`)
    t.same(await filesOf(data), [])
  })
}

t.test('where user namespaces are used up or forbidden, it says so', async t => {
  // As many as the test's own namespace may have, which is the host's business no more.
  const forbid = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
  const user = ['--user', '--map-root-user', ...(IS_ROOT ? [] : ['--map-auto'])]
  const before = await xbuild(['run', '--ephemeral', PROFILE, '--', 'true'], {cwd: '/'})
  t.equal(before.exitCode, 0, before.stderr)
  const inside = (...args: string[]) =>
    execa('unshare', [...user, '--mount', 'sh', '-c', forbid, 'sh', process.execPath, CLI, ...args], {
      reject: false,
      extendEnv: false,
      env: plainVariables(),
      stripFinalNewline: false,
      cwd: '/',
    })
  const ran = await inside('run', '--ephemeral', PROFILE, '--', 'true')
  t.equal(ran.exitCode, 125)
  t.match(ran.stderr, /xbuild-env: this host does not allow user namespaces \(ENOSPC\)\n {2}run "xbuild-env doctor"/)
  const doctor = await inside('doctor')
  t.equal(doctor.exitCode, 1)
  t.match(doctor.stdout + doctor.stderr, /max_user_namespaces/)
  const after = await xbuild(['run', '--ephemeral', PROFILE, '--', 'true'], {cwd: '/'})
  t.equal(after.exitCode, 0, 'the host is as it was')
})

t.test('where the tool may open too few files, it says so', async t => {
  for (const limit of [32, 64]) {
    const script = `ulimit -n ${limit}; exec "$0" "$@"`
    const ran = await execa('sh', ['-c', script, process.execPath, CLI, 'run', '--ephemeral', PROFILE, '--', 'true'], {
      reject: false,
      extendEnv: false,
      env: plainVariables(),
      stripFinalNewline: false,
      cwd: scratch(t),
    })
    t.match(ran, {exitCode: 125, stderr: ERROR}, ran.stderr)
    t.match(ran.stderr, /ulimit -n 1024\n$/)
  }
})

t.test('where system calls are filtered, as in a container, build says so before it makes anything', async t => {
  const filtered = join(scratch(t), 'filtered')
  await execa('cc', ['-Wall', '-Werror', '-o', filtered, fileURLToPath(new URL('filtered.c', import.meta.url))])
  const data = join(emptyData(t), 'data')
  const tree = sourceTree(t, configuration({build: 'true'}))
  const variables = plainVariables({XBUILD_ENV_DATA: data, GITLAB_CI: 'true'})
  const run = (...args: string[]) =>
    execa(filtered, [process.execPath, CLI, ...args], {
      reject: false,
      extendEnv: false,
      env: variables,
      stripFinalNewline: false,
      cwd: tree,
    })
  const failed = await run('build', '--cache', '.xbuild-env-cache')
  t.equal(failed.exitCode, 125)
  t.match(failed.stderr, ERROR)
  t.match(failed.stderr, 'no session can be made here: a user namespace cannot be made')
  t.notOk(existsSync(data), 'no data')
  t.same(readdirSync(tree), ['xbuild-env.json'])
  const doctor = await run('doctor')
  t.equal(doctor.exitCode, 1)
  const fix = failed.stderr.split('\n')[1]?.trim() ?? ''
  t.match(doctor.stdout, `fix: ${fix}\n`, 'the same as doctor says')
})

const ONLY_ROOT = {skip: !IS_ROOT && 'only root can make a user'}

/** An ordinary user of the test's own, with a home and so many subordinate ids, and xbuild-env as that user. */
async function makeUser(t: Parameters<typeof scratch>[0], ids: number) {
  const name = `xbuild-test-${process.pid}`
  const home = scratch(t)
  const data = join(home, 'data')
  await execa('useradd', ['--no-create-home', '--home-dir', home, '--key', `SUB_UID_COUNT=${ids}`, '--key', `SUB_GID_COUNT=${ids}`, name])
  t.teardown(() => execa('userdel', [name]))
  const {stdout: uid} = await execa('id', ['-u', name])
  mkdirSync(data)
  await execa('chown', [name, home, data])
  const as = (args: readonly string[], first: readonly string[] = []) =>
    asUser(uid, {HOME: home, USER: name, XBUILD_ENV_DATA: data}, args, first)
  return {name, data, as}
}

t.test('a user without subordinate ids is told how to get some', ONLY_ROOT, async t => {
  const {name, data, as} = await makeUser(t, 0)
  const failed = await as(['create', PROFILE])
  t.equal(failed.exitCode, 125)
  const hint = /\n {2}give it some: (?:sudo |as root: )(usermod --add-subuids (\d+)-\d+ --add-subgids \2-\d+ (\S+))\n$/.exec(failed.stderr)
  t.match(failed.stderr, `xbuild-env: ${name} has no subordinate ids in /etc/subuid\n`)
  t.equal(hint?.[3], name)
  const first = Number(hint?.[2])
  for (const line of readFileSync('/etc/subuid', 'utf8').trim().split('\n').filter(Boolean)) {
    const [, theirs = 0, count = 0] = line.split(':').map(Number)
    t.ok(theirs + count <= first || first + 65536 <= theirs, `nobody else has them: ${line}`)
  }
  t.same(await filesOf(data), [])
  t.equal((await as(['list'])).exitCode, 0)
})

t.test('without newuidmap, an ordinary user is told the package that has it', ONLY_ROOT, async t => {
  const {data, as} = await makeUser(t, 65536)
  const hide = 'mount --bind /dev/null /usr/bin/newuidmap && exec "$@"'
  const failed = await as(['create', PROFILE], ['unshare', '--mount', 'sh', '-c', hide, 'sh'])
  t.equal(failed.exitCode, 125)
  t.equal(withoutProgress(failed.stderr), 'xbuild-env: newuidmap is not installed\n  apt-get install uidmap\n')
  t.same(await filesOf(data), [])
})

t.test('where no program may be executed where the data lies, run, create and build say so', async t => {
  const data = emptyData(t)
  const user = IS_ROOT ? [] : ['--user', '--map-root-user', '--map-auto']
  const mount = `mount --bind "$1" "$1" && mount -o remount,bind,noexec "$1"; shift; exec "$@"`
  const onNoexec = (directory: string, ...args: string[]) =>
    execa('unshare', [...user, '--mount', 'sh', '-c', mount, 'sh', directory, process.execPath, CLI, ...args], {
      reject: false,
      extendEnv: false,
      env: plainVariables({XBUILD_ENV_DATA: directory}),
      stripFinalNewline: false,
      cwd: sourceTree(t, configuration({build: 'true'})),
    })
  const {stdout} = await xbuild(['info', PROFILE, '--json'])
  const twins: string = JSON.parse(stdout).twinTree
  for (const [directory, args, place] of [
    [DATA, ['run', '--ephemeral', PROFILE, '--', 'true'], twins],
    [data, ['create', PROFILE], data],
    [data, ['build'], data],
  ] as const) {
    const failed = await onNoexec(directory, ...args)
    t.equal(failed.exitCode, 125, args.join(' '))
    t.equal(
      withoutProgress(failed.stderr),
      `xbuild-env: ${place} is mounted noexec, and programs of a twin set run from it\n  keep the data elsewhere: XBUILD_ENV_DATA=/some/directory\n`,
    )
  }
  t.same(await filesOf(data), [])
})

t.test("another user's environments are not touched", {skip: !IS_ROOT && 'only root can be another user'}, async t => {
  const as = (...args: string[]) => asUser('65534', {HOME: '/', USER: 'nobody', XBUILD_ENV_DATA: DATA}, args)
  for (const args of [
    ['create', PROFILE, '--name', 'mine'],
    ['remove', PROFILE],
  ]) {
    const failed = await as(...args)
    t.equal(failed.exitCode, 125, failed.stderr)
    t.match(failed.stderr, ERROR)
    t.match(failed.stderr, /environments cannot be read \(EACCES\): it is another user's/)
  }
  t.match((await xbuild(['list'])).stdout, new RegExp(`^${PROFILE} `, 'm'))
})

t.test(
  'what sessions write is closed to other users, also where an earlier version made it',
  {skip: !IS_ROOT && 'only root can be another user'},
  async t => {
    const directories = ['environments', 'layers', 'builds', 'projects'].map(name => join(DATA, name))
    for (const directory of directories) {
      mkdirSync(directory, {recursive: true})
      chmodSync(directory, 0o755)
    }
    const program = join(DATA, 'environments', PROFILE, 'upper/native')
    const made = await xbuild(['run', PROFILE, '--', 'sh', '-c', 'cat /proc/1/exe >/native; chmod 4755 /native'])
    t.equal(made.exitCode, 0, made.stderr)
    t.teardown(() => xbuild(['run', PROFILE, '--', 'rm', '/native']))
    t.equal(statSync(program).mode & 0o7777, 0o4755)
    const found = await execa('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'test', '-e', program], {reject: false})
    t.equal(found.exitCode, 1)
    t.same(
      directories.map(directory => statSync(directory).mode & 0o777),
      directories.map(() => 0o700),
    )
  },
)
