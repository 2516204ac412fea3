import {XbuildError} from '../core/errors.js'
import {installedPackages, layersOf} from '../session/files.js'
import type {SessionPlace} from '../session/place.js'
import {readPackages} from '../twins/packages.js'

/** Those of the packages that the environment lacks. */
export async function missingPackages({store, record}: SessionPlace, wanted: readonly string[]): Promise<string[]> {
  const installed = new Set(installedPackages(layersOf(store, record)).map(({name}) => name))
  return wanted.filter(name => !installed.has(name))
}

/** Refuses an environment that lacks packages which a build needs. */
export async function checkPackages(place: SessionPlace, wanted: readonly string[]): Promise<void> {
  const missing = await missingPackages(place, wanted)
  if (missing.length === 0) return
  const {name} = place.record
  throw new XbuildError('missing-package', `environment "${name}" lacks ${missing.join(', ')}`, {
    hint: `xbuild-env install ${name} ${missing.join(' ')}; or let --prepare make a copy of it that has them`,
  })
}

/** Compilers, binutils and emulator of the twin set, with their versions. */
export async function twinVersions({store, record}: SessionPlace): Promise<Record<string, string>> {
  if (record.programs === 'native') return {}
  const {packages} = await readPackages(store.twinTree(record.twins))
  const isOfInterest = (name: string) =>
    /^(qemu-user|binutils-|g(cc|\+\+)-[0-9]+-)/.test(name) && !/-(common|base|host)$|cross-base/.test(name)
  return Object.fromEntries([...packages.values()].filter(({name}) => isOfInterest(name)).map(({name, version}) => [name, version]))
}
