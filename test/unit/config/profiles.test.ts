import t from 'tap'
import {
  emulatorPath,
  fillTriple,
  findTarget,
  readEmulatedProfile,
  readProfile,
  readTargets,
  readTwinRules,
  rootKind,
  type Target,
} from '../../../lib/config/profiles.js'
import {matchesMagic} from '../../../lib/core/elf/header.js'
import {hostArchitecture} from '../../../lib/core/hosts/hosts.js'
import {ET_DYN, ET_EXEC, elfFile} from '../elf-file.js'
import {refusal} from '../refusal.js'

/** <elf.h>, EM_*, by Debian's name of the architecture. */
const MACHINES: Record<string, number> = {
  alpha: 0x9026,
  amd64: 62,
  arm64: 183,
  armel: 40,
  armhf: 40,
  hppa: 15,
  loong64: 258,
  m68k: 4,
  mips: 8,
  mips64: 8,
  mips64el: 8,
  mips64r6: 8,
  mips64r6el: 8,
  mipsel: 8,
  mipsr6: 8,
  mipsr6el: 8,
  powerpc: 20,
  ppc64: 21,
  ppc64el: 21,
  riscv64: 243,
  s390x: 22,
  sh4: 42,
  sparc64: 43,
}

function machineOf({name}: Target): number {
  const machine = MACHINES[name]
  if (machine === undefined) throw new Error(`MACHINES in this test has no ${name}: its number in <elf.h>`)
  return machine
}

/** A program of a target. */
const program = (target: Target, more: {type?: number; osAbi?: number; abiVersion?: number} = {}) =>
  elfFile({bits: target.bits, endian: target.endian, machine: machineOf(target), ...more})

const isTaken = (target: Target, bytes: Buffer) =>
  matchesMagic(bytes, Buffer.from(target.elf.magic, 'hex'), Buffer.from(target.elf.mask, 'hex'))

/** arm and armel, say: their programs differ in their contents only. */
const lookAlike = (a: Target, b: Target) => a.bits === b.bits && a.endian === b.endian && machineOf(a) === machineOf(b)

t.test('every shipped profile is valid, with each of its suites', async t => {
  const targets = await readTargets()
  t.ok(targets.length > 0)
  for (const {name, suites} of targets) {
    for (const suite of Object.keys(suites)) {
      const profile = await readProfile(name, suite)
      t.equal(profile.suite.suite, suite)
      if (profile.programs === 'emulated') await readTwinRules(profile)
    }
  }
})

t.test('the default suite is one that the target has', async t => {
  for (const target of await readTargets()) {
    t.ok(target.suites[target.defaultSuite], target.name)
    t.equal((await readProfile(target.name)).suite.suite, target.defaultSuite)
  }
})

t.test('a target is found under its own name', async t => {
  for (const {name} of await readTargets()) t.equal((await readProfile(name)).target.name, name)
})

t.test('magic and mask are of the same length, and no longer than the kernel reads', async t => {
  for (const {name, elf} of await readTargets()) {
    t.equal(elf.magic.length, elf.mask.length, name)
    t.ok(elf.magic.length <= 2 * 128, name) // BINPRM_BUF_SIZE was 128 bytes up to Linux 5.0
  }
})

t.test("the kernel takes a target's programs by their header, whatever their system and kind", async t => {
  for (const target of await readTargets()) {
    t.ok(isTaken(target, program(target, {type: ET_EXEC})), `${target.name}, fixed address`)
    t.ok(isTaken(target, program(target, {type: ET_DYN})), `${target.name}, position independent`)
    t.ok(isTaken(target, program(target, {osAbi: 3})), `${target.name}, GNU`)
  }
})

t.test('the kernel takes no objects and core files for programs', async t => {
  for (const target of await readTargets()) {
    t.notOk(isTaken(target, program(target, {type: 1})), `${target.name}, object`)
    t.notOk(isTaken(target, program(target, {type: 4})), `${target.name}, core file`)
  }
})

t.test("the kernel does not take another target's programs, unless they look alike", async t => {
  const targets = await readTargets()
  for (const target of targets) {
    for (const other of targets) t.equal(isTaken(target, program(other)), lookAlike(target, other), `${target.name} and ${other.name}`)
  }
})

t.test("the host's own programs are taken for no target's that needs an emulator", async t => {
  const host = elfFile({bits: 64, endian: 'little', machine: 62})
  for (const target of await readTargets()) t.equal(isTaken(target, host), target.programs === 'native', target.name)
})

t.test("what runs by itself is the host's own architecture, of the archive, without twins and emulator", async t => {
  const {debian, triple, machine} = hostArchitecture()
  const native = (await readTargets()).filter(({programs}) => programs === 'native')
  t.match(native, [{name: debian, architecture: debian, triple, defaultSuite: 'bookworm', suites: {bookworm: {}, trixie: {}}}])
  t.equal(native.length, 1)
  t.equal(MACHINES[debian], machine)
  t.equal(rootKind(await readProfile(debian)), 'debian')
  await t.rejects(
    readEmulatedProfile(debian),
    refusal('usage', {hint: `nothing is needed but an environment of it: xbuild-env create ${debian}`}),
  )
  t.equal((await readEmulatedProfile('arm64')).target.name, 'arm64')
})

t.test('mips64el and mipsel differ, armel and armhf do not', async t => {
  const find = async (name: string) => (await readProfile(name)).target
  const [mips64el, mipsel, armel, armhf] = await Promise.all(['mips64el', 'mipsel', 'armel', 'armhf'].map(find))
  t.not(mips64el?.elf.magic, mipsel?.elf.magic)
  t.same(armel?.elf, armhf?.elf)
})

t.test('a misspelt profile is refused, with the one that was meant', async t => {
  await t.rejects(readProfile('mips64ell'), refusal('unknown-profile', {hint: /did you mean mips64el\?/}))
  await t.rejects(readProfile('arn64'), refusal('unknown-profile', {hint: /did you mean arm64\?/}))
})

t.test('a profile that is like none is refused without a guess', async t => {
  await t.rejects(readProfile('pdp11-unibus'), refusal('unknown-profile', {hint: /^"xbuild-env profiles" lists all$/}))
})

t.test('a suite that the target does not have is refused, with those that it has', async t => {
  await t.rejects(readProfile('mips64el', 'trixie'), refusal('unknown-suite', {hint: 'it has: bookworm'}))
})

t.test("names of a suite are filled with the target's triple and emulator", async t => {
  const profile = await readEmulatedProfile('mips64el', 'bookworm')
  t.same(fillTriple(['gcc-12-{triple}', 'sed'], profile.target), ['gcc-12-mips64el-linux-gnuabi64', 'sed'])
  t.equal(emulatorPath(profile), 'usr/bin/qemu-mips64el-static')
  const {packages} = await readTwinRules(profile)
  t.equal(packages.sed, 'sed')
  t.equal(packages['gcc-12'], 'gcc-12-mips64el-linux-gnuabi64')
  t.notOk(Object.keys(packages).some(name => name.includes('{')))
})

t.test('every path of the twin rules is absolute, and in a merged /usr', async t => {
  const rules = await readTwinRules(await readEmulatedProfile('mips64el'))
  const paths = [
    ...rules.never,
    ...rules.neverBigEndian,
    ...rules.never32Bit,
    ...rules.neverUnsignedChar,
    ...rules.rules.flatMap(rule => rule.paths),
  ]
  for (const path of paths) t.match(path, /^\/usr\//)
})

t.test("a suite's compilers have the linker's plugin where sessions show it, and its pythons may have twins", async t => {
  for (const {name, suites} of (await readTargets()).filter(target => target.programs === 'emulated')) {
    for (const suiteName of Object.keys(suites)) {
      const profile = await readEmulatedProfile(name, suiteName)
      const {rules, packages} = await readTwinRules(profile)
      const replaced = rules.flatMap(({rule}) => rule.replace.map(({from}) => from))
      const version = profile.suite.twins.base.find(pack => pack.startsWith('gcc-'))?.split('-')[1]
      t.ok(
        replaced.some(path => path.endsWith(`/${version}/liblto_plugin.so`)),
        `${suiteName}: gcc ${version}`,
      )
      for (const pack of profile.suite.twins.lookalike) t.ok(pack in packages, `${suiteName}: ${pack}`)
    }
  }
})

t.test('a profile is found by what compilers, kernels and container tools call its CPU, and each name is one profile', async t => {
  const targets = await readTargets()
  const found = (name: string) => findTarget(name, targets)?.name
  t.same(
    [
      'aarch64',
      'linux/arm64',
      'linux/arm64/v8',
      'x86_64',
      'linux/amd64',
      'ppc64le',
      'arm/v7',
      'linux/arm/v7',
      's390x-linux-gnu',
      'AArch64',
    ].map(found),
    ['arm64', 'arm64', 'arm64', 'amd64', 'amd64', 'ppc64el', 'armhf', 'armhf', 's390x', 'arm64'],
  )
  t.same(['linux', 'arm', '', 'linux/windows'].map(found), [undefined, undefined, undefined, undefined])
  const names = targets.flatMap(({name, triple, aliases}) => [name, triple, ...aliases])
  t.same(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
  )
})
