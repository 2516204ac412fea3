import {readdir, readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'
import {XbuildError} from '../core/errors.js'
import {nearest} from '../core/nearest.js'
import type {TwinRules} from '../core/twins/route.js'

/** All packages of this priority, as apt knows them (man 7 apt-patterns): what a root has besides essential ones. */
const PRIORITY_REQUIRED = '?priority(required)'

export const packageName = z.string().regex(/^[a-z0-9{][a-z0-9+.{}*-]*$/)
const hexBytes = z.string().regex(/^([0-9a-f]{2})+$/)

const suiteSchema = z.strictObject({
  suite: z.string(),
  distribution: z.enum(['debian', 'ubuntu']),
  label: z.string(),
  /**
   * Who makes the links of a merged /usr: the suite's own packages, or xbuild-env before anything is unpacked, and then whether the
   * suite's `usrmerge`, which finds nothing to do, is installed.
   */
  mergedUsr: z.enum(['by-packages', 'linked', 'linked-without-usrmerge']),
  root: z.strictObject({include: z.array(z.union([packageName, z.literal(PRIORITY_REQUIRED)]))}),
  /** More packages for roots, and twin sets, of CPUs without an archive. */
  cross: z.strictObject({include: z.array(packageName), twins: z.array(packageName)}),
  twins: z.strictObject({
    /** `variables`: the order in which it hands environment variables on. */
    emulator: z.strictObject({package: packageName, path: z.string(), variables: z.enum(['in-order', 'reversed'])}),
    /** What every twin set has. */
    base: z.array(packageName),
    /** Of these, or what they need: what the installation of a root runs. */
    first: z.array(packageName),
    /** More, for targets whose numbers look in memory as the host's do: interpreters that run native nowhere else. */
    lookalike: z.array(packageName),
    /** Packages of the root, and the cross compiler's package that has their twins. */
    compilers: z.record(packageName, packageName),
  }),
})

/** What is known of every target. */
const target = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  label: z.string(),
  /** What compilers, kernels and container tools call the CPU. */
  aliases: z.array(z.string()).default([]),
  cpu: z.string(),
  abi: z.string(),
  bits: z.union([z.literal(32), z.literal(64)]),
  endian: z.enum(['little', 'big']),
  triple: z.string(),
  /** The kernel's binfmt_misc magic and mask: qemu's scripts/qemu-binfmt-conf.sh. */
  elf: z.strictObject({magic: hexBytes, mask: hexBytes}),
  /** What Debian calls the architecture, whether it has packages for it or not: dpkg's cputable and ostable. */
  architecture: z.string(),
  defaultSuite: z.string(),
})

const suiteOfAny = z.strictObject({tried: z.union([z.literal(false), z.string()]), note: z.string().optional()})

/** A target whose programs need an emulator, or twins. */
const emulatedTarget = target.extend({
  programs: z.literal('emulated'),
  /** What the root's own bash and make call the machine: `cpu-vendor-system`. */
  machine: z.string().regex(/^[^-]+-[^-]+-.+$/),
  /** Debian's package of the C library: its number is that of the library's soname, which on alpha is another. */
  libc: z.string().default('libc6'),
  /** The machine's name in uname(2), under the emulator. */
  uname: z.string(),
  /** Numbers of errno(3): `common` to most architectures (asm-generic/errno.h), or this one's `own` (its asm/errno.h). */
  errors: z.enum(['common', 'own']),
  /** Whether a plain `char` of C has a sign: DEFAULT_SIGNED_CHAR of gcc/config/CPU. */
  char: z.enum(['signed', 'unsigned']),
  qemu: z.strictObject({program: z.string(), arguments: z.array(z.string())}),
  suites: z.record(
    z.string(),
    suiteOfAny.extend({
      /** `debian`: the suite has packages for the architecture. `cross`: only a cross compiler and what belongs to it. */
      root: z.enum(['debian', 'cross']),
      /** `skewed`: the cross compiler is the same Debian revision without a stable update that changed no code. */
      compilerTwin: z.enum(['exact', 'skewed', 'none']),
    }),
  ),
})

/** The host's own architecture: the kernel runs its programs by itself. */
const nativeTarget = target.extend({programs: z.literal('native'), suites: z.record(z.string(), suiteOfAny)})

const targetSchema = z.discriminatedUnion('programs', [emulatedTarget, nativeTarget])

const rule = z.strictObject({
  variables: z.array(z.string()),
  emulate: z.array(z.string()),
  emulateLeading: z.array(z.string()).default([]),
  emulateVariables: z.array(z.string()).default([]),
  requireVariables: z.array(z.string()).default([]),
  insert: z.array(z.string()).default([]),
  replace: z.array(z.strictObject({from: z.string(), to: z.string()})),
})

const pathRule = z.strictObject({
  paths: z.array(z.string()),
  endian: z.enum(['little', 'big']).optional(),
  except: z.array(packageName).optional(),
  rule,
})

/** What routes of one kind of twins need. */
const kindSchema = z.strictObject({
  packages: z.array(packageName).default([]),
  /** Packages of the root, and the package of the host's architecture that has their twins where that is called otherwise. */
  otherPackages: z.record(packageName, packageName).default({}),
  never: z.array(z.string()).default([]),
  neverBigEndian: z.array(z.string()).default([]),
  never32Bit: z.array(z.string()).default([]),
  neverUnsignedChar: z.array(z.string()).default([]),
  emulateVariables: z.array(z.string()).default([]),
  preloads: z.record(packageName, z.string()).default({}),
  preloadsLikeHost: z.record(packageName, z.string()).default({}),
  portableLocales: z.array(z.string()).default([]),
  rules: z.array(pathRule).default([]),
})

export type Suite = z.infer<typeof suiteSchema>
export type EmulatedTarget = z.infer<typeof emulatedTarget>
export type NativeTarget = z.infer<typeof nativeTarget>
export type Target = EmulatedTarget | NativeTarget

/** A target together with the suite that its root is made of. */
export type Profile = EmulatedProfile | NativeProfile

export interface EmulatedProfile {
  programs: 'emulated'
  target: EmulatedTarget
  suite: Suite
}

export interface NativeProfile {
  programs: 'native'
  target: NativeTarget
  suite: Suite
}

const DIRECTORY = new URL('../../profiles/', import.meta.url)

export async function readData<T>(schema: z.ZodType<T>, path: string): Promise<T> {
  const file = new URL(path, DIRECTORY)
  const result = schema.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (result.success) return result.data
  throw new XbuildError('bad-profile', `${fileURLToPath(file)} is not a valid profile: ${z.prettifyError(result.error)}`, {
    hint: 'profiles/README.md says what belongs in it',
  })
}

const readKinds = async () => Promise.all((await readKindNames()).map(name => readData(kindSchema, `twins/${name}.json`)))

/** Read and checked once: an update of routes asks for them several times. */
let kindsOnce: ReturnType<typeof readKinds> | undefined

/** The rules for twins, with the compilers of the profile's suite. */
export async function readTwinRules(profile: EmulatedProfile): Promise<TwinRules> {
  kindsOnce ??= readKinds()
  const kinds = await kindsOnce
  const packages = kinds.flatMap(kind => kind.packages.map(name => [name, name]))
  return {
    packages: Object.assign(Object.fromEntries(packages), ...kinds.map(({otherPackages}) => otherPackages), compilerPackages(profile)),
    never: kinds.flatMap(({never}) => never),
    neverBigEndian: kinds.flatMap(({neverBigEndian}) => neverBigEndian),
    never32Bit: kinds.flatMap(({never32Bit}) => never32Bit),
    neverUnsignedChar: kinds.flatMap(({neverUnsignedChar}) => neverUnsignedChar),
    emulateVariables: kinds.flatMap(({emulateVariables}) => emulateVariables),
    preloads: Object.assign({}, ...kinds.map(({preloads}) => preloads)),
    preloadsLikeHost: Object.assign({}, ...kinds.map(({preloadsLikeHost}) => preloadsLikeHost)),
    portableLocales: kinds.flatMap(({portableLocales}) => portableLocales),
    rules: kinds.flatMap(({rules}) => rules),
  }
}

/** The kinds of twins that data tells of. */
export const readKindNames = () => namesIn('twins/')

/** What lies in a directory of data, sorted, without the ending. */
async function namesIn(directory: string): Promise<string[]> {
  const files = await readdir(new URL(directory, DIRECTORY))
  return files
    .filter(file => file.endsWith('.json'))
    .map(file => file.slice(0, -'.json'.length))
    .sort()
}

/** The packages of the target's compilers, and those of the host's architecture that hold their twins. */
export const compilerPackages = ({target, suite}: EmulatedProfile): Record<string, string> =>
  Object.fromEntries(Object.entries(suite.twins.compilers).map(pair => fillTriple(pair, target)))

/** All known targets, by name. */
export async function readTargets(): Promise<Target[]> {
  return Promise.all((await namesIn('targets/')).map(name => readData(targetSchema, `targets/${name}.json`)))
}

/**
 * The target of a name: its own, its triple, what others call its CPU (`aarch64`), or the platform of container images
 * (`linux/arm64`): https://github.com/opencontainers/image-spec/blob/main/image-index.md, "platform".
 */
export function findTarget(name: string, targets: readonly Target[]): Target | undefined {
  const called = name.toLowerCase().replace(/^linux\//, '')
  return (
    targets.find(target => target.name === called) ?? targets.find(({triple, aliases}) => triple === called || aliases.includes(called))
  )
}

/** The same of a project's target, by the project's names: one that it has counts before what others call a CPU. */
export const ownName = (name: string, targets: readonly string[], known: readonly Target[]) =>
  targets.includes(name) ? name : (findTarget(name, known)?.name ?? name)

/** The profile of a name, and its default suite unless one is given. */
export async function readProfile(name: string, suiteName?: string): Promise<Profile> {
  const targets = await readTargets()
  const target = findTarget(name, targets)
  if (!target) {
    const near = nearest(
      name,
      targets.map(candidate => candidate.name),
    )
    throw new XbuildError('unknown-profile', `there is no profile "${name}"`, {
      hint: near ? `did you mean ${near}? "xbuild-env profiles" lists all` : '"xbuild-env profiles" lists all',
    })
  }
  const suite = suiteName ?? target.defaultSuite
  if (!Object.hasOwn(target.suites, suite)) {
    throw new XbuildError('unknown-suite', `${target.name} has no suite "${suite}"`, {
      hint: `it has: ${Object.keys(target.suites).join(', ')}`,
    })
  }
  return profileOf(target, await readData(suiteSchema, `suites/${suite}.json`))
}

function profileOf(target: Target, suite: Suite): Profile {
  switch (target.programs) {
    case 'emulated':
      return {programs: target.programs, target, suite}
    case 'native':
      return {programs: target.programs, target, suite}
  }
}

/** Refuses a profile whose programs the kernel runs by itself, where an emulator or twins are meant. */
export function requireEmulated(profile: Profile): EmulatedProfile {
  if (profile.programs === 'emulated') return profile
  const {name} = profile.target
  throw new XbuildError(
    'usage',
    `${name} is this machine's own architecture: its programs run by themselves, by no emulator and no entry`,
    {
      hint: `nothing is needed but an environment of it: xbuild-env create ${name}`,
    },
  )
}

/** The same, by its name. */
export const readEmulatedProfile = async (name: string, suite?: string) => requireEmulated(await readProfile(name, suite))

/** Package names with the target's triple filled in. */
export const fillTriple = (names: readonly string[], target: Target) => names.map(name => name.replaceAll('{triple}', target.triple))

/** Where the profile's root comes from. */
export function rootKind(profile: Profile): 'debian' | 'cross' {
  switch (profile.programs) {
    case 'emulated':
      return profile.target.suites[profile.suite.suite]?.root ?? 'debian'
    case 'native':
      return 'debian'
  }
}

/** The same of an environment's profile, by its names. */
export const readRootKind = async (name: string, suite: string) => rootKind(await readProfile(name, suite))

/** The emulator's path in a twin set. */
export const emulatorPath = ({target, suite}: EmulatedProfile) => suite.twins.emulator.path.replace('{qemu}', target.qemu.program)
