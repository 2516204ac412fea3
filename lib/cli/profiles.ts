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

const HEAD = ['PROFILE', 'TARGET', 'SUITE', 'ROOT', 'COMPILER', 'TRIED']

/** Columns that a line of prose may have: as many as the table at its widest. */
const WIDTH = 100

/** A paragraph in lines of so many columns, all but the first indented. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = `${indent}${word}`
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function describeAll(targets: readonly Target[]): string {
  const rows = targets.flatMap(target =>
    suitesOf(target).map(({suite, root, compiler, tried, note}, i) => [
      ...(i === 0 ? [target.name, target.label] : ['', '']),
      suite === target.defaultSuite ? `${suite} *` : suite,
      root,
      note === undefined ? compiler : `${compiler} (note)`,
      tried === false ? 'no' : 'yes',
    ]),
  )
  const notes = targets.flatMap(target =>
    suitesOf(target).flatMap(({suite, note}) => (note === undefined ? [] : [`${target.name} ${suite}: ${note}`])),
  )
  return [
    table([HEAD, ...rows]),
    '',
    '* the suite that is taken unless --suite names another; "xbuild-env profiles PROFILE" has all of one',
    "ROOT: debian, of the suite's own packages; cross, for a CPU that it has only a cross compiler for",
    "COMPILER: the twin of the root's compiler",
    ...Object.entries(TWINS).flatMap(([word, meaning]) => wrapped(`  ${word.padEnd(6)}  ${meaning}`, ' '.repeat(10))),
    ...(notes.length > 0 ? ['', 'Notes', ...notes.flatMap(text => wrapped(`  ${text}`, '    '))] : []),
  ].join('\n')
}

async function describeOne(target: Target): Promise<string> {
  const suites = await Promise.all(suitesOf(target).map(suite => describeSuite(target, suite)))
  const rows = [
    ['profile', target.name],
    ['target', target.label],
    ...(target.aliases.length > 0 ? [['also called', target.aliases.join(', ')]] : []),
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
