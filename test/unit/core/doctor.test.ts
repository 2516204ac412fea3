import t from 'tap'
import {diagnose, type Facts, hasPrivateBinfmt, isAtLeast, isUsable} from '../../../lib/core/doctor.js'

const worked = {worked: true} as const

/** A Debian 12 machine with a newer kernel, on which all is well. */
const good: Facts = {
  node: '20.20.2',
  architecture: {name: 'x64', known: true},
  kernel: '6.18.44-test',
  user: {name: 'ada', uid: 1000},
  ids: {uids: 65536, gids: 65536},
  idPrograms: {newuidmap: 'privileged', newgidmap: 'privileged'},
  noNewPrivileges: false,
  namespaces: {limit: 96365, debianSwitch: undefined, apparmorSwitch: undefined, trial: worked},
  fileSystems: ['overlay', 'binfmt_misc', 'tmpfs'],
  systemBinfmt: {mounted: false, registered: [], entries: []},
  session: {trial: worked, binfmt: worked, overlay: worked},
  programs: ['mmdebstrap', 'flock', 'cc', 'make', 'gpgv', 'gpg', 'apt-get', 'script'],
  keys: ['bookworm', 'trixie'],
  missingShims: [],
  data: {directory: '/home/ada/.local/share/xbuild-env', writable: true, mountOptions: ['rw'], freeBytes: 50e9},
  container: undefined,
}

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
    ['kernel', {...good, kernel: '5.10.0-30-amd64'}],
    ['ids', {...good, ids: {uids: 0, gids: 65536}}],
    ['id programs', {...good, idPrograms: {newuidmap: 'absent', newgidmap: 'privileged'}}],
    ['id programs', {...good, idPrograms: {newuidmap: 'plain', newgidmap: 'privileged'}}],
    ['mmdebstrap', {...good, programs: good.programs.filter(program => program !== 'mmdebstrap')}],
    ['data directory', {...good, data: {...good.data, writable: false}}],
    ['shims', {...good, missingShims: ['/x/xbuild-session']}],
    ['architecture', {...good, architecture: {name: 'mips', known: false}}],
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
  const no = {worked: false, why: 'Operation not permitted'} as const
  for (const [ci, fix] of systems) {
    const container = {marker: '/.dockerenv', filtered: true, ci}
    const filtered = {
      ...good,
      container,
      namespaces: {...good.namespaces, trial: no},
      session: {trial: no, binfmt: undefined, overlay: undefined},
    }
    t.match(stateOf(filtered, 'user namespaces'), {state: 'missing', what: /Operation not permitted/, fix})
    // Namespaces can be made, and /proc is masked.
    const masked = {...filtered, namespaces: good.namespaces}
    t.match(stateOf(masked, 'session'), {state: 'missing', what: /Operation not permitted/, fix})
    t.notMatch(stateOf(masked, 'session')?.fix, /\n/)
  }
})

t.test("a kernel before 6.7 is usable through the system's binfmt_misc, once it is registered there", async t => {
  t.notOk(hasPrivateBinfmt('6.1.0-28-amd64'))
  t.ok(hasPrivateBinfmt('6.7.0'))
  const old = {...good, kernel: '6.6.1', session: {trial: worked, binfmt: undefined, overlay: worked}}
  t.match(stateOf(old, 'binfmt_misc')?.fix, /system register/)
  const registered = {...old, systemBinfmt: {mounted: true, registered: ['xbuild-env-mips64el'], entries: []}}
  t.not(stateOf(registered, 'binfmt_misc')?.state, 'missing')
})

t.test('versions are compared by number', async t => {
  t.ok(isAtLeast('6.18.44', '6.7'))
  t.ok(isAtLeast('20.20.2', '20'))
  t.notOk(isAtLeast('5.9.1', '5.12'))
})
