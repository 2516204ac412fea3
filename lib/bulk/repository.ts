import {copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {gzipSync} from 'node:zlib'
import type {BulkPlan} from '../core/bulk/plan.js'
import {formatEntries, type IndexEntry, mergeEntries, parseEntries} from '../core/bulk/repository.js'
import type {AttemptResult} from '../core/bulk/result.js'
import {publishedAttempt, type RunState} from '../core/bulk/state.js'
import {KEY_FILE, ORIGIN} from '../core/debian/own-repository.js'
import {XbuildError} from '../core/errors.js'
import {hashFile, makeDirectoryAtOnce, writeFileAtOnce} from '../host/files.js'
import {takeLock} from '../host/lock.js'
import {readResult} from './attempt-result.js'
import {ftparchive} from './ftparchive.js'
import type {RunDirectory} from './run-directory.js'
import type {Signer} from './signer.js'

export interface Published {
  directory: string
  suite: string
  generation: number
  /** Packages that this run brought, and all that there are. */
  added: number
  all: number
  key: string
}

/** How long apt takes an index for current, in seconds: 90 days. */
const VALID_TIME = 90 * 86_400
const COMPONENT = 'main'
/** Generations that are kept: whoever reads one while the next comes finds all of its files. */
const KEPT = 2

/** What of a repository is where. Generations are whole before `dists` leads to them; the pool's files never change. */
class Repository {
  readonly directory: string
  readonly pool: string
  readonly generations: string
  readonly dists: string
  readonly key: string

  constructor(directory: string) {
    this.directory = directory
    this.pool = join(directory, 'pool')
    this.generations = join(directory, '.generations')
    this.dists = join(directory, 'dists')
    this.key = join(directory, KEY_FILE)
  }

  numbers = (): number[] => {
    const names = existsSync(this.generations) ? readdirSync(this.generations) : []
    return names
      .filter(name => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b)
  }
}

/** Adds what a run built to a repository, which apt reads, as a new generation. */
export async function publish(directory: RunDirectory, plan: BulkPlan, state: RunState, to: string, signer: Signer): Promise<Published> {
  const repository = openRepository(to)
  const lock = await takeLock(join(repository.directory, '.lock'), 'exclusive', 'no')
  if (!lock) throw new XbuildError('in-use', `${to} is being published to by another process`, {hint: 'try again when that has ended'})
  try {
    const paths = await fillPool(repository, directory, state)
    if (paths.size === 0)
      throw new XbuildError('unknown-package', 'the run has built no package yet', {hint: 'xbuild-env packages status says how it goes'})
    const added = (await indexPool(repository)).filter(({filename}) => paths.has(filename))
    const number = (repository.numbers().at(-1) ?? 0) + 1
    const last = readLast(repository, plan)
    const entries = mergeEntries(last, added)
    const partial = join(repository.generations, `.partial-${number}`)
    rmSync(partial, {recursive: true, force: true})
    await writeGeneration(partial, repository, plan, entries, signer)
    renameSync(partial, join(repository.generations, String(number)))
    leadTo(repository, number)
    prune(repository)
    return {
      directory: repository.directory,
      suite: plan.suite,
      generation: number,
      added: added.length,
      all: entries.length,
      key: repository.key,
    }
  } finally {
    await lock.release()
  }
}

/** Throws `bad-output` where a directory holds something else: what a repository does not need is removed from its pool. */
function openRepository(to: string): Repository {
  const repository = new Repository(resolve(to))
  const {directory, generations, pool} = repository
  if (existsSync(directory) && !existsSync(generations) && readdirSync(directory).length > 0) {
    throw new XbuildError('bad-output', `${directory} holds other things than a repository of packages of runs`, {
      hint: 'name an empty directory, or one that is not there yet',
    })
  }
  for (const path of [generations, pool]) makeDirectoryAtOnce(path)
  return repository
}

/** Below their own sums, files of one name do not meet. */
async function fillPool({pool, directory}: Repository, run: RunDirectory, state: RunState): Promise<Set<string>> {
  const paths = new Set<string>()
  for (const one of state.packages.values()) {
    const attempt = publishedAttempt(one)
    const place = attempt && run.attempt(one.planned.name, attempt.number)
    for (const file of place === undefined ? [] : debsOf(readResult(place))) {
      const target = join(pool, file.sha256.slice(0, 16), file.name)
      if (!existsSync(target)) await copyChecked(join(place as string, file.name), target, file.sha256)
      paths.add(target.slice(directory.length + 1))
    }
  }
  return paths
}

const debsOf = (result: AttemptResult | undefined) => result?.files.filter(({name}) => name.endsWith('.deb')) ?? []

async function copyChecked(from: string, to: string, sha256: string): Promise<void> {
  makeDirectoryAtOnce(join(to, '..'))
  copyFileSync(from, `${to}.new`)
  if ((await hashFile(`${to}.new`, 'sha256')) !== sha256) {
    throw new XbuildError('bad-artifact', `${from} is another file than the run built`, {hint: 'build it again: xbuild-env packages retry'})
  }
  renameSync(`${to}.new`, to)
}

/** What the pool has, as apt-ftparchive says it. man 1 apt-ftparchive */
async function indexPool({pool, directory}: Repository): Promise<IndexEntry[]> {
  return parseEntries(await ftparchive(['--db', join(directory, '.cache.db'), 'packages', pool]), `${directory}/`)
}

const indexPath = ({suite, architecture}: BulkPlan) => join('dists', suite, COMPONENT, `binary-${architecture}`)

function readLast({directory}: Repository, plan: BulkPlan): IndexEntry[] {
  const path = join(directory, indexPath(plan), 'Packages')
  return existsSync(path) ? parseEntries(readFileSync(path, 'utf8')) : []
}

async function writeGeneration(
  partial: string,
  repository: Repository,
  plan: BulkPlan,
  entries: readonly IndexEntry[],
  signer: Signer,
): Promise<void> {
  const index = join(partial, indexPath(plan))
  makeDirectoryAtOnce(index)
  const text = formatEntries(entries)
  const files = {Packages: Buffer.from(text), 'Packages.gz': gzipSync(text)}
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(index, name), bytes)
  const top = join(partial, 'dists', plan.suite)
  const release = await ftparchive([...releaseOptions(plan), 'release', top])
  writeFileSync(join(top, 'Release'), release)
  await addByHash(index, Object.keys(files), join(repository.directory, indexPath(plan)))
  await signer.sign(join(top, 'Release'), join(top, 'InRelease'), join(top, 'Release.gpg'))
  writeFileAtOnce(repository.key, await signer.publicKey())
}

/** https://wiki.debian.org/DebianRepository/Format#A.22Release.22_files */
function releaseOptions({suite, architecture}: BulkPlan): string[] {
  const fields = {
    Origin: ORIGIN,
    Label: ORIGIN,
    Suite: suite,
    Codename: suite,
    Architectures: architecture,
    Components: COMPONENT,
    ValidTime: String(VALID_TIME),
    'Acquire-By-Hash': 'yes',
  }
  return Object.entries(fields).flatMap(([name, value]) => ['-o', `APT::FTPArchive::Release::${name}=${value}`])
}

/** Files by their sums, and those of the last generation: who has read its Release finds them still. */
async function addByHash(index: string, names: readonly string[], last: string): Promise<void> {
  const directory = join(index, 'by-hash', 'SHA256')
  makeDirectoryAtOnce(directory)
  for (const from of [last, index]) {
    for (const name of names) {
      const path = join(from, name)
      if (existsSync(path)) copyFileSync(path, join(directory, await hashFile(path, 'sha256')))
    }
  }
}

/** From one moment to the next. */
function leadTo({dists}: Repository, number: number): void {
  rmSync(`${dists}.new`, {force: true})
  symlinkSync(join('.generations', String(number), 'dists'), `${dists}.new`)
  renameSync(`${dists}.new`, dists)
}

/** Generations that nobody reads any more, and what of the pool only they had. */
function prune(repository: Repository): void {
  const numbers = repository.numbers()
  for (const number of numbers.slice(0, -KEPT)) rmSync(join(repository.generations, String(number)), {recursive: true})
  const needed = new Set(numbers.slice(-KEPT).flatMap(number => filesOf(join(repository.generations, String(number)))))
  for (const sum of readdirSync(repository.pool).filter(name => /^[0-9a-f]{16}$/.test(name))) {
    const names = readdirSync(join(repository.pool, sum))
    if (!names.some(name => needed.has(`pool/${sum}/${name}`))) rmSync(join(repository.pool, sum), {recursive: true})
  }
}

const filesOf = (generation: string) =>
  readdirSync(generation, {recursive: true, encoding: 'utf8'})
    .filter(name => name.endsWith('/Packages'))
    .flatMap(name => parseEntries(readFileSync(join(generation, name), 'utf8')).map(({filename}) => filename))
