import {join} from 'node:path'
import {DPKG_STATUS, DPKG_STATUS_LIMIT, type InstalledPackage, parseStatus} from '../core/debian/packages.js'
import {XbuildError} from '../core/errors.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {Tree, type Unfit, valueOrNone} from '../host/beneath.js'

/** The layers of an environment, topmost first. */
export const layersOf = (store: Store, record: EnvironmentRecord) => [store.environment(record.name).upper, ...store.lowerLayers(record)]

/**
 * A file of an environment as a session would see it, its links followed as there; empty where there is none. Throws
 * `environment-damaged` for what no program could read a text from: a session can make anything of it.
 */
export function readInEnvironment(layers: readonly string[], path: string, limit: number): string {
  const text = valueOrNone(new Tree(layers, 'within').read(path, limit), why => unfitFile(layers, path, why))
  return text?.toString() ?? ''
}

function unfitFile(layers: readonly string[], path: string, {at, why}: Unfit): XbuildError {
  const through = at === path ? '' : `, by /${at},`
  return new XbuildError('environment-damaged', `the environment's /${path}${through} ${why}`, {
    hint: `something in the environment has made it so: remove ${join(layers[0] ?? '', at)} where it is there, or create the environment again`,
  })
}

/** What dpkg knows of these layers. */
export const installedPackages = (layers: readonly string[]): InstalledPackage[] =>
  parseStatus(readInEnvironment(layers, DPKG_STATUS, DPKG_STATUS_LIMIT))

/** When dpkg's database of the environment was written, in ms since 1970; 0 where there is none. */
export function statusTime(store: Store, record: EnvironmentRecord): number {
  const status = new Tree(layersOf(store, record), 'within').status(DPKG_STATUS)
  return status.kind === 'found' && status.value.isFile() ? status.value.mtimeMs : 0
}
