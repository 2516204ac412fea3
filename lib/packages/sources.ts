import {mkdtemp, readdir, rename} from 'node:fs/promises'
import {join} from 'node:path'
import {isVersion, orderVersions} from '../core/debian/packages.js'
import {withoutEpoch} from '../core/debian/source-package.js'
import {XbuildError} from '../core/errors.js'
import type {SessionPlan} from '../core/session/plan.js'
import {cacheHome} from '../host/directories.js'
import {isThere, makeDirectory} from '../host/files.js'
import {removeTree} from '../host/maker.js'
import {runSession} from '../host/session.js'
import type {HeldPlace} from '../session/place.js'
import {planScript} from '../session/script.js'

/** A source package, unpacked, with the distribution's patches. */
export interface Source {
  version: string
  tree: string
}

/**
 * The environment's own apt fetches and verifies, from where its packages came from; its dpkg-source unpacks. So the
 * host needs neither. The directory is the first argument.
 */
const SCRIPT = `set -e
cd "$1"
shift
sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >/etc/apt/xbuild-sources.list
options='-q -o Dir::Etc::sourcelist=/etc/apt/xbuild-sources.list -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root'
apt-get $options update
status=0
for wanted; do
  mkdir "\${wanted%%=*}"
  (cd "\${wanted%%=*}" && apt-get $options --only-source source "$wanted") || status=$?
done
exit $status`

/** Without a version, the newest that the archive has. */
export interface WantedSource {
  name: string
  version?: string
}

const asWord = ({name, version}: WantedSource) => (version === undefined ? name : `${name}=${version}`)

/**
 * Source packages of the environment's suite, one for each that is wanted: from the cache, or fetched into it, all with
 * one list of the archive. What could be had is kept also where something else could not: `cachedSources` has it.
 */
export async function fetchSources(
  place: HeldPlace,
  wanted: readonly WantedSource[],
  onFetch: (missing: readonly string[]) => void,
  signal: AbortSignal,
): Promise<Source[]> {
  const cached = await cachedSources(place, wanted)
  const missing = wanted.filter((_, i) => cached[i] === undefined)
  if (missing.length > 0) {
    onFetch(missing.map(({name}) => name))
    await fetchInto(place, missing, signal)
  }
  return (await cachedSources(place, wanted)).filter(source => source !== undefined)
}

/** Those that are in the cache. */
export const cachedSources = (place: HeldPlace, wanted: readonly WantedSource[]): Promise<(Source | undefined)[]> =>
  Promise.all(wanted.map(source => findCached(cacheOf(place), source)))

/** Of all environments of a root: what they changed in theirs has no part in fetching, see withoutChanges. */
const cacheOf = ({record}: HeldPlace) => join(cacheHome(), 'sources', record.root)

/** cache/NAME/VERSION/tree; whatever has this name is whole. */
async function findCached(cache: string, {name, version}: WantedSource): Promise<Source | undefined> {
  const versions = isThere(join(cache, name)) ? (await readdir(join(cache, name))).sort(orderVersions) : []
  const found = version === undefined ? versions.at(-1) : versions.find(other => other === withoutEpoch(version))
  return found === undefined ? undefined : {version: found, tree: join(cache, name, found, 'tree')}
}

async function fetchInto(place: HeldPlace, wanted: readonly WantedSource[], signal: AbortSignal): Promise<void> {
  const cache = cacheOf(place)
  await makeDirectory(cache)
  const partial = await mkdtemp(join(cache, '.partial-'))
  try {
    const why = await fetchInSession(place, partial, wanted.map(asWord), signal)
    const missing: string[] = []
    for (const source of wanted) if (!(await keep(join(partial, source.name), join(cache, source.name)))) missing.push(asWord(source))
    if (missing.length === 0) return
    throw new XbuildError('archive', `the source packages ${missing.join(', ')} cannot be fetched: ${why ?? 'dpkg-source left nothing'}`, {
      hint: `the environment's mirror must be reachable, and have sources: xbuild-env info ${place.record.name} shows it`,
    })
  } finally {
    await removeTree(partial)
  }
}

/** Returns why something is missing, if anything is. */
async function fetchInSession(
  place: HeldPlace,
  directory: string,
  words: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const {store, record, locks} = place
  const plan = await planScript(place, {
    lasting: 'ephemeral',
    binds: [{source: directory, target: directory, access: 'rw'}],
    argv: ['sh', '-c', SCRIPT, 'sh', directory, ...words],
  })
  const lines: string[] = []
  const tree = store.rootTree(record.root)
  const result = await runSession(withoutChanges(plan, tree), {output: {lines: line => void lines.push(line)}, signal, locks})
  signal.throwIfAborted()
  if (result.kind === 'ended' && result.exitCode === 0) return undefined
  const why = lines.find(line => line.startsWith('E: ')) ?? lines.at(-1) ?? 'apt-get ended without a message'
  return why.replace(/^E: /, '')
}

/** The same session of an environment's root alone: others will build what comes of it. */
const withoutChanges = (plan: SessionPlan, root: string): SessionPlan => ({
  ...plan,
  operations: plan.operations.map(operation => (operation.op === 'root' ? {...operation, lower: [root]} : operation)),
})

/** NAME_VERSION.dsc and the directory that dpkg-source made of it become cache/NAME/VERSION; false where they are not there. */
async function keep(fetched: string, place: string): Promise<boolean> {
  const entries = isThere(fetched) ? await readdir(fetched, {withFileTypes: true}) : []
  const version = entries.flatMap(({name}) => /_([^_]+)\.dsc$/.exec(name)?.[1] ?? [])[0]
  const tree = entries.find(entry => entry.isDirectory())?.name
  if (version === undefined || !isVersion(version) || tree === undefined) return false
  await rename(join(fetched, tree), join(fetched, 'tree'))
  await makeDirectory(place)
  const final = join(place, version)
  if (!isThere(final)) await rename(fetched, final)
  return true
}
