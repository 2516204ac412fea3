import t from 'tap'
import type {RootAccess} from '../../../../lib/core/as-root.js'
import {parseRegistered} from '../../../../lib/core/binfmt/registration.js'
import {
  configuredProfile,
  explainTaker,
  findTaker,
  judgeActivator,
  planRegister,
  planUnregister,
  type SystemEntry,
  type SystemState,
} from '../../../../lib/core/binfmt/system-profiles.js'
import {SESSIONS_ACTIVATOR} from '../../../../lib/core/places.js'
import type {BinfmtEntry} from '../../../../lib/core/session/plan.js'
import {refusal} from '../../refusal.js'

const MAGIC = '\\x7f\\x45\\x4c\\x46\\x02'
const entry: BinfmtEntry = {
  name: 'xbuild-env-mips64el',
  offset: 0,
  magic: MAGIC,
  mask: '\\xff\\xff\\xff\\xff\\xff',
  interpreter: '/home/ada/xbuild-activator',
  flags: 'POCF',
}
const wanted = [{profile: 'mips64el', entry}]
const sudo: RootAccess = {way: 'sudo', xbuildEnv: ['/opt/node', '/opt/xbuild-env.js']}

function shown(name: string, interpreter: string, more: Partial<SystemEntry> = {}): SystemEntry {
  const read = parseRegistered(name, `enabled\ninterpreter ${interpreter}\nflags: POCF\noffset 0\nmagic 7f454c4602\nmask ffffffffff\n`)
  if (!read) throw new Error('not read')
  return {...read, activator: undefined, origin: 'unknown', ...more}
}
const own = shown(entry.name, SESSIONS_ACTIVATOR, {activator: 'current'})
const qemu = shown('qemu-mips64el', '/usr/bin/qemu-mips64el-static')
const state = (...entries: SystemEntry[]): SystemState => ({instance: 'on', entries, persistent: []})

t.test('an activator is the current one only if the kernel holds a copy that only root can change, of this version', async t => {
  const same = {changed: 1, same: true}
  t.equal(judgeActivator(own, {registered: 2, file: same}), 'current')
  t.equal(judgeActivator(own, {registered: 2, file: {changed: 1, same: false}}), 'changed')
  t.equal(judgeActivator(own, {registered: 1, file: {changed: 2, same: true}}), 'changed', 'replaced since, the old one still runs')
  t.equal(judgeActivator(own, {registered: 1, file: undefined}), 'gone')
  t.equal(judgeActivator({...own, interpreter: '/home/ada/xbuild-activator'}, {registered: 2, file: same}), 'other')
})

t.test('the newest entry that fits is the one that the kernel takes', async t => {
  t.match(findTaker('mips64el', state(own, qemu)), {taker: 'activator'})
  t.match(findTaker('mips64el', state(qemu, own)), {taker: 'rival', entry: {name: 'qemu-mips64el'}})
  t.match(findTaker('mips64el', state({...qemu, state: 'disabled'}, own)), {taker: 'activator'})
  t.match(findTaker('mips64el', state({...qemu, magic: '7f454c4601'}, own)), {taker: 'activator'})
  t.match(findTaker('mips64el', state(qemu)), {taker: 'nobody'})
  t.match(findTaker('mips64el', state({...own, state: 'disabled'})), {taker: 'nobody'})
  t.match(findTaker('mips64el', state({...own, activator: 'changed'})), {taker: 'old-activator'})
  t.match(findTaker('mips64el', {...state(own), instance: 'off'}), {taker: 'switched-off'})
  t.match(findTaker('mips64el', {...state(), instance: 'not-mounted'}), {taker: 'not-mounted'})
})

t.test('what is wrong is one line, and what to do a line that can be pasted', async t => {
  const explain = (found: SystemState) => explainTaker('mips64el', findTaker('mips64el', found), sudo)
  t.equal(explain(state(own)), undefined)
  const register = 'sudo /opt/node /opt/xbuild-env.js system register mips64el'
  t.match(explain(state())?.fix, new RegExp(`--persist.*: ${register}$`))
  t.match(explain(state({...own, activator: 'changed'}))?.fix, new RegExp(`again.*: ${register}$`))
  t.match(explain({...state(), instance: 'not-mounted'})?.fix, /: sudo sh -c 'mount .* && \/opt\/node .* system register mips64el'$/)
  t.match(explain(state(qemu, own)), {
    what: /qemu-mips64el-static, by the entry "qemu-mips64el"/,
    fix: /: sudo sh -c 'echo -1 > \S+\/qemu-mips64el'$/,
  })
  t.match(explain(state({...qemu, origin: 'binfmt-support'}, own))?.fix, /: sudo update-binfmts --disable qemu-mips64el$/)
})

const steps = (made: ReturnType<typeof planRegister> | ReturnType<typeof planUnregister>) =>
  made.steps.map(step => {
    if (step.act === 'write') return `${step.content === undefined ? 'remove' : 'write'} ${step.path}`
    return `${step.act} ${step.line.replace(/:M:.*:\//, ' /')}`
  })

t.test('a profile is registered with a copy of the activator, which lies where only root can write', async t => {
  const made = planRegister(wanted, state(), 'until-restart', sudo)
  t.match(made.profiles, [{profile: 'mips64el', act: 'register'}])
  t.same(steps(made), [`write ${SESSIONS_ACTIVATOR}`, `register :xbuild-env-mips64el ${SESSIONS_ACTIVATOR}:POCF`])
  t.same(planRegister(wanted, state(own), 'until-restart', sudo), {
    profiles: [{profile: 'mips64el', name: entry.name, act: 'keep'}],
    steps: [],
  })
})

t.test('for good, it is in binfmt.d too, once', async t => {
  const file = '/etc/binfmt.d/xbuild-env.mips64el.conf'
  const made = planRegister(wanted, state(own), 'for-good', sudo)
  t.match(made.steps, [{act: 'write', path: file, content: {text: /^# .*\n:xbuild-env-mips64el:M:0:.*:POCF\n$/}}])
  t.same(planRegister(wanted, {...state(own), persistent: ['mips64el']}, 'for-good', sudo).steps, [])
  t.equal(configuredProfile('xbuild-env.mips64el.conf'), 'mips64el')
  t.equal(configuredProfile('xbuild-env-mips64el.conf'), undefined, "an activator's")
})

t.test('an activator of before is replaced', async t => {
  const old = {...own, interpreter: '/home/ada/old', activator: 'other'} as const
  const made = planRegister(wanted, state(old), 'until-restart', sudo)
  t.match(made.profiles, [{act: 'renew'}])
  t.same(steps(made), [
    'unregister :xbuild-env-mips64el /home/ada/old:POCF',
    `write ${SESSIONS_ACTIVATOR}`,
    `register :xbuild-env-mips64el ${SESSIONS_ACTIVATOR}:POCF`,
  ])
})

t.test("another tool's entry for the same programs is named and never touched", async t => {
  const refused = refusal('name-taken', {message: /qemu-mips64el/, hint: /: sudo sh -c 'echo -1 > \S+\/qemu-mips64el'$/})
  t.throws(() => planRegister(wanted, state(qemu), 'until-restart', sudo), refused)
  t.throws(() => planRegister(wanted, state(qemu, own), 'until-restart', sudo), refused)
  t.match(planRegister(wanted, state(own, qemu), 'until-restart', sudo).profiles, [{act: 'keep'}])
  t.same(planUnregister([], state(qemu)), {profiles: [], steps: []})
})

t.test('what is taken out is taken out of binfmt.d as well, and the copy goes with the last', async t => {
  const other = {...own, name: 'xbuild-env-arm64'}
  const both = {...state(own, other), persistent: ['mips64el', 's390x']}
  t.same(steps(planUnregister(['mips64el'], both)), [
    `unregister :xbuild-env-mips64el ${SESSIONS_ACTIVATOR}:POCF`,
    'remove /etc/binfmt.d/xbuild-env.mips64el.conf',
  ])
  const all = planUnregister([], both)
  t.same(all.profiles, ['mips64el', 'arm64', 's390x'])
  t.equal(steps(all).at(-1), `remove ${SESSIONS_ACTIVATOR}`)
  t.throws(() => planUnregister(['mips'], both), refusal('unknown-profile', {hint: /mips64el, arm64, s390x/}))
})
