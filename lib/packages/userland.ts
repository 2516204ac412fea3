import {createWriteStream} from 'node:fs'
import {readdir} from 'node:fs/promises'
import {availableParallelism} from 'node:os'
import {join} from 'node:path'
import {finished} from 'node:stream/promises'
import type {Recipe} from '../config/userland.js'
import {XbuildError} from '../core/errors.js'
import {contentKey} from '../core/key.js'
import {STAND_IN} from '../core/places.js'
import type {HostPath} from '../core/plan.js'
import type {EnvironmentRecord} from '../environment/record.js'
import type {Store} from '../environment/store.js'
import {isThere, makeDirectory} from '../host/files.js'
import {removeTree} from '../host/maker.js'
import {run} from '../host/run.js'
import type {SessionResult} from '../host/session.js'
import {prepareSession} from '../session/run.js'
import {fetchMissingTwins} from '../session/twins.js'
import {readPackages} from '../twins/packages.js'
import type {Place} from './place.js'
import type {Source, WantedSource} from './sources.js'

/** In a root: the names of the programs that were built in it, with their versions. */
const BUILT = '/usr/lib/xbuild-env/userland'

/** What a userland is made of: whoever would make the same gets the layer that is there. */
export const userlandKey = (root: string, recipes: readonly Recipe[]) => contentKey({userland: 1, root, recipes})

/** Builds a program, and puts what it installs in place of the root's stand-ins. Then routes are found anew: dpkg's database says so. */
function scriptOf({name, build, keep}: Recipe, {version}: Source, triple: string): string {
  const fill = (text: string) => text.replaceAll('{triple}', triple)
  return `set -e
(${fill(build)})
cd "$DESTDIR"
find . ! -type d | while read -r file; do
  target=\${file#.}
  kept=no
  case $target in ${[...keep.map(fill), "''"].join('|')}) kept=yes;; esac
  if [ "$target" -ef ${STAND_IN} ] || [ $kept = yes ]; then
    mkdir -p "\${target%/*}"
    cp -a --no-preserve=ownership --remove-destination "$file" "$target"
  fi
done
mkdir -p ${BUILT}
echo '${version}' >${BUILT}/${name}
touch /var/lib/dpkg/status
`
}

export interface UserlandEvents {
  onStart?: (name: string, number: number) => void
  onLine?: (name: string, line: string) => void
  onEnd?: (name: string, seconds: number) => void
  onFailure?: (failure: Failure) => void
}

export interface Failure {
  name: string
  why: string
}

/** Those of the recipes that are still to be built in an environment. */
export async function remaining(store: Store, record: EnvironmentRecord, recipes: readonly Recipe[]): Promise<Recipe[]> {
  const trees = [store.environment(record.name).upper, ...record.layers.map(store.layerTree)]
  const names = await Promise.all(trees.map(tree => readdir(join(tree, BUILT)).catch(() => [])))
  return recipes.filter(({name}) => !names.flat().includes(name))
}

/** The sources of what a root has stand-ins of: of the same versions, or the twins would be other programs. */
export async function wantedSources({store, record}: Place, recipes: readonly Recipe[]): Promise<WantedSource[]> {
  const {packages} = await readPackages(store.rootTree(record.root))
  const versions = new Map([...packages.values()].map(({source, sourceVersion}) => [source, sourceVersion]))
  return recipes.map(({source}) => {
    const version = versions.get(source)
    return {name: source, ...(version === undefined ? {} : {version})}
  })
}

/** Enters a lasting session of the environment, with its routes kept up to date. */
export type Enter = (
  place: Place,
  plan: Awaited<ReturnType<typeof prepareSession>>,
  onLine: (line: string) => void,
) => Promise<SessionResult>

/** Builds one after the other, and goes on after a failure: what depends on it may fail as well, and will be told. */
export async function buildUserland(
  place: Place,
  work: {recipes: readonly Recipe[]; sources: readonly (Source | undefined)[]; directory: HostPath; signal: AbortSignal},
  enterSession: Enter,
  events: UserlandEvents,
): Promise<Failure[]> {
  const failures: Failure[] = []
  for (const [i, recipe] of work.recipes.entries()) {
    events.onStart?.(recipe.name, i + 1)
    const start = performance.now()
    const source = work.sources[i]
    const failure =
      source === undefined
        ? noSource(recipe)
        : await buildOne(place, recipe, source, work.directory, enterSession, line => events.onLine?.(recipe.name, line))
    work.signal.throwIfAborted()
    if (failure) {
      failures.push(failure)
      events.onFailure?.(failure)
    } else events.onEnd?.(recipe.name, (performance.now() - start) / 1000)
  }
  return failures
}

async function buildOne(
  place: Place,
  recipe: Recipe,
  source: Source,
  below: HostPath,
  enterSession: Enter,
  onLine: (line: string) => void,
): Promise<Failure | undefined> {
  const directory = join(below, recipe.name)
  const tree = join(directory, 'tree')
  const destination = join(directory, 'destination')
  const log = join(below, `${recipe.name}.log`)
  await removeTree(directory)
  await makeDirectory(destination)
  await copyTree(source.tree, tree)
  const {store, record, binfmt} = place
  const plan = await prepareSession(store, record, {
    mode: 'hybrid',
    binfmt,
    lasting: 'lasting',
    binds: [{source: directory, target: directory, access: 'rw'}],
    network: 'own',
    user: 'root',
    directory: tree,
    environment: [`DESTDIR=${destination}`, `XBUILD_JOBS=${availableParallelism()}`].map(text => Buffer.from(text)),
    caller: {},
    terminal: false,
    argv: ['sh', '-c', scriptOf(recipe, source, record.triple)].map(word => Buffer.from(word)),
  })
  const file = createWriteStream(log)
  const result = await enterSession(place, plan, line => {
    file.write(`${line}\n`)
    onLine(line)
  })
  await finished(file.end())
  if (result.kind === 'ended' && result.exitCode === 0) {
    await removeTree(directory)
    // What was built is another file than the stand-in was: the next build has it native from its first exec on.
    await fetchMissingTwins(store, binfmt, record, () => {})
    return undefined
  }
  const status = result.kind === 'ended' ? result.exitCode : result.errno
  return {name: recipe.name, why: `its build ended with ${status}; all that it printed is in ${log}`}
}

const noSource = ({name, source}: Recipe): Failure => ({name, why: `there is no source package ${source} of the root's version`})

async function copyTree(source: HostPath, copy: HostPath): Promise<void> {
  if (!isThere(source)) throw new XbuildError('bad-directory', `${source} is gone`, {hint: 'run it again: it is fetched anew'})
  const {exitCode, stderr} = await run('cp', ['-a', '--reflink=auto', '--', source, copy])
  if (exitCode !== 0) throw new XbuildError('no-space', `${source} could not be copied: ${stderr.trim()}`, {hint: 'free some space'})
}
