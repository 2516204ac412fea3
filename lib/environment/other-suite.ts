import {mkdtemp} from 'node:fs/promises'
import {join} from 'node:path'
import {type Profile, readProfile, rootKind} from '../config/profiles.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {makeDirectory} from '../host/files.js'
import {removeTree} from '../host/maker.js'
import {canMakeRoot} from '../root/root.js'
import type {Store} from './store.js'

/** Others of a target than one that cannot be had: what was tried first, then those of the same distribution. */
export async function otherSuites({target, suite}: Profile): Promise<Profile[]> {
  const names = Object.keys(target.suites).filter(name => name !== suite.suite)
  const profiles = await Promise.all(names.map(name => readProfile(target.name, name)))
  const rank = ({suite: {suite: name, distribution}}: Profile) =>
    Number(target.suites[name]?.tried === false) * 2 + Number(distribution !== suite.distribution)
  return profiles.sort((a, b) => rank(a) - rank(b))
}

/** The first of them that the mirror has, with an index that is whole. undefined where there is none. */
export async function findOtherSuite(
  store: Store,
  profile: Profile,
  mirror: string | undefined,
  signal: AbortSignal,
): Promise<Profile | undefined> {
  for (const other of await otherSuites(profile)) if (await canBeHad(store, other, mirror, signal)) return other
  return undefined
}

async function canBeHad(store: Store, profile: Profile, mirror: string | undefined, signal: AbortSignal): Promise<boolean> {
  const architecture = rootKind(profile) === 'debian' ? profile.target.architecture : hostArchitecture().debian
  await makeDirectory(store.roots)
  const directory = await mkdtemp(join(store.roots, '.partial-index-'))
  try {
    const tree = join(directory, 'tree')
    await makeDirectory(tree)
    return await canMakeRoot(profile, architecture, mirror, tree, {signal})
  } finally {
    await removeTree(directory)
  }
}
