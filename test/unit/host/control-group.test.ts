import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {XbuildError} from '../../../lib/core/errors.js'
import {findOwnGroup} from '../../../lib/core/session/control-group.js'
import type {GroupSetting} from '../../../lib/core/session/limits.js'
import {makeControlGroup} from '../../../lib/host/control-group.js'

const read = (path: string) => readFileSync(path, 'utf8')
const words = (path: string) => read(path).split(/\s+/).filter(Boolean)
const place = findOwnGroup(read('/proc/self/cgroup'), read('/proc/self/mountinfo'))

/** Any limit that nobody here reaches: which controllers v2 has depends on those that v1 has taken. */
const SETTINGS: readonly GroupSetting[] = [
  {controller: 'pids', file: 'pids.max', value: '1000', presence: 'required'},
  {controller: 'hugetlb', file: 'hugetlb.2MB.max', value: '0', presence: 'required'},
]
const setting = place && SETTINGS.find(({controller}) => words(join(place.mount, 'cgroup.controllers')).includes(controller))

/** Beside systemd the root of all groups is not the tests' to change. */
const isOurs = place?.directory === place?.mount && process.getuid?.() === 0 && setting !== undefined
const skip = isOurs ? false : 'needs root, in the root of cgroup v2'

/** This process, alone in a group of its own that has the controller. */
function enterOwnGroup(t: Tap): string {
  const {mount} = place as {mount: string}
  const control = join(mount, 'cgroup.subtree_control')
  const {controller} = setting as GroupSetting
  const wasEnabled = words(control).includes(controller)
  const directory = join(mount, `xbuild-test-${process.pid}`)
  mkdirSync(directory)
  if (!wasEnabled) writeFileSync(control, `+${controller}`)
  writeFileSync(join(directory, 'cgroup.procs'), String(process.pid))
  t.teardown(() => {
    writeFileSync(join(mount, 'cgroup.procs'), String(process.pid))
    rmdirSync(directory)
    if (!wasEnabled) writeFileSync(control, `-${controller}`)
  })
  return directory
}
type Tap = {teardown: (undo: () => void) => void}

const groupsIn = (directory: string) =>
  readdirSync(directory, {withFileTypes: true}).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))

t.test('a process that is put into the group is in it with all that it starts; nothing is left at the end', {skip}, async t => {
  const {controller, file, value} = setting as GroupSetting
  const directory = enterOwnGroup(t)
  const group = makeControlGroup([setting as GroupSetting], [])
  t.same(words(join(directory, 'cgroup.subtree_control')), [controller])
  const child = spawn('sh', ['-c', 'read line; cat /proc/self/cgroup'], {stdio: ['pipe', 'pipe', 'inherit']})
  group.add(child.pid as number)
  const name = `xbuild-env-${process.pid}`
  t.equal(read(join(directory, name, file)).trim(), value)
  child.stdin.end('go on\n')
  const [output] = await once(child.stdout, 'data')
  t.match(String(output), `0::/xbuild-test-${process.pid}/${name}\n`)
  await once(child, 'close')
  t.same(group.reached(), {memory: 0, pids: 0})
  await group.remove()
  t.same(groupsIn(directory), [])
  t.same(words(join(directory, 'cgroup.subtree_control')), [])
  t.same(words(join(directory, 'cgroup.procs')), [String(process.pid)])
})

t.test('a limit that the kernel does not take leaves nothing half-made', {skip}, async t => {
  const directory = enterOwnGroup(t)
  const wrong = {...(setting as GroupSetting), value: 'no number'}
  t.throws(() => makeControlGroup([wrong], []), {reason: 'no-control-group', message: /EINVAL/})
  t.same(groupsIn(directory), [])
  t.same(words(join(directory, 'cgroup.procs')), [String(process.pid)])
})

t.test("beside others' processes, the group is made in the one above, and none of them is moved", {skip}, async t => {
  const directory = enterOwnGroup(t)
  const child = spawn('sleep', ['600'], {stdio: 'ignore'})
  const beside = join((place as {mount: string}).mount, `xbuild-env-${process.pid}`)
  try {
    const group = makeControlGroup([setting as GroupSetting], [])
    t.ok(existsSync(beside))
    t.same(words(join(directory, 'cgroup.procs')).sort(), [String(process.pid), String(child.pid)].sort())
    await group.remove()
    t.notOk(existsSync(beside))
  } finally {
    child.kill()
    await once(child, 'close')
  }
})

for (const [whose, which] of [
  ['another session that began there', (pid: number) => `xbuild-env-${pid}`],
  ['a session that others have joined', () => `xbuild-env-${process.pid}`],
] as const) {
  t.test(`the limits of ${whose} hold when this process has ended with its own`, {skip}, async t => {
    const {file, value} = setting as GroupSetting
    const directory = enterOwnGroup(t)
    const group = makeControlGroup([setting as GroupSetting], [])
    const child = spawn('sleep', ['600'], {stdio: 'ignore'})
    const other = join(directory, which(Number(child.pid)))
    mkdirSync(other, {recursive: true})
    writeFileSync(join(other, file), value)
    writeFileSync(join(other, 'cgroup.procs'), String(child.pid))
    await group.remove()
    t.equal(existsSync(join(other, file)) && read(join(other, file)).trim(), value)
    child.kill()
    await once(child, 'close')
    for (const name of groupsIn(directory).filter(name => !name.endsWith('-aside'))) rmdirSync(join(directory, name))
    writeFileSync(join(directory, 'cgroup.subtree_control'), `-${(setting as GroupSetting).controller}`)
    writeFileSync(join(directory, 'cgroup.procs'), String(process.pid))
    for (const name of groupsIn(directory)) rmdirSync(join(directory, name))
  })
}

t.test('the groups of one that was killed are swept, those of one that runs are not', {skip}, async t => {
  const directory = enterOwnGroup(t)
  const ended = spawn('true', {stdio: 'ignore'})
  await once(ended, 'close')
  const [gone, there] = [`xbuild-env-${ended.pid}`, `xbuild-env-${process.ppid}`]
  for (const name of [gone, `${gone}-aside`, there]) mkdirSync(join(directory, name))
  const group = makeControlGroup([setting as GroupSetting], [])
  t.notOk(existsSync(join(directory, gone)))
  t.notOk(existsSync(join(directory, `${gone}-aside`)))
  t.ok(existsSync(join(directory, there)))
  rmdirSync(join(directory, there))
  await group.remove()
})

t.test('a controller that there is not is told with what to do', async t => {
  const none: GroupSetting = {controller: 'none-such', file: 'none.max', value: '1', presence: 'required'}
  try {
    makeControlGroup([none], ['run', 'e', '--', 'true'])
    t.fail('it was made')
  } catch (error) {
    if (!(error instanceof XbuildError)) throw error
    t.equal(error.reason, 'no-control-group')
    t.equal(error.exitCode, 125)
    t.ok(error.hint)
  }
})
