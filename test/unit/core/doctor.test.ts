import t from 'tap'
import type {RootAccess} from '../../../lib/core/as-root.js'
import type {EntryFacts} from '../../../lib/core/binfmt/stale-entries.js'
import {diagnose, isUsable} from '../../../lib/core/doctor/doctor.js'
import type {Facts, SessionTrials} from '../../../lib/core/doctor/facts.js'
import {hasPrivateBinfmt, isAtLeast} from '../../../lib/core/kernel.js'
import {SESSIONS_ACTIVATOR} from '../../../lib/core/places.js'

const worked = {worked: true} as const
const no = {worked: false, why: 'Operation not permitted'} as const
const sudo: RootAccess = {way: 'sudo', xbuildEnv: ['/opt/node', '/opt/xbuild-env.js']}

/** A Debian 12 machine with a newer kernel, on which all is well. */
const good: Facts = {
  node: '20.20.2',
  architecture: {name: 'x64', known: true},
  kernel: '6.18.44-test',
  user: {name: 'ada', uid: 1000},
  root: sudo,
  surroundings: 'host',
  ids: {uids: 65536, gids: 65536, give: ['usermod', 'ada']},
  idPrograms: {newuidmap: 'privileged', newgidmap: 'privileged'},
  noNewPrivileges: false,
  namespaces: {limit: 96365, debianSwitch: undefined, apparmorSwitch: undefined, trial: worked},
  fileSystems: ['overlay', 'binfmt_misc', 'tmpfs'],
  binfmt: {way: 'private', inKernel: true, system: {instance: 'not-mounted', entries: [], persistent: []}, profiles: []},
  session: {trial: worked, binfmt: worked, overlay: worked, memory: worked, binds: worked},
  programs: ['apt-get', 'flock', 'cc', 'make', 'gpg'],
  mmdebstrap: 'mmdebstrap 1.3.5',
  keys: ['bookworm', 'trixie'],
  missingShims: [],
  data: {directory: '/home/ada/.local/share/xbuild-env', writable: true, noexec: false, freeBytes: 50e9},
  container: undefined,
}

const failedSession: SessionTrials = {trial: no, binfmt: undefined, overlay: undefined, memory: undefined, binds: undefined}
const trials = (more: Partial<SessionTrials>): Facts => ({...good, session: {...failedSession, trial: worked, ...good.session, ...more}})

const stateOf = (facts: Facts, name: string) => diagnose(facts, ['bookworm', 'trixie']).find(result => result.name === name)

t.test('a host that has all is usable, and nothing is to be mended', async t => {
  const results = diagnose(good, ['bookworm', 'trixie'])
  t.ok(isUsable(results))
  t.same(
    results.filter(({fix}) => fix !== undefined),
    [],
  )
})

t.test('what is missing makes the host unusable, and each has a fix', async t => {
  const hosts: [string, Facts][] = [
    ['kernel', {...good, kernel: '5.10.0-30-amd64', session: failedSession}],
    ['overlayfs', trials({overlay: no})],
    ['binds', trials({binds: no})],
    ['binfmt_misc', trials({binfmt: no})],
    ['apt', {...good, programs: good.programs.filter(program => program !== 'apt-get')}],
    ['ids', {...good, ids: {...good.ids, uids: 0}}],
    ['id programs', {...good, idPrograms: {newuidmap: 'absent', newgidmap: 'privileged'}}],
    ['id programs', {...good, idPrograms: {newuidmap: 'plain', newgidmap: 'privileged'}}],
    ['mmdebstrap', {...good, mmdebstrap: undefined}],
    ['data directory', {...good, data: {...good.data, noexec: true}}],
    ['data directory', {...good, data: {...good.data, writable: false}}],
    ['shims', {...good, missingShims: ['/x/xbuild-session']}],
    ['architecture', {...good, architecture: {name: 'arm64', known: false}}],
    [
      'user namespaces',
      {...good, session: undefined, namespaces: {...good.namespaces, limit: 0, trial: {worked: false, why: 'No space left on device'}}},
    ],
  ]
  for (const [name, facts] of hosts) {
    const result = stateOf(facts, name)
    t.equal(result?.state, 'missing', `${name}: ${result?.what}`)
    t.ok(result?.fix, `${name} says what to do`)
    t.notOk(isUsable(diagnose(facts, ['bookworm', 'trixie'])))
  }
})

t.test('in a container that forbids sessions, one line says what to add, to whatever starts the container', async t => {
  const systems = [
    [undefined, /--privileged, or with --security-opt seccomp=unconfined --security-opt/],
    ['github', /options: --privileged/],
    ['gitlab', /config\.toml, add to \[runners\.docker\]: privileged = true/],
    ['woodpecker', /privileged: true; the repository has to be trusted/],
  ] as const
  for (const [ci, fix] of systems) {
    const container = {marker: '/.dockerenv', filtered: true, ci}
    const filtered = {
      ...good,
      container,
      namespaces: {...good.namespaces, trial: no},
      session: failedSession,
    }
    t.match(stateOf(filtered, 'user namespaces'), {state: 'missing', what: /Operation not permitted/, fix})
    // Namespaces can be made, and /proc is masked.
    const masked = {...filtered, namespaces: good.namespaces}
    t.match(stateOf(masked, 'session'), {state: 'missing', what: /Operation not permitted/, fix})
    t.notMatch(stateOf(masked, 'session')?.fix, /\n/)
  }
})

t.test('what keeps a session away that is not the container is not laid to it', async t => {
  const container = {marker: '/.dockerenv', filtered: true, ci: undefined}
  const idless = {...good, container, ids: {uids: 0, gids: 0, give: ['usermod', '--add-subuids', '1-2', 'ada']}, session: failedSession}
  t.match(stateOf(idless, 'ids'), {state: 'missing', fix: 'sudo usermod --add-subuids 1-2 ada'})
  t.equal(stateOf(idless, 'container')?.state, 'ok')
  t.notMatch(stateOf(idless, 'session')?.fix, /privileged/)
})

t.test('a range of 65536 ids is told as what it is', async t => {
  t.equal(stateOf(good, 'ids')?.what, 'ada has 65536 subordinate ids')
})

t.test('a kernel counts by what was tried, not by its version', async t => {
  t.equal(stateOf({...good, kernel: '5.10.0-30-amd64'}, 'kernel')?.state, 'ok')
  t.match(stateOf(trials({memory: no}), 'tmpfs'), {state: 'warning', what: /dpkg may fail: Operation not permitted/, fix: /6\.6/})
  t.ok(isUsable(diagnose(trials({memory: no}), [])))
})

/** As the kernel shows them, of a system on which sessions use its binfmt_misc. */
const ELF = {state: 'enabled', flags: 'POCF', offset: 0, magic: '7f454c4602', mask: 'ffffffffff', registered: 2, changed: 1} as const
const own: EntryFacts = {...ELF, name: 'xbuild-env-mips64el', interpreter: SESSIONS_ACTIVATOR, origin: 'unknown', activator: 'current'}
const qemu: EntryFacts = {...own, name: 'qemu-mips64el', interpreter: '/usr/bin/qemu', flags: 'OPF', activator: undefined}
const old = (entries: readonly EntryFacts[], profiles: readonly string[] = []): Facts => ({
  ...trials({binfmt: undefined}),
  kernel: '6.1.0-41-amd64',
  binfmt: {way: 'system', inKernel: true, system: {instance: 'on', entries, persistent: []}, profiles},
})

t.test("where sessions use the system's binfmt_misc, it has to hand the profiles' programs to the activator", async t => {
  t.notOk(hasPrivateBinfmt('6.1.0-28-amd64'))
  t.ok(hasPrivateBinfmt('6.7.0'))
  const line = 'sudo /opt/node /opt/xbuild-env.js system register'
  t.match(stateOf(old([]), 'binfmt_misc'), {state: 'missing', fix: new RegExp(`: ${line} mips64el$`)})
  t.match(stateOf(old([own]), 'binfmt_misc'), {state: 'ok', what: "the system's, with mips64el"})
  t.match(stateOf(old([own], ['mips64el', 's390x']), 'binfmt_misc'), {state: 'missing', fix: new RegExp(`: ${line} s390x$`)})
  t.match(stateOf(old([qemu, own]), 'binfmt_misc'), {state: 'missing', what: /entry "qemu-mips64el"/, fix: /: sudo sh -c 'echo -1 > .*'$/})
  t.match(stateOf(old([own, qemu]), 'binfmt_misc'), {state: 'ok'})
})

t.test("each finding about the system's entries is a line of its own", async t => {
  const foreign = Array.from({length: 30}, (_, i) => ({...qemu, name: `qemu-${i}`, magic: `7f454c46${String(i).padStart(2, '0')}`}))
  const lines = diagnose({...good, binfmt: {...good.binfmt, system: {instance: 'off', entries: foreign, persistent: []}}}, []).filter(
    ({name}) => name === "system's entries",
  )
  t.match(lines, [
    {what: /switched off/, fix: /^sudo sh -c 'echo 1 > .*status'$/},
    {what: /^30 entries \(qemu-0, qemu-1 …\): without flag C/},
  ])
  t.equal(lines.length, 2)
})

t.test('another kind of machine is refused in one line', async t => {
  t.match(stateOf({...good, architecture: {name: 'arm64', known: false}}, 'architecture'), {state: 'missing', what: /arm64/, fix: /x86-64/})
})

t.test('versions are compared by number', async t => {
  t.ok(isAtLeast('6.18.44', '6.7'))
  t.ok(isAtLeast('20.20.2', '20'))
  t.notOk(isAtLeast('5.9.1', '5.12'))
})

t.test('where user namespaces cannot be made, the real cause is told, and no security module blamed', async t => {
  const refused: Facts = {...good, namespaces: {...good.namespaces, trial: no}, session: failedSession}
  t.match(stateOf({...refused, surroundings: 'chroot'}, 'user namespaces'), {state: 'missing', what: /this is a chroot/})
  t.match(stateOf({...refused, surroundings: 'session'}, 'user namespaces'), {state: 'missing', what: /a session of xbuild-env itself/})
  t.match(stateOf(refused, 'user namespaces'), {state: 'missing', fix: /security module/})
})
