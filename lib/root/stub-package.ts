import {createHash} from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import {join} from 'node:path'
import {mergedPath} from '../core/debian/packages.js'
import {XbuildError} from '../core/errors.js'
import {STUB} from '../core/places.js'
import {makeDirectoryAtOnce} from '../host/files.js'
import {run} from '../host/run.js'
import {describeFile} from './host-file.js'
import {fateOf, type LayoutNames, type LayoutRules, retarget} from './layout-rules.js'
import {ownNames, placeCross, writeNew} from './place-cross.js'
import type {StubEntry} from './stub-index.js'

/** A package to be made: what the index of a CPU without an archive says of it, and the archive's file. */
export interface StubJob {
  make: StubEntry['make']
  /** Its control fields. */
  control: string
  archive: string
  /** Gets its name when it is whole. */
  to: string
}

export interface MakeStubsInput {
  names: LayoutNames
  endian: 'little' | 'big'
  /** The root that the packages are for. */
  root: string
  /** A directory for what is being made. */
  work: string
  jobs: readonly StubJob[]
}

/** Makes packages, in a process of its own that is root of a user namespace, so that owners are kept. */
export async function makeStubs({jobs, ...place}: MakeStubsInput): Promise<void> {
  for (const [i, job] of jobs.entries()) {
    if (existsSync(job.to)) continue
    if (job.make === 'as-is') renameSync(job.archive, job.to)
    else await makeStub(job, {...place, work: join(place.work, String(i))})
  }
}

type Place = Omit<MakeStubsInput, 'jobs'>

/** Of the control files of a package, those that are made anew, or tell of libraries that are left out. man 5 deb */
const LEFT_OUT = new Set(['control', 'md5sums', 'shlibs', 'symbols'])

async function makeStub(job: StubJob, place: Place): Promise<void> {
  const [from, tree] = [join(place.work, 'from'), join(place.work, 'tree')]
  makeDirectoryAtOnce(place.work)
  await runDpkgDeb(['--raw-extract', job.archive, from])
  makeDirectoryAtOnce(join(tree, CONTROL_DIRECTORY))
  if (job.make === 'stub') layOutStub(from, tree, place)
  else layOutGiven(from, tree, place)
  writeNew(join(tree, CONTROL_DIRECTORY, 'control'), `${job.control}\nDescription: ${describe(job)}\n`)
  writeSums(tree)
  const partial = join(place.work, 'made.deb')
  // It is read from this disk a moment later: packing it would cost more than it saves.
  await runDpkgDeb(['--build', '-Znone', tree, partial])
  renameSync(partial, job.to)
  rmSync(place.work, {recursive: true})
}

const CONTROL_DIRECTORY = 'DEBIAN'

const describe = ({make}: StubJob) =>
  make === 'stub'
    ? "stub of the host's package of this name: its programs run as their twins"
    : 'laid out from the package of the cross compiler'

async function runDpkgDeb(args: readonly string[]): Promise<void> {
  const {exitCode, stderr} = await run('dpkg-deb', args)
  if (exitCode !== 0) throw new XbuildError('archive', `dpkg-deb ${args[0]}: ${stderr.trim() || `ended with ${exitCode}`}`)
}

/** The host's package as the target's: what a root is laid out by, package by package. */
function layOutStub(from: string, tree: string, {names, endian, root}: Place): void {
  const rules: LayoutRules = {names, endian, isReplaced: () => false, isGone: () => false}
  const stubs = new StubLinks(join(root, STUB))
  for (const path of pathsBelow(from, '')) {
    if (path === `/${CONTROL_DIRECTORY}` || path.startsWith(`/${CONTROL_DIRECTORY}/`)) continue
    placeFile(from, tree, path, rules, stubs)
  }
  for (const name of readdirSync(join(from, CONTROL_DIRECTORY)).filter(name => !LEFT_OUT.has(name))) {
    const file = join(from, CONTROL_DIRECTORY, name)
    const text = readFileSync(file, 'utf8')
    writeNew(join(tree, CONTROL_DIRECTORY, name), retarget(text, names), statSync(file).mode & 0o777)
  }
}

function placeFile(from: string, tree: string, path: string, rules: LayoutRules, stubs: StubLinks): void {
  const stats = lstatSync(join(from, path))
  // A package's own paths may lead through the links of a merged /usr; rules know where these lead to.
  const merged = mergedPath(path)
  const file = describeFile(join(from, path), merged, stats)
  const fate = file && fateOf(file, rules)
  if (file === undefined || fate === undefined || fate.kind === 'leave-out') return
  const to = join(tree, merged === path ? fate.to : fate.to.replace(/^\/usr\//, '/'))
  if (file.kind === 'directory') makeDirectoryAtOnce(to)
  else if (fate.kind === 'stub') return stubs.put(to)
  else if (file.kind === 'link') symlinkSync(retarget(readlinkSync(join(from, path)), rules.names), to)
  else if (fate.kind === 'rewrite') writeNew(to, fate.text)
  else linkSync(join(from, path), to)
  lchownSync(to, stats.uid, stats.gid)
  if (file.kind === 'link') return
  chmodSync(to, stats.mode & 0o7777)
  if (file.kind === 'file') utimesSync(to, stats.atime, stats.mtime)
}

/** Programs of one package are links to one file, as those of a root are: it is known by its size and its time. */
class StubLinks {
  #first: string | undefined

  constructor(readonly stub: string) {}

  put(to: string): void {
    if (this.#first !== undefined) return linkSync(this.#first, to)
    const {atime, mtime} = statSync(this.stub)
    copyFileSync(this.stub, to)
    chmodSync(to, 0o755)
    utimesSync(to, atime, mtime)
    this.#first = to
  }
}

/** A library of the cross compiler's, where the target's own lies, and what those who link it depend on. */
function layOutGiven(from: string, tree: string, {names, root}: Place): void {
  const files = [...pathsBelow(from, '')].filter(path => !path.startsWith(`/${CONTROL_DIRECTORY}`))
  placeCross({names, from, to: tree, headers: root}, files)
  for (const name of ['shlibs', 'symbols']) {
    const file = join(from, CONTROL_DIRECTORY, name)
    if (!existsSync(file)) continue
    writeNew(join(tree, CONTROL_DIRECTORY, name), ownNames(readFileSync(file, 'utf8'), names))
  }
}

function writeSums(tree: string): void {
  const files = [...pathsBelow(tree, '')].filter(path => !path.startsWith(`/${CONTROL_DIRECTORY}`) && lstatSync(join(tree, path)).isFile())
  const lines = files.map(
    path =>
      `${createHash('md5')
        .update(readFileSync(join(tree, path)))
        .digest('hex')}  ${path.slice(1)}\n`,
  )
  writeNew(join(tree, CONTROL_DIRECTORY, 'md5sums'), lines.join(''))
}

function* pathsBelow(tree: string, directory: string): Generator<string> {
  for (const entry of readdirSync(join(tree, directory), {withFileTypes: true})) {
    const path = `${directory}/${entry.name}`
    yield path
    if (entry.isDirectory()) yield* pathsBelow(tree, path)
  }
}
