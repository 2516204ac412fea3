import type {Published} from '../bulk/repository.js'
import type {Target} from '../config/profiles.js'
import type {ProjectValue} from '../config/project-values.js'
import type {Recipe} from '../config/userland.js'
import type {BenchResult} from '../core/bench.js'
import type {ActivatorEntry} from '../core/binfmt/entry.js'
import type {SystemEntry} from '../core/binfmt/system-profiles.js'
import type {PlainOrder} from '../core/bulk/cycles.js'
import type {RunDifference} from '../core/bulk/diff.js'
import type {PlanFromNothingJson} from '../core/bulk/from-nothing.js'
import type {KnownReason} from '../core/bulk/log.js'
import type {BulkPlan} from '../core/bulk/plan.js'
import type {AttemptResult} from '../core/bulk/result.js'
import type {Attempt, StateName} from '../core/bulk/state.js'
import type {Failure, Snapshot} from '../core/bulk/summary.js'
import type {VerifyResult} from '../core/compare/verdict.js'
import type {Upgrade} from '../core/debian/upgrades.js'
import type {Result as Finding} from '../core/doctor/doctor.js'
import type {TargetOutcome, TargetResult} from '../core/project/build-result.js'
import type {TestCounts} from '../core/project/tests.js'
import type {Mode, Running} from '../core/session/mode.js'
import type {Operation} from '../core/session/plan.js'
import type {TraceHeader} from '../core/trace/format.js'
import type {Ledger} from '../core/trace/ledger.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Routing} from '../environment/routing.js'
import type {Usage} from '../environment/usage.js'
import type {Reached} from '../farm/reach.js'
import type {DebComparison} from '../measure/verify-deb.js'
import type {DebFile} from '../packages/deb-build.js'
import type {DebPlan, DebStep} from '../packages/deb-plan.js'
import type {Prunable} from '../project/prune.js'
import type {Summary} from './packages-summary.js'

/**
 * What each command prints with --json, by the words that lead to it. docs/schemas is made of these types (`npm run schema`): within a
 * version members may be added, nothing else is changed; what needs more gets a new number in JSON_VERSIONS.
 */
export interface JsonOutputs {
  /** The entries after a change; the newest first where they are listed. */
  activator: readonly ListedEntry[]
  /** One entry. */
  'activator lookup': ListedEntry
  /** Every run of every mode, with medians and ratios. */
  bench: BenchResult
  /** How each target's build ended. */
  build: BuildOutput
  /** What a build would do, target by target. */
  'build --dry-run': readonly PlannedBuild[]
  /** A pipeline for a CI system: where it belongs, and its text. */
  ci: {system: string; path: string; text: string}
  /** The environment that was made. */
  clone: EnvironmentRecord
  /** Every value in force, by its name. */
  config: Readonly<Record<string, unknown>>
  /** Every value in force, with where it comes from. */
  'config --origins': readonly ProjectValue[]
  /** The environment that was made. */
  create: EnvironmentRecord
  /** What would be made. */
  'create --dry-run': {lines: readonly string[]; steps: readonly PlannedStep[]}
  /** A source package's build. */
  deb: DebOutput
  /** What a source package's build would do. */
  'deb --dry-run': DebPlan & {steps: readonly DebStep[]}
  /** What this host can do and lacks. */
  doctor: {usable: boolean; results: readonly Finding[]}
  /** What is kept, and what it takes on the disk, in bytes; the largest first. */
  du: {total: number; parts: readonly DiskPart[]}
  /** The file that was written. */
  export: {environment: string; file: string; bytes: number}
  /** Where compilations are waited for, once they are. */
  'farm serve': {
    environment: string
    /** Of its compilers. */
    key: string
    address: string
    port: number
    jobs: number
    /** Who may connect: addresses and networks. */
    allow: readonly string[]
  }
  /** The machines of the environment's farm, and what each answers. */
  'farm status': {environment: string; hosts: readonly HostStatus[]}
  /** The machines of the environment's farm from now on, and what each answers. */
  'farm use': {environment: string; hosts: readonly HostStatus[]}
  /** The environment that was made. */
  import: EnvironmentRecord
  /** An environment, and which of its programs run native. */
  info: InfoOutput
  /** The configuration that was written, or would be. */
  init: InitOutput
  /** What was installed. */
  install: {environment: string; packages: readonly string[]}
  /** All environments. */
  list: readonly ListedEnvironment[]
  /** A run, when it has ended: also of `packages resume` and `packages retry`. */
  'packages build': Summary
  /** What a run would build. */
  'packages build --dry-run': BulkPlan & {order?: PlainOrder}
  /** What is other in a later run. */
  'packages plan': PlanFromNothingJson
  'packages diff': RunDifference
  /** A generation of a repository. */
  'packages publish': Published
  /** One look at a run. */
  'packages status': Snapshot
  /** Why a package failed. */
  'packages why': WhyOutput
  /** All targets. */
  profiles: readonly Target[]
  /** One target. */
  'profiles PROFILE': Target
  /** What was removed, or would be, in bytes. */
  prune: {dryRun: boolean; bytes: number; removed: readonly Prunable[]}
  /** The sessions that run. */
  ps: readonly (SessionOutput & {processes: readonly {pid: number; command: string}[]})[]
  /** What was removed. */
  remove: {environments: readonly string[]; unused: readonly string[]}
  /** What a session would be made of, in this order. */
  'run --dry-run': readonly Operation[]
  /** The session that was made. */
  'session start': SessionOutput
  /** The system's binfmt_misc. */
  'system list': SystemOutput
  /** What of a recorded build ran native, and what emulated. */
  trace: TraceHeader & Ledger
  /** Which packages were brought to a newer version, or would be. */
  update: {environment: string; dryRun: boolean; upgrades: readonly Upgrade[]}
  /** Which of an environment's own programs were built. */
  userland: {environment: string; built: number; failures: readonly {name: string; why: string}[]}
  /** What would be built. */
  'userland --dry-run': readonly Recipe[]
  /** How the builds of both modes compare. */
  verify: VerifyResult
}

/** What a host of a farm answers, as JSON tells it. */
export interface HostStatus {
  host: string
  port: number
  state: Reached['kind']
  /** How many it compiles at once. */
  jobs?: number
  /** Why not, for people. */
  why?: string
}

/** Raised where a reader of the one before would be led astray. */
export const JSON_VERSIONS: Readonly<Record<keyof JsonOutputs, number>> = {
  activator: 1,
  'activator lookup': 1,
  bench: 1,
  build: 1,
  'build --dry-run': 1,
  ci: 1,
  clone: 1,
  config: 1,
  'config --origins': 1,
  create: 1,
  'create --dry-run': 1,
  deb: 1,
  'deb --dry-run': 1,
  doctor: 1,
  du: 1,
  export: 1,
  'farm serve': 1,
  'farm status': 1,
  'farm use': 1,
  import: 1,
  info: 1,
  init: 1,
  install: 1,
  list: 1,
  'packages build': 1,
  'packages build --dry-run': 1,
  'packages diff': 1,
  'packages plan': 1,
  'packages publish': 1,
  'packages status': 1,
  'packages why': 1,
  profiles: 1,
  'profiles PROFILE': 1,
  prune: 1,
  ps: 1,
  remove: 1,
  'run --dry-run': 1,
  'session start': 1,
  'system list': 1,
  trace: 1,
  update: 1,
  userland: 1,
  'userland --dry-run': 1,
  verify: 1,
}

type ListedEntry = ActivatorEntry & {
  /** Bytes of the magic. */
  size: number
  /** Of the system's: who made it, and how long it lasts. */
  owner?: 'xbuild-env' | 'another tool'
  lasts?: 'until-restart' | 'for-good'
}

interface BuildOutput {
  /** The source tree. */
  project: string
  mode: Mode
  targets: readonly (TargetResult & {outcome: TargetOutcome})[]
  /** The host's own build, with --check-native where tests failed. */
  native: TargetResult | undefined
}

interface PlannedBuild {
  target: string
  environment: {name: string; key: string; there: boolean}
  tree: {directory: string; sources: 'view' | 'in-place'; view: string}
  jobs: number
  steps: readonly {name: string; run: string}[]
  /** Patterns. */
  artifacts: readonly string[]
  /** What its sessions are made of, where the environment is there. */
  operations: readonly Operation[] | undefined
  /** The same for people. */
  lines: readonly string[]
}

interface PlannedStep {
  step: string
  what: string
  there: boolean
  directory: string
  operations: readonly Operation[]
  command: readonly string[]
}

interface DebOutput {
  environment: string
  package: string
  version: string
  packages: 'any' | 'all'
  mode: Running
  result: 'built' | 'failed'
  exitCode?: number
  why?: string
  /** By phases. */
  seconds: Readonly<Record<string, number>>
  tests: TestCounts & {names: readonly string[]}
  directory: string
  files: readonly DebFile[]
  log: string
  /** Files, by the steps that they are of. */
  traces?: Readonly<Record<string, string>>
  verification?: DebComparison | {verdict: 'different'; emulated: unknown; seconds: number}
  /** Packages that were native where all was to be emulated, since they have no build for the CPU. */
  stubs?: readonly string[]
}

type InfoOutput = EnvironmentRecord & {
  directory: string
  rootTree: string
  /** In bytes: what sessions changed, and what others may share. */
  disk?: Usage | undefined
  /** Directories of the projects whose builds use it. */
  projects?: readonly string[]
  /** Undefined where everything runs by itself. */
  twinTree?: string
  routing?: Routing | undefined
  damaged?: readonly {program: string; twin: string; size: number; whole: number}[]
  /** Of a CPU without an archive: packages whose programs have no build for it yet. */
  stubs?: readonly string[]
}

interface InitOutput {
  /** Undefined where nothing was written. */
  file: string | undefined
  because: string
  targets: readonly string[]
  packages: readonly string[]
  steps: readonly string[]
  artifacts: readonly string[]
  notes: readonly string[]
  /** The configuration itself. */
  text: string
}

/** Empty texts, and `state`, where it cannot be used. */
interface ListedEnvironment {
  name: string
  profile: string
  suite: string
  created: string
  state: string
  /** In bytes: what sessions changed, and what others may share. */
  disk?: Usage
  /** Directories of the projects whose builds use it. */
  projects?: readonly string[]
}

type WhyOutput = Omit<Failure, 'reason' | 'state'> & {
  state: StateName
  attempts: readonly Attempt[]
  reason: (Omit<KnownReason, 'pattern'> & {pattern: undefined}) | undefined
  /** Of the attempt that tells most. */
  result: AttemptResult | undefined
}

interface SessionOutput {
  id: string
  environment: string
  kind: string
  joinable: boolean
  user: string
  /** As ISO 8601. */
  since: string
  pid: number
  mode: string
  network: string
  command: string
}

interface SystemOutput {
  /** Whose binfmt_misc sessions use. */
  sessions: 'private' | 'system'
  mounted: boolean
  entries: readonly (SystemEntry & {owner: 'xbuild-env' | 'other'; profiles: readonly string[]})[]
}

interface DiskPart {
  what: string
  path: string
  /** Names of environments, or directories of projects. */
  usedBy: readonly string[]
  bytes: number
}
