import {createHash} from 'node:crypto'
import {closeSync} from 'node:fs'
import {open} from 'node:fs/promises'
import {join} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {Tree} from '../host/beneath.js'
import {copyBytes} from '../host/files.js'
import {BUILD_DIRECTORY, type DebPlan, type DebStep, fetchStep} from './deb-plan.js'
import {type DebSite, makeSite, runDebStep, sourceDirectoryOf} from './deb-site.js'

/** What an archive says that it has: of source packages, and of packages for the environment's architecture. */
export const INDICES = ['Sources', 'Packages'] as const
export type Index = (typeof INDICES)[number]

/** apt has fetched and checked them; apt-helper unpacks whatever they are packed with. man 1 apt-get, indextargets */
const COPY = `for kind in ${INDICES.join(' ')}; do
	: >${BUILD_DIRECTORY}/$kind
	apt-get indextargets --format '$(FILENAME)' "Created-By: $kind" | while read -r file; do
		[ ! -e "$file" ] || { /usr/lib/apt/apt-helper cat-file "$file"; echo; } >>${BUILD_DIRECTORY}/$kind
	done
done`

/** Of a plan that fetches no source, the first step gets the lists alone. */
const NO_SOURCE: DebPlan = {
  source: {kind: 'directory', path: '', without: undefined, name: 'none', version: '0'},
  packages: 'any',
  checks: 'run',
  profiles: [],
  jobs: 1,
  mode: 'hybrid',
}

function indicesStep(): DebStep {
  const step = fetchStep(NO_SOURCE)
  return {...step, script: `${step.script}\n${COPY}`}
}

/** Fetches the indices of all archives of a site into a directory of the host's. Returns a digest of each. */
export async function fetchIndices(
  site: DebSite,
  directory: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<Record<Index, string>> {
  await makeSite(site, 'listed')
  const lines: string[] = []
  const {end} = await runDebStep(
    site,
    indicesStep(),
    undefined,
    line => {
      lines.push(line)
      onLine(line)
    },
    signal,
  )
  if (end.kind !== 'passed') {
    const why = lines.find(line => line.startsWith('E: ')) ?? lines.at(-1) ?? end.why
    throw new XbuildError('archive', `the lists of packages cannot be fetched: ${why}`, {
      hint: 'the mirrors of the environment must be reachable, and have sources',
    })
  }
  const tree = new Tree([sourceDirectoryOf(site)], 'refused')
  const digests = {Sources: '', Packages: ''}
  for (const index of INDICES) digests[index] = await copyIndex(tree, index, join(directory, index), signal)
  return digests
}

async function copyIndex(tree: Tree, index: Index, to: string, signal: AbortSignal): Promise<string> {
  const found = tree.open(index)
  if (found.kind !== 'found') throw new XbuildError('archive', `the list ${index} ${found.why}`, {hint: 'try again'})
  const {fd, status} = found.value
  const hash = createHash('sha256')
  const file = await open(to, 'w', 0o644)
  try {
    await copyBytes({fd, size: status.size}, file.fd, signal, part => void hash.update(part))
    return hash.digest('hex')
  } finally {
    closeSync(fd)
    await file.close()
  }
}
