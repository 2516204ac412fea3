import type {HostArchitecture} from '../../core/hosts/host.js'
import type {TargetFacts} from '../../core/twins/route.js'
import type {Shim} from '../../host/shims.js'
import type {ModuleKind, Modules} from '../modules.js'
import type {PackageIndex} from '../packages.js'

/** From what a tree of twins is made, and for what. */
export interface Adaptation {
  host: HostArchitecture
  target: TwinTarget
}

/** What a twin set is adapted to. */
export type TwinTarget = Pick<TargetFacts, 'triple' | 'architecture' | 'machine' | 'uname' | 'endian'>

/**
 * A family of programs that become the target's own in the same way. What its routes need (which packages, which programs
 * never, which arguments make one emulated) is data: profiles/twins/NAME.json.
 */
export interface TwinKind {
  name: string
  /** What is changed in its programs, and in libraries that they share; none where they are as plain as any. */
  programs?: {
    /** Whether one is this kind's, by its absolute path in the tree. */
    isFor: (path: string, adaptation: Adaptation) => boolean
    /** Makes it the target's own, by changing its bytes in place. Throws NotAsExpected where it cannot: it is emulated then. */
    adapt: (bytes: Buffer, path: string, adaptation: Adaptation) => void
  }
  /** Puts what the programs need where a session shows it, after they have been adapted. */
  arrange?: (tree: string, adaptation: Adaptation) => Promise<void>
  interpreter?: Interpreter
  /** What a twin set has no use for of its packages: absolute paths, in which `*` is anything. */
  leftOut?: readonly string[]
}

/** A program that runs others' texts, and loads compiled modules for them. */
export interface Interpreter {
  modules: readonly ModuleKind[]
  /** What a host-native one begins with: a file of this shim's name, made of it. */
  prelude: Shim
  /** Fills what is known of a root into the shim. */
  fill: (shim: string, known: KnownOfRoot) => string
}

export interface KnownOfRoot {
  target: TargetFacts
  root: PackageIndex
  modules: Modules
  /** Of dpkg's status file, when this was found: ms since 1970. */
  statusTime: number
}
