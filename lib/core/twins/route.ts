import {compareVersions, crossSourceVersion, type InstalledPackage, type TwinMatch} from '../debian/packages.js'
import type {DistributionName} from '../distributions/distribution.js'
import {DISTRIBUTIONS} from '../distributions/distributions.js'
import type {FileIdentity} from '../file-identity.js'
import {goArchitecture, goToolOf} from './go.js'
import {javaToolOf} from './java.js'

/** A program of the root that is run as its host-native twin. See docs/design/exec.md. */
export interface Route {
  /** The target's file, absolute and without symbolic links. */
  path: string
  /** The twin, relative to the twin set. */
  twin: string
  /** Bytes. */
  twinSize: number
  /** The target's file: one that is another by this is another program. */
  file: FileIdentity
  /** The md5 sum of its bytes, where they were read. */
  sum: string | undefined
  rule: RouteRule | undefined
  package: string
  match: Exclude<TwinMatch, 'different'>
  /** `stub`: the target's file has no build for it yet, so that the twin runs where all else is emulated, too. */
  kind: 'program' | 'stub'
}

/** The same of a package that is being installed: of its file nothing is known yet but the sum that the package has of it. */
export type ComingRoute = Omit<Route, 'file' | 'sum'> & {file: undefined; sum: string}

/** What is different for a twin, or makes a program emulated after all. */
export interface RouteRule {
  /** `NAME=VALUE` is set for the twin, a bare `NAME` removed. */
  variables: readonly string[]
  /** An argument that starts so makes the program emulated; `*` stands for anything. */
  emulate: readonly string[]
  /**
   * An option that is one of these, before the first operand, makes the program emulated, or one that begins so where it ends in
   * `*`; `''`: no argument at all.
   */
  emulateLeading: readonly string[]
  /** A variable, `NAME=VALUE`, that starts so makes the program emulated; `*` stands for anything. */
  emulateVariables: readonly string[]
  /** Without each of these, `NAME=VALUE`, the program is emulated; with `*` at its end, how the variable begins. */
  requireVariables: readonly string[]
  /** Arguments that the twin gets before the given ones. */
  insert: readonly string[]
  /** An argument that ends in `from` (at its start, or behind `=`) ends in `to` instead. */
  replace: readonly {from: string; to: string}[]
}

export interface RouteTable {
  /** The emulator, relative to the twin set. */
  interpreter: string
  arguments: readonly string[]
  /** The order in which the emulator hands variables on to its program: QEMU reversed it before version 8. */
  variableOrder: 'in-order' | 'reversed'
  /** A variable of such a name that is not empty makes a program emulated. */
  emulateVariables: readonly string[]
  /** Libraries that LD_PRELOAD may name all the same: a twin finds its own of that name. */
  preloads: readonly string[]
  /** If any: a locale that is not among them makes a program emulated. */
  locales: readonly string[]
  routes: readonly (Route | ComingRoute)[]
}

/** What the activator goes by where nothing is routed and nothing emulated: entries alone. */
export const NO_ROUTES: RouteTable = {
  interpreter: '',
  arguments: [],
  variableOrder: 'in-order',
  emulateVariables: [],
  preloads: [],
  locales: [],
  routes: [],
}

/** Why a package's programs are emulated. */
export type NoRoute =
  | {reason: 'no-twin'; package: string}
  | {reason: 'other-version'; package: string; version: string; twinVersion: string}
  | {reason: 'changed'; package: string; path: string}
  /** A program that has a twin which cannot do its work; `why` is for people. */
  | {reason: 'unfit'; package: string; path: string; why: string}

/** Which programs may have twins: data of the profiles. `{triple}` in a path stands for the target's. */
export interface TwinRules {
  /** The package of the twin set that has a root package's twins: the same, or that of the cross compiler. */
  packages: Readonly<Record<string, string>>
  /** Programs that are never routed: they tell of the machine, or their output depends on it. */
  never: readonly string[]
  neverBigEndian: readonly string[]
  never32Bit: readonly string[]
  neverUnsignedChar: readonly string[]
  emulateVariables: readonly string[]
  /** Packages, and the libraries of theirs that programs name in LD_PRELOAD: a twin has its own in their place. */
  preloads: Readonly<Record<string, string>>
  /** Those that tell other processes numbers: only of a root whose numbers look as here. */
  preloadsLikeHost: Readonly<Record<string, string>>
  /** Locales whose data every C library can read. */
  portableLocales: readonly string[]
  rules: readonly PathRule[]
}

/** A rule for the programs whose path matches: `*` stands for anything but a slash. */
export interface PathRule {
  paths: readonly string[]
  /** Only for targets of this byte order. */
  endian?: 'little' | 'big' | undefined
  /** Not for these architectures, by Debian's names: seen not to need it. */
  except?: readonly string[] | undefined
  rule: RouteRule
}

export interface TargetFacts {
  triple: string
  /** What Debian calls the architecture. */
  architecture: string
  /** What the root's own bash and make call the machine: `cpu-vendor-system`. */
  machine: string
  /** The machine's name in uname(2), under the emulator. */
  uname: string
  /** Numbers of errno(3). */
  errors: 'common' | 'own'
  bits: 32 | 64
  endian: 'little' | 'big'
  /** Whether a plain `char` of C has a sign: what is computed of letters beyond ASCII goes by it, and may be written down. */
  char: 'signed' | 'unsigned'
  distribution: DistributionName
  /** Whether a cross compiler of the same revision, but before or after an update of the release, is good enough. */
  skew: 'allowed' | 'refused'
}

/** Of each triple, what its patterns were made into: the same few are asked for each file of each package. */
const patterns = new Map<string, Map<string, RegExp>>()

/** A shell-like pattern as a regular expression, with the target's triple filled in. */
export function pathPattern(pattern: string, triple: string): RegExp {
  const known = patterns.get(triple) ?? new Map<string, RegExp>()
  patterns.set(triple, known)
  const found = known.get(pattern) ?? compilePattern(pattern, triple)
  known.set(pattern, found)
  return found
}

function compilePattern(pattern: string, triple: string): RegExp {
  const escaped = pattern.replaceAll('{triple}', triple).replace(/[.+?^$()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '[^/]*')}$`)
}

/** Where a package has no programs, but most of its files. Debian Policy 9.1.1, FHS 4.11 */
export const isData = (path: string): boolean => path.startsWith('/usr/share/')

const matchesAny = (text: string, patterns: readonly string[], triple: string) =>
  patterns.some(pattern => pathPattern(pattern, triple).test(text))

export function isNeverRouted(path: string, rules: TwinRules, target: TargetFacts): boolean {
  const lists = [
    rules.never,
    target.endian === 'big' ? rules.neverBigEndian : [],
    target.bits === 32 ? rules.never32Bit : [],
    target.char === 'unsigned' ? rules.neverUnsignedChar : [],
  ]
  return lists.some(list => matchesAny(path, list, target.triple))
}

/** The rules of all patterns that match, as one. */
export function ruleFor(
  path: string,
  rules: readonly PathRule[],
  target: Pick<TargetFacts, 'triple' | 'architecture' | 'machine' | 'endian'>,
): RouteRule | undefined {
  const {triple, architecture, machine} = target
  const applies = ({endian, except}: PathRule) => (endian ?? target.endian) === target.endian && !except?.includes(architecture)
  const found = rules.filter(entry => applies(entry) && matchesAny(path, entry.paths, triple)).map(entry => entry.rule)
  if (found.length === 0) return undefined
  const values: Record<string, string> = {triple, architecture, machine, goarch: goArchitecture(architecture), ...machineParts(machine)}
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
  return {
    variables: found.flatMap(rule => rule.variables.map(fill)),
    emulate: found.flatMap(rule => rule.emulate.map(fill)),
    emulateLeading: found.flatMap(rule => rule.emulateLeading.map(fill)),
    emulateVariables: found.flatMap(rule => rule.emulateVariables.map(fill)),
    requireVariables: found.flatMap(rule => rule.requireVariables.map(fill)),
    insert: found.flatMap(rule => rule.insert.map(fill)),
    replace: found.flatMap(rule => rule.replace.map(({from, to}) => ({from: fill(from), to: fill(to)}))),
  }
}

/**
 * The gdb of a root knows its own CPU alone, as the host's does; one program knows them all. Nobody can trace what is emulated, which
 * tells of itself: a strace of our own, shims/strace, says it.
 */
const OTHER_TWINS: Readonly<Record<string, string>> = {'/usr/bin/gdb': '/usr/bin/gdb-multiarch', '/usr/bin/strace': '/usr/bin/perl'}

/**
 * The paths in the twin set where a program's twin may be: its own, a cross compiler's, another program's that does its work, or of a tool
 * of Go's or Java's. `host`: what Debian calls its architecture.
 */
export function twinPaths(path: string, triple: string, host: string): string[] {
  if (Object.hasOwn(OTHER_TWINS, path)) return [OTHER_TWINS[path] as string]
  const tool = goToolOf(path, host) ?? javaToolOf(path, host)
  if (tool !== undefined) return [tool]
  const cross = path.replace(`/gcc/${triple}/`, `/gcc-cross/${triple}/`)
  return cross === path ? [path] : [cross, path]
}

/** `cpu-vendor-system` as bash has it: HOSTTYPE and OSTYPE. */
export function machineParts(machine: string): {hosttype: string; ostype: string} {
  const [cpu = '', , ...system] = machine.split('-')
  return {hosttype: cpu, ostype: system.join('-')}
}

/**
 * Whether numbers in memory look as the host's do, size and byte order. Both hosts that there are have 64 bits and are
 * little-endian: lib/core/host.ts.
 */
export const looksLikeHost = ({bits, endian}: Pick<TargetFacts, 'bits' | 'endian'>) => bits === 64 && endian === 'little'

/** How a package of the twin set compares to the root's; `different` also for another source. */
export function matchPackages(
  target: InstalledPackage,
  twin: InstalledPackage,
  {distribution, skew}: Pick<TargetFacts, 'distribution' | 'skew'>,
): TwinMatch {
  const isCross = /cross\d+(\+b\d+)?$/.test(twin.version)
  if (!isCross) return target.source === twin.source ? exactOnly(target.sourceVersion, twin.sourceVersion) : 'different'
  const match = compareVersions(target.sourceVersion, crossSourceVersion(twin.version), DISTRIBUTIONS[distribution])
  return match === 'skewed' && skew === 'refused' ? 'different' : match
}

const exactOnly = (target: string, twin: string): TwinMatch => (target === twin ? 'exact' : 'different')
