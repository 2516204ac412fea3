import {mkdir, mkdtemp, readdir, rename} from 'node:fs/promises'
import {join} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {cacheHome} from '../host/directories.js'
import {isThere, makeDirectory} from '../host/files.js'
import {removeTree} from '../host/maker.js'
import {runSession} from '../host/session.js'
import {prepareSession} from '../session/run.js'
import type {Place} from './place.js'

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
for name; do
  mkdir "$name"
  (cd "$name" && apt-get $options source "$name")
done`

/**
 * Source packages of the environment's suite, one for each name: from the cache, or fetched into it, all with one list
 * of the archive.
 */
export async function fetchSources(
  place: Place,
  names: readonly string[],
  onFetch: (missing: readonly string[]) => void,
  signal: AbortSignal,
): Promise<Source[]> {
  const cache = join(cacheHome(), 'sources', place.record.suite)
  await makeDirectory(cache)
  const find = () => Promise.all(names.map(name => findCached(cache, name)))
  const cached = await find()
  const missing = names.filter((_, i) => cached[i] === undefined)
  if (missing.length === 0) return cached.filter(source => source !== undefined)
  onFetch(missing)
  await fetchInto(place, cache, missing, signal)
  return (await find()).filter(source => source !== undefined)
}

/** cache/NAME/VERSION/tree; whatever has this name is whole. */
async function findCached(cache: string, name: string): Promise<Source | undefined> {
  const versions = isThere(join(cache, name)) ? await readdir(join(cache, name)) : []
  const version = versions.sort().at(-1)
  return version === undefined ? undefined : {version, tree: join(cache, name, version, 'tree')}
}

async function fetchInto(place: Place, cache: string, names: readonly string[], signal: AbortSignal): Promise<void> {
  const partial = await mkdtemp(join(cache, '.partial-'))
  try {
    await fetchInSession(place, partial, names, signal)
    for (const name of names) await keep(join(partial, name), join(cache, name))
  } finally {
    await removeTree(partial)
  }
}

async function fetchInSession(
  {store, record, binfmt}: Place,
  directory: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const plan = await prepareSession(store, record, {
    mode: 'hybrid',
    binfmt,
    lasting: 'ephemeral',
    binds: [{source: directory, target: directory, access: 'rw'}],
    network: 'host',
    user: 'root',
    directory: '/',
    environment: [],
    terminal: false,
    argv: ['sh', '-c', SCRIPT, 'sh', directory, ...names].map(word => Buffer.from(word)),
  })
  const lines: string[] = []
  const result = await runSession(plan, {output: {lines: line => void lines.push(line)}, signal})
  signal.throwIfAborted()
  if (result.kind === 'ended' && result.exitCode === 0) return
  const why = lines.find(line => line.startsWith('E: ')) ?? lines.at(-1) ?? 'apt-get ended without a word'
  throw new XbuildError('archive', `the source packages ${names.join(', ')} cannot be had: ${why.replace(/^E: /, '')}`, {
    hint: `the environment's mirror must be reachable, and have sources: xbuild-env info ${record.name} shows it`,
  })
}

/** NAME_VERSION.dsc and the directory that dpkg-source made of it become cache/NAME/VERSION. */
async function keep(fetched: string, place: string): Promise<void> {
  const entries = await readdir(fetched, {withFileTypes: true})
  const version = entries.flatMap(({name}) => /_([^_]+)\.dsc$/.exec(name)?.[1] ?? [])[0]
  const tree = entries.find(entry => entry.isDirectory())?.name
  if (version === undefined || tree === undefined) {
    throw new XbuildError('archive', `${fetched}: apt-get left no unpacked source package there`, {
      hint: 'is dpkg-dev installed in the environment?',
    })
  }
  await rename(join(fetched, tree), join(fetched, 'tree'))
  await mkdir(place, {recursive: true})
  const final = join(place, version)
  if (!isThere(final)) await rename(fetched, final)
}
