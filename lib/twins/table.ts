import {join} from 'node:path'
import {encodeTable} from '../activator/table.js'
import {type TableEntry, withEntries} from '../activator/table-entries.js'
import {type EmulatedProfile, emulatorPath, rootKind} from '../config/profiles.js'
import {TABLE_FILE} from '../core/places.js'
import type {RouteTable, TargetFacts, TwinRules} from '../core/twins/route.js'
import {writeFileSafely} from '../host/files.js'

export const targetFacts = ({target, suite}: EmulatedProfile): TargetFacts => ({
  triple: target.triple,
  architecture: target.architecture,
  machine: target.machine,
  uname: target.uname,
  errors: target.errors,
  bits: target.bits,
  endian: target.endian,
  char: target.char,
  distribution: suite.distribution,
  skew: target.suites[suite.suite]?.compilerTwin === 'skewed' ? 'allowed' : 'refused',
})

/**
 * Of other locales, a host-native program cannot read the data of a target with the high byte first. A root without an archive
 * has none: there a program says what any says in a locale that is missing, be it real or a stub.
 */
const readableLocales = (profile: EmulatedProfile, {portableLocales}: TwinRules) =>
  profile.target.endian === 'big' && rootKind(profile) !== 'cross' ? portableLocales : []

/** What the activator decides by. Without routes, everything is emulated. */
export const routeTable = (
  profile: EmulatedProfile,
  rules: TwinRules,
  {routes, preloads}: Pick<RouteTable, 'routes' | 'preloads'> = {routes: [], preloads: []},
): RouteTable => ({
  interpreter: emulatorPath(profile),
  arguments: profile.target.qemu.arguments,
  variableOrder: profile.suite.twins.emulator.variables,
  emulateVariables: rules.emulateVariables,
  preloads,
  locales: readableLocales(profile, rules),
  routes,
})

/** Writes the table into the directory that a session holds; sessions that run see it from their next exec on. */
export const writeTable = (directory: string, table: RouteTable, entries?: readonly TableEntry[]) =>
  writeFileSafely(join(directory, TABLE_FILE), entries ? withEntries(encodeTable(table), entries) : encodeTable(table))
