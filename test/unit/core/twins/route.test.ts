import t from 'tap'
import type {InstalledPackage} from '../../../../lib/core/debian/packages.js'
import {
  isNeverRouted,
  machineParts,
  matchPackages,
  pathPattern,
  ruleFor,
  type TargetFacts,
  type TwinRules,
  twinPaths,
} from '../../../../lib/core/twins/route.js'

const TRIPLE = 'mips64el-linux-gnuabi64'
const HOST = 'amd64'
const MACHINE = 'mips64el-unknown-linux-gnuabi64'

const matches = (pattern: string, path: string) => pathPattern(pattern, TRIPLE).test(path)

t.test('a star stands for anything but a slash', async t => {
  t.ok(matches('/usr/lib/gcc/*/cc1', '/usr/lib/gcc/12/cc1'))
  t.notOk(matches('/usr/lib/gcc/*/cc1', '/usr/lib/gcc/12/x/cc1'))
  t.ok(matches('/usr/bin/cc*', '/usr/bin/cc'))
})

t.test('a pattern is the whole path', async t => {
  t.notOk(matches('/usr/bin/od', '/usr/bin/odd'))
  t.notOk(matches('/usr/bin/od', '/other/usr/bin/od'))
})

t.test('signs of regular expressions mean themselves', async t => {
  t.ok(matches('/usr/bin/{triple}-g++-*', `/usr/bin/${TRIPLE}-g++-12`))
  t.notOk(matches('/usr/bin/a.out', '/usr/bin/a-out'))
  t.ok(matches('/usr/bin/[', '/usr/bin/['))
})

const rules: TwinRules = {
  packages: {},
  never: ['/usr/bin/uname', '/usr/bin/{triple}-never'],
  neverBigEndian: ['/usr/bin/od'],
  never32Bit: ['/usr/bin/date'],
  neverUnsignedChar: ['/usr/bin/mandb'],
  emulateVariables: [],
  preloads: {},
  preloadsLikeHost: {},
  portableLocales: [],
  rules: [],
}

const target = (bits: 32 | 64, endian: 'little' | 'big'): TargetFacts => ({
  triple: TRIPLE,
  architecture: 'mips64el',
  machine: MACHINE,
  uname: 'mips64',
  errors: 'own',
  bits,
  endian,
  char: 'signed',
  distribution: 'debian',
  skew: 'refused',
})

t.test('what tells of the machine is never routed, whatever the target', async t => {
  for (const bits of [32, 64] as const) {
    for (const endian of ['little', 'big'] as const) {
      t.ok(isNeverRouted('/usr/bin/uname', rules, target(bits, endian)))
      t.ok(isNeverRouted(`/usr/bin/${TRIPLE}-never`, rules, target(bits, endian)))
      t.notOk(isNeverRouted('/usr/bin/sed', rules, target(bits, endian)))
    }
  }
})

t.test('what depends on byte order is emulated for big-endian targets only', async t => {
  t.ok(isNeverRouted('/usr/bin/od', rules, target(64, 'big')))
  t.notOk(isNeverRouted('/usr/bin/od', rules, target(64, 'little')))
})

t.test('what depends on word size is emulated for 32-bit targets only', async t => {
  t.ok(isNeverRouted('/usr/bin/date', rules, target(32, 'little')))
  t.notOk(isNeverRouted('/usr/bin/date', rules, target(64, 'big')))
})

t.test('what writes down sums of letters is emulated where a char has no sign', async t => {
  t.ok(isNeverRouted('/usr/bin/mandb', rules, {...target(64, 'little'), char: 'unsigned'}))
  t.notOk(isNeverRouted('/usr/bin/mandb', rules, target(64, 'little')))
})

t.test('a rule is not for the architectures that it excepts', async t => {
  const empty = {variables: [], emulate: [], emulateLeading: [], emulateVariables: [], requireVariables: [], insert: [], replace: []}
  const entry = {paths: ['/usr/bin/ld'], except: ['mips64el'], rule: {...empty, emulate: ['--help']}}
  t.equal(ruleFor('/usr/bin/ld', [entry], target(64, 'little')), undefined)
  t.same(ruleFor('/usr/bin/ld', [entry], {...target(64, 'little'), architecture: 'amd64'})?.emulate, ['--help'])
})

t.test("the rules of all patterns that match are one, with the target's names filled in", async t => {
  const found = ruleFor(
    `/usr/bin/${TRIPLE}-gcc-12`,
    [
      {
        paths: ['/usr/bin/*'],
        rule: {
          variables: ['A=1'],
          emulate: ['-v'],
          emulateLeading: ['-a'],
          emulateVariables: ['V=1'],
          requireVariables: [],
          insert: [],
          replace: [],
        },
      },
      {
        paths: ['/nowhere'],
        rule: {variables: ['NOT'], emulate: [], emulateLeading: [], emulateVariables: [], requireVariables: [], insert: [], replace: []},
      },
      {
        paths: ['/nowhere', '/usr/bin/{triple}-gcc-*'],
        rule: {
          variables: ['T={triple}', 'M={machine}', 'H={hosttype}', 'O={ostype}', 'X={x}'],
          emulate: ['--for-{triple}'],
          emulateLeading: [],
          emulateVariables: [],
          requireVariables: [],
          insert: ['-o', 'A={architecture}'],
          replace: [{from: '/x/{triple}', to: '/y/{triple}'}],
        },
      },
    ],
    {triple: TRIPLE, architecture: 'mips64el', machine: MACHINE, endian: 'little'},
  )
  t.same(found, {
    variables: ['A=1', `T=${TRIPLE}`, `M=${MACHINE}`, 'H=mips64el', 'O=linux-gnuabi64', 'X={x}'],
    emulate: ['-v', `--for-${TRIPLE}`],
    emulateLeading: ['-a'],
    emulateVariables: ['V=1'],
    requireVariables: [],
    insert: ['-o', 'A=mips64el'],
    replace: [{from: `/x/${TRIPLE}`, to: `/y/${TRIPLE}`}],
  })
})

t.test('a path that no pattern matches has no rule', async t => {
  const rule = {variables: [], emulate: [], emulateLeading: [], emulateVariables: [], requireVariables: [], insert: [], replace: []}
  t.equal(
    ruleFor('/usr/bin/sed', [{paths: ['/usr/bin/ed'], rule}], {
      triple: TRIPLE,
      architecture: 'mips64el',
      machine: MACHINE,
      endian: 'little',
    }),
    undefined,
  )
})

t.test("a compiler's twin is the cross compiler's, a tool's has the same path", async t => {
  t.same(twinPaths(`/usr/lib/gcc/${TRIPLE}/12/cc1`, TRIPLE, HOST), [`/usr/lib/gcc-cross/${TRIPLE}/12/cc1`, `/usr/lib/gcc/${TRIPLE}/12/cc1`])
  t.same(twinPaths('/usr/bin/sed', TRIPLE, HOST), ['/usr/bin/sed'])
  t.same(twinPaths('/usr/bin/gdb', TRIPLE, HOST), ['/usr/bin/gdb-multiarch'], 'one that knows all CPUs')
  const tool = (name: string) => `/usr/lib/go-1.19/pkg/tool/linux_${name}/compile`
  t.same(twinPaths(tool('mips64le'), TRIPLE, HOST), [tool('amd64')], 'a directory of Go is named by the architecture')
  const kit = (name: string) => `/usr/lib/jvm/java-17-openjdk-${name}/bin/javac`
  t.same(twinPaths(kit('mips64el'), TRIPLE, HOST), [kit('amd64')], 'and so is one of Java')
  t.same(twinPaths('/usr/lib/gcc/other-triple/12/cc1', TRIPLE, HOST), ['/usr/lib/gcc/other-triple/12/cc1'])
})

/** Whether skewed twins are. */
const ALLOWED = {distribution: 'debian', skew: 'allowed'} as const
const REFUSED = {distribution: 'debian', skew: 'refused'} as const

const pack = (source: string, sourceVersion: string, version = sourceVersion): InstalledPackage => ({
  name: source,
  architecture: 'any',
  version,
  source,
  sourceVersion,
})

t.test('a tool of the same source and version is an exact twin, rebuilt or not', async t => {
  t.equal(matchPackages(pack('sed', '4.9-1'), pack('sed', '4.9-1'), REFUSED), 'exact')
  t.equal(matchPackages(pack('xz-utils', '5.4.1-1', '5.4.1-1+b2'), pack('xz-utils', '5.4.1-1'), REFUSED), 'exact')
})

t.test('a tool of another source or version is no twin, also where skewed twins are allowed', async t => {
  t.equal(matchPackages(pack('mawk', '1.3'), pack('gawk', '1.3'), ALLOWED), 'different')
  t.equal(matchPackages(pack('git', '1:2.39.5-0+deb12u2'), pack('git', '1:2.39.5-0+deb12u1'), ALLOWED), 'different')
})

t.test('a cross compiler of the same version is an exact twin, though its source has another name', async t => {
  t.equal(matchPackages(pack('gcc-14', '14.2.0-19'), pack('gcc-14-cross', '14.2.0-19cross1'), REFUSED), 'exact')
})

t.test('a skewed twin is used where the profile allows it', async t => {
  t.equal(matchPackages(pack('gcc-12', '12.2.0-14+deb12u1'), pack('gcc-12-cross', '12.2.0-14cross5'), ALLOWED), 'skewed')
})

t.test('a skewed twin is refused where the profile does not allow it', async t => {
  t.equal(matchPackages(pack('gcc-12', '12.2.0-14+deb12u1'), pack('gcc-12-cross', '12.2.0-14cross5'), REFUSED), 'different')
})

t.test('a cross compiler of another revision is no twin', async t => {
  t.equal(matchPackages(pack('gcc-14', '14.2.0-19'), pack('gcc-14-cross-mipsen', '14.2.0-13cross1'), ALLOWED), 'different')
})

t.test("a machine's name falls into what bash calls HOSTTYPE and OSTYPE", async t => {
  t.same(machineParts('s390x-ibm-linux-gnu'), {hosttype: 's390x', ostype: 'linux-gnu'})
  t.same(machineParts('arm-unknown-linux-gnueabihf'), {hosttype: 'arm', ostype: 'linux-gnueabihf'})
})

t.test('a rule for one byte order leaves the targets of the other alone', async t => {
  const rules = [
    {
      paths: ['/usr/bin/ld'],
      endian: 'big' as const,
      rule: {variables: [], emulate: ['-flto'], emulateLeading: [], emulateVariables: [], requireVariables: [], insert: [], replace: []},
    },
  ]
  t.same(ruleFor('/usr/bin/ld', rules, {triple: TRIPLE, architecture: 'mips64el', machine: MACHINE, endian: 'big'})?.emulate, ['-flto'])
  t.equal(ruleFor('/usr/bin/ld', rules, {triple: TRIPLE, architecture: 'mips64el', machine: MACHINE, endian: 'little'}), undefined)
})
