import {join} from 'node:path'
import type {BenchPackage} from '../config/bench.js'
import type {BenchMode, Skipped} from '../core/bench.js'
import {isThere} from '../host/files.js'
import {PROGRAM_PATH} from '../session/guest.js'

/** How a mode does its build, or why it does not. */
export type Way = {kind: 'command'; command: string} | Skipped

/** A tree to build, in the modes that were asked for. */
export interface BenchTask {
  name: string
  kind: string
  version?: string
  build: string
  /** The unpacked source, which stays as it is: each build has a copy of its own. */
  source: string
  ways: ReadonlyMap<BenchMode, Way>
}

const isInstalled = (program: string) => PROGRAM_PATH.split(':').some(directory => isThere(join(directory, program)))

/** Programs by name, with the Debian package of each. Undefined where all are there. */
export function skippedForLackOf(programs: Readonly<Record<string, string>>, has = isInstalled): Skipped | undefined {
  const missing = Object.keys(programs).filter(name => !has(name))
  if (missing.length === 0) return undefined
  const packages = [...new Set(missing.map(name => programs[name] ?? name))]
  return {kind: 'skipped', reason: `the host has no ${missing.join(' and no ')}`, fix: `apt-get install ${packages.join(' ')}`}
}

/** Text of profiles/bench.json for a target; the names of Debian's packages have no underscore. */
const fill = (text: string, triple: string) => text.replaceAll('{triple}', triple)
const fillPrograms = (programs: Readonly<Record<string, string>>, triple: string) =>
  Object.fromEntries(Object.entries(programs).map(([name, pack]) => [fill(name, triple), fill(pack, triple.replaceAll('_', '-'))]))

/** Of a package of the list. */
export function packageWay(pack: BenchPackage, mode: BenchMode, triple: string, has = isInstalled): Way {
  const here = {kind: 'command', command: pack.build} as const
  switch (mode) {
    case 'hybrid':
    case 'emulated':
      return here
    case 'native':
      return skippedForLackOf(pack.host, has) ?? here
    case 'cross': {
      if ('none' in pack.cross) return {kind: 'skipped', reason: pack.cross.none}
      const programs = {...pack.host, ...fillPrograms(pack.cross.programs, triple)}
      return skippedForLackOf(programs, has) ?? {kind: 'command', command: fill(pack.cross.build, triple)}
    }
  }
}

/** Of a tree of the user's. */
export function treeWay(build: string, crossBuild: string | undefined, mode: BenchMode, triple: string, has = isInstalled): Way {
  if (mode !== 'cross') return {kind: 'command', command: build}
  if (crossBuild === undefined) return {kind: 'skipped', reason: 'no command for it was given', fix: '--cross-build CMD'}
  const programs = fillPrograms({'{triple}-gcc': 'gcc-{triple}'}, triple)
  return skippedForLackOf(programs, has) ?? {kind: 'command', command: fill(crossBuild, triple)}
}

/** In an environment of the host's own architecture: the native build is the one in it, and there is no other. */
export function nativeWay(build: string, mode: BenchMode): Way {
  if (mode === 'native') return {kind: 'command', command: build}
  return {kind: 'skipped', reason: "the environment is of this machine's own architecture, and what is built in it is native"}
}
