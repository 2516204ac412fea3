import {type EmulatedProfile, emulatorPath, fillTriple, readProfile, readTargets, type Target} from '../config/profiles.js'
import {printAs} from './json.js'
import {print, table} from './output.js'

const TWINS = {
  exact: "the cross compiler is the same version as the root's compiler: it stands in for it, and makes the same bytes",
  skewed: 'the cross compiler lacks a stable update that changed no code: the same bytes but for the revision string',
  none: "it makes other code, or is not there: the root's own compiler runs emulated, slowly",
  native: "this machine's own architecture: the root's own compiler runs by itself, as everything in it",
} as const

const ROOTS = {
  debian: 'from the archive,',
  cross: "laid out from the cross compiler's libraries and the host's architecture's root,",
} as const

const describeTried = (tried: string | false) => (tried === false ? 'not tried' : tried)

interface SuiteOfTarget {
  suite: string
  root: keyof typeof ROOTS
  compiler: keyof typeof TWINS
  tried: string | false
  note?: string | undefined
}

/** The default suite first. */
const suitesOf = (target: Target): SuiteOfTarget[] =>
  factsOfSuites(target).sort(
    ({suite: a}, {suite: b}) => Number(b === target.defaultSuite) - Number(a === target.defaultSuite) || a.localeCompare(b),
  )

function factsOfSuites(target: Target): SuiteOfTarget[] {
  switch (target.programs) {
    case 'emulated':
      return Object.entries(target.suites).map(([suite, {compilerTwin, ...facts}]) => ({suite, compiler: compilerTwin, ...facts}))
    case 'native':
      return Object.entries(target.suites).map(([suite, facts]) => ({suite, root: 'debian', compiler: 'native', ...facts}))
  }
}

/** All targets, or all of one. */
export async function profiles(name: string | undefined, options: {json?: boolean}): Promise<number> {
  if (name === undefined) {
    const targets = await readTargets()
    if (options.json) printAs('profiles', targets)
    else print(describeAll(targets))
    return 0
  }
  const {target} = await readProfile(name)
  if (options.json) printAs('profiles PROFILE', target)
  else print(await describeOne(target))
  return 0
}

const HEAD = ['PROFILE', 'TARGET', 'CPU', 'ABI', 'BITS', 'BYTE ORDER', 'SUITE', 'ROOT', 'COMPILER', 'TRIED']

function describeAll(targets: readonly Target[]): string {
  const rows = targets.flatMap(target => {
    const own = [target.name, target.label, target.cpu, target.abi, String(target.bits), target.endian]
    return suitesOf(target).map(({suite, root, compiler, tried, note}, i) => [
      ...(i === 0 ? own : own.map(() => '')),
      suite === target.defaultSuite ? `${suite} *` : suite,
      root,
      note === undefined ? compiler : `${compiler} (note)`,
      describeTried(tried),
    ])
  })
  const notes = targets.flatMap(target =>
    suitesOf(target).flatMap(({suite, note}) => (note === undefined ? [] : [`${target.name} ${suite}: ${note}`])),
  )
  const legend = Object.entries(TWINS).map(([word, meaning]) => [`  ${word}`, meaning])
  return [
    table([HEAD, ...rows]),
    '',
    '* the suite that is taken unless --suite names another',
    "ROOT: debian, of the suite's own packages; cross, for a CPU that it has only a cross compiler for",
    "COMPILER: the twin of the root's compiler",
    table(legend),
    ...(notes.length > 0 ? ['', 'Notes', ...notes.map(note => `  ${note}`)] : []),
  ].join('\n')
}

async function describeOne(target: Target): Promise<string> {
  const suites = await Promise.all(suitesOf(target).map(suite => describeSuite(target, suite)))
  const rows = [
    ['profile', target.name],
    ['target', target.label],
    ['CPU', target.cpu],
    ['ABI', `${target.abi}, ${target.bits} bits, ${target.endian}-endian`],
    ['triple', target.triple],
    ['architecture', target.architecture],
    ['emulator', describeEmulator(target)],
    ['magic', target.elf.magic],
    ['mask', target.elf.mask],
    ...suites.flat(),
  ]
  return table(rows)
}

function describeEmulator(target: Target): string {
  switch (target.programs) {
    case 'emulated':
      return [target.qemu.program, ...target.qemu.arguments].join(' ')
    case 'native':
      return "none: this machine's own architecture"
  }
}

async function describeSuite(target: Target, {suite, root, compiler, tried, note}: SuiteOfTarget): Promise<string[][]> {
  const profile = await readProfile(target.name, suite)
  const {label, root: made} = profile.suite
  return [
    ['suite', `${suite}, ${label}${suite === target.defaultSuite ? ' (the default)' : ''}`],
    ['  tried', describeTried(tried)],
    ['  root', [ROOTS[root], 'with', made.include.join(', ')].join(' ')],
    ['  compiler', `${compiler}: ${TWINS[compiler]}`],
    ...(note === undefined ? [] : [['  note', note]]),
    ...(profile.programs === 'native' ? [] : describeTwins(profile)),
  ]
}

function describeTwins(profile: EmulatedProfile): string[][] {
  const {target, suite} = profile
  const {base, emulator} = suite.twins
  const crossPackages = fillTriple(base, target).filter(word => word.includes(target.triple))
  return [
    ['  twins', `${crossPackages.join(', ')}, and ${base.length - crossPackages.length} more packages`],
    ['  emulator', `${emulatorPath(profile)} of ${emulator.package}`],
  ]
}
