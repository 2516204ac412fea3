import {existsSync, mkdirSync, readdirSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {ERROR, emptyData, filesOf, IS_ROOT, withoutProgress, xbuildIn} from './data.js'
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
const asUser = (uid: string, variables: Record<string, string>, args: readonly string[]) => {
  const settings = Object.entries(plainVariables(variables)).map(([name, value]) => `${name}=${value}`)
  const ids = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
  return execa('setpriv', [...ids, 'env', '-i', ...settings, process.execPath, CLI, ...args], {
    reject: false,
    stripFinalNewline: false,
    cwd: '/',
  })
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

t.test('without newuidmap, an ordinary user is told the package that has it', {skip: IS_ROOT && 'root needs none'}, async t => {
  const variables = {PATH: pathWithout(t, 'newuidmap')}
  const failed = await xbuild(['run', '--ephemeral', PROFILE, '--', 'true'], {variables, cwd: '/'})
  t.equal(failed.exitCode, 125)
  t.match(failed.stderr, /xbuild-env: newuidmap is not installed\n {2}apt-get install uidmap\n$/)
})

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

t.test('a user without subordinate ids is told how to get some', {skip: !IS_ROOT && 'only root can make a user'}, async t => {
  const name = `xbuild-test-${process.pid}`
  const home = scratch(t)
  await execa('useradd', ['--no-create-home', '--home-dir', home, '--key', 'SUB_UID_COUNT=0', '--key', 'SUB_GID_COUNT=0', name])
  t.teardown(() => execa('userdel', [name]))
  const {stdout: uid} = await execa('id', ['-u', name])
  await execa('chown', [name, home])
  mkdirSync(join(home, 'data'))
  await execa('chown', [name, join(home, 'data')])
  const as = (...args: string[]) => asUser(uid, {HOME: home, USER: name, XBUILD_ENV_DATA: join(home, 'data')}, args)
  const failed = await as('create', PROFILE)
  t.equal(failed.exitCode, 125)
  const hint = `as root, give it some: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${name}`
  t.equal(withoutProgress(failed.stderr), `xbuild-env: ${name} has no subordinate ids in /etc/subuid\n  ${hint}\n`)
  t.same(await filesOf(join(home, 'data')), [])
  t.equal((await as('list')).exitCode, 0)
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
    t.match(failed.stderr, /cannot be written \(EACCES\)/)
  }
  t.match((await xbuild(['list'])).stdout, new RegExp(`^${PROFILE} `, 'm'))
})
