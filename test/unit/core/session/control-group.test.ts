import t from 'tap'
import {
  asideGroup,
  findOwnGroup,
  type GroupFacts,
  groupOwner,
  judgeGroup,
  sessionGroup,
} from '../../../../lib/core/session/control-group.js'

const SYSTEMD = `25 30 0:23 / /sys rw,nosuid shared:7 - sysfs sysfs rw
29 25 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate
`
const HYBRID = `32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`
const SCOPE = '/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope'

t.test("a process's own group is found where cgroup v2 is mounted", async t => {
  t.same(findOwnGroup(`0::${SCOPE}\n`, SYSTEMD), {mount: '/sys/fs/cgroup', directory: `/sys/fs/cgroup${SCOPE}`})
  t.same(findOwnGroup('9:name=systemd:/\n1:cpu:/a\n0::/\n', HYBRID), {
    mount: '/sys/fs/cgroup/unified',
    directory: '/sys/fs/cgroup/unified',
  })
})

t.test('where only a part of the hierarchy is mounted, that part counts', async t => {
  const part = (root: string) => `29 25 0:26 ${root} /groups\\040here rw - cgroup2 cgroup2 rw\n`
  t.same(findOwnGroup('0::/a/b/c\n', part('/a')), {mount: '/groups here', directory: '/groups here/b/c'})
  t.same(findOwnGroup('0::/a\n', part('/a')), {mount: '/groups here', directory: '/groups here'})
  t.equal(findOwnGroup('0::/ab\n', part('/a')), undefined)
})

t.test('none is found outside of what can be seen', async t => {
  t.equal(findOwnGroup('0::/../b\n', SYSTEMD), undefined)
  t.equal(findOwnGroup(`0::${SCOPE} (deleted)\n`, SYSTEMD), undefined)
  t.equal(findOwnGroup('4:memory:/\n', SYSTEMD), undefined)
  t.equal(findOwnGroup('0::/\n', ''), undefined)
})

const group = (facts: Partial<GroupFacts>): GroupFacts => ({
  directory: '/g/run.scope',
  role: 'own',
  access: 'writable',
  position: 'inner',
  controllers: ['cpu', 'memory', 'pids'],
  enabled: [],
  others: 0,
  ...facts,
})
const NEEDED = ['memory', 'pids']

t.test('alone in its group, the process goes aside, so that the controllers can be handed on', async t => {
  t.same(judgeGroup(group({}), NEEDED), {kind: 'usable', enable: NEEDED, self: 'aside'})
  t.same(judgeGroup(group({enabled: ['memory']}), NEEDED), {kind: 'usable', enable: ['pids'], self: 'aside'})
})

t.test("others' processes are left where they are", async t => {
  t.match(judgeGroup(group({others: 1}), NEEDED), {kind: 'unusable', why: /has other processes too/})
})

t.test('a group that hands the controllers on already is used as it is, and so is the root of all', async t => {
  const stays = {kind: 'usable', self: 'stays'}
  t.match(judgeGroup(group({role: 'parent', enabled: NEEDED, others: 3}), NEEDED), {...stays, enable: []})
  t.match(judgeGroup(group({position: 'root', others: 90}), NEEDED), {...stays, enable: NEEDED})
  t.match(judgeGroup(group({role: 'parent'}), NEEDED), {kind: 'unusable', why: /does not hand on "memory", "pids"/})
})

t.test('no group is made in what is not lent to the user', async t => {
  t.match(judgeGroup(group({access: 'refused'}), NEEDED), {why: /cannot be written/})
  t.match(judgeGroup(group({directory: '/g/app.slice', role: 'parent', enabled: NEEDED}), NEEDED), {why: /systemd's own/})
  t.match(judgeGroup(group({controllers: ['cpu', 'pids']}), NEEDED), {why: /has no controller "memory"$/})
})

t.test('a group tells by its name whose it is', async t => {
  t.equal(groupOwner(sessionGroup(17)), 17)
  t.equal(groupOwner(asideGroup(17)), 17)
  for (const name of ['xbuild-env-', 'xbuild-env-1x', 'a-xbuild-env-1', 'cgroup.procs']) t.equal(groupOwner(name), undefined, name)
})
