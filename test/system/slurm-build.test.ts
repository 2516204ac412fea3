import {createHash} from 'node:crypto'
import {chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {execa} from 'execa'
import t from 'tap'
import {namedSource} from './deb-tree.js'
import {CLI, DATA, PROFILE, plainVariables, scratch, xbuild} from './rig.js'
import {noSlurm, TestCluster} from './slurm/cluster.js'

const skip = noSlurm() ?? (ordinaryUser() === undefined ? 'no ordinary user has subordinate ids and a home: adduser NAME' : false)

/** The first that can make environments. */
function ordinaryUser(): {name: string; uid: number; home: string} | undefined {
  const withIds = new Set(
    readFileSync('/etc/subuid', 'utf8')
      .split('\n')
      .map(line => line.split(':')[0]),
  )
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name = '', , uid, , , home = ''] = line.split(':')
    if (withIds.has(name) && Number(uid) >= 1000 && existsSync(home)) return {name, uid: Number(uid), home}
  }
  return undefined
}

function edit(tree: string, file: string, change: (text: string) => string): void {
  const path = join(tree, 'debian', file)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}

t.test('an ordinary user builds on two nodes, and both build the same; a node that cannot is left out', {skip}, async t => {
  const ordinary = ordinaryUser()
  if (!ordinary) return
  const cluster = await TestCluster.start(t, ['n2', 'n3'], 1, ['n1'])
  const place = scratch(t)
  chmodSync(place, 0o755)
  for (const name of ['data', 'shared', 'nodes', 'sources']) mkdirSync(join(place, name))
  const trees = ['one', 'two'].map(name => {
    const tree = join(place, 'sources', name)
    cpSync(namedSource(t, name), tree, {recursive: true})
    return tree
  })
  t.equal((await xbuild(['export', PROFILE, join(place, 'environment')], {variables: {XBUILD_ENV_DATA: DATA}})).exitCode, 0)
  await execa('chown', ['-R', ordinary.name, place])
  const as = async (...args: string[]) => {
    const variables = plainVariables({...cluster.variables, HOME: ordinary.home, USER: ordinary.name, XBUILD_ENV_DATA: join(place, 'data')})
    const argv = ['--user', ordinary.name, '--', process.execPath, CLI, ...args]
    const {exitCode, stdout, stderr} = await execa('runuser', argv, {reject: false, extendEnv: false, env: variables, cwd: place})
    return {exitCode, stdout: String(stdout), stderr: String(stderr)}
  }
  const places = ['--shared', join(place, 'shared'), '--node-data', join(place, 'nodes')]
  t.match(await as('import', join(place, 'environment')), {exitCode: 0})

  const doctor = await as('doctor', '--engine', 'slurm', ...places)
  t.match(doctor, {exitCode: 1})
  t.match(doctor.stdout, /^ok +n2: node +can build/m)
  t.match(doctor.stdout, /^missing +n1: user namespaces/m)

  const sums: string[] = []
  for (const [run, drained] of [
    ['first', 'n3'],
    ['second', 'n2'],
  ] as const) {
    await cluster.run('scontrol', 'update', `NodeName=${drained}`, 'State=DRAIN', 'Reason=test')
    const built = await as(
      'packages',
      'build',
      PROFILE,
      ...trees,
      '--engine',
      'slurm',
      ...places,
      '--run',
      run,
      '--no-experiments',
      '--json',
    )
    t.equal(built.exitCode, 0, built.stderr)
    t.match(JSON.parse(built.stdout).counts, {built: 2})
    const attempt = join(place, 'data/runs', run, 'attempts/tiny-one/1')
    const [deb = ''] = readdirSync(attempt).filter(name => name.endsWith('.deb'))
    t.equal(statSync(join(attempt, deb)).uid, ordinary.uid)
    sums.push(
      createHash('sha256')
        .update(readFileSync(join(attempt, deb)))
        .digest('hex'),
    )
    await cluster.run('scontrol', 'update', `NodeName=${drained}`, 'State=RESUME')
  }
  t.comment('what was built on one node is installed on another, and compared with what a third attempt makes')
  const user = join(place, 'sources/app')
  cpSync(namedSource(t, 'app'), user, {recursive: true})
  edit(user, 'control', text => text.replace('Rules-Requires-Root: no\n', 'Rules-Requires-Root: no\nBuild-Depends: tiny-one\n'))
  edit(user, 'rules', text => `${text}\nbuild-arch: checks\nchecks:\n\t/usr/bin/tiny-one\n`)
  await execa('chown', ['-R', ordinary.name, user])
  const fed = await as(
    ...['packages', 'build', PROFILE, ...trees.slice(0, 1), user, '--against', 'feed', '--verify', 'tiny-one'],
    ...['--engine', 'slurm', ...places, '--run', 'third', '--no-experiments', '--json'],
  )
  t.equal(fed.exitCode, 0, fed.stderr)
  const summary = JSON.parse(fed.stdout)
  t.match(summary.counts, {built: 2})
  t.match(summary.packages.find((one: {package: string}) => one.package === 'tiny-one').verified, /^(identical|explained)$/)

  t.equal(sums[0], sums[1], 'the same package on two nodes has the same bytes')
  t.equal(readdirSync(join(place, 'shared/environments')).length, 1, 'one environment travels once, for two runs')
  t.same(readdirSync(join(place, 'nodes')).sort(), ['n1', 'n2', 'n3'])
})
