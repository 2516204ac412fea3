import {createHash} from 'node:crypto'
import {link, mkdir, readFile, stat, writeFile} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {releaseOf} from '../core/debian/flat-repository.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {XbuildError} from '../core/errors.js'
import {hashFile, isThere} from '../host/files.js'
import {runAsMaker} from '../host/maker.js'
import {makeWorkDirectory} from '../host/work-directory.js'
import type {MakeStubsInput} from '../root/stub-package.js'
import type {StubEntry} from '../root/stub-index.js'
import {APT_SETTINGS, STUB_LINE, STUB_PACKAGES, STUB_SOURCES} from './deb-plan.js'
import {aptDirectoryOf, type DebSite, runBoundStep} from './deb-site.js'
import {downloadStep, HOST_APT_CONFIG, hostAptSettings, listStep, STUB_DIRECTORY, WANTED} from './stub-steps.js'
import {HOST_PACKAGES, type KnownStubs, readKnownStubs, type StubStore} from './stub-store.js'

/** What apt calls where stub packages come from. */
const ORIGIN = 'xbuild-env-stubs'

/** Lists of an archive that are older than this, ms, are fetched anew: a stable suite changes less often. */
const LISTS_LAST = 24 * 3600 * 1000

export interface StubProgress {
  onLine: (line: string) => void
  signal: AbortSignal
}

/** What can be had at once, from lists that are not old. */
export async function knownStubs(site: DebSite, stubs: StubStore, progress: StubProgress): Promise<KnownStubs> {
  const packages = join(stubs.directory, HOST_PACKAGES)
  if (!isThere(packages) || Date.now() - (await stat(packages)).mtimeMs > LISTS_LAST) {
    await writeHostSettings(site)
    await runStubStep(site, stubs, listStep(), 'the lists of the packages of this machine’s architecture cannot be had', progress)
  }
  return readKnownStubs(stubs)
}

const writeHostSettings = (site: DebSite) =>
  writeFile(join(aptDirectoryOf(site), HOST_APT_CONFIG), `${APT_SETTINGS}${hostAptSettings(hostArchitecture().debian)}`)

async function runStubStep(
  site: DebSite,
  stubs: StubStore,
  step: ReturnType<typeof listStep>,
  failure: string,
  {onLine, signal}: StubProgress,
): Promise<void> {
  const lines: string[] = []
  const binds = [{source: stubs.directory, target: STUB_DIRECTORY, access: 'rw'}] as const
  const {end} = await runBoundStep(
    site,
    step,
    binds,
    line => {
      lines.push(line)
      onLine(line)
    },
    signal,
  )
  if (end.kind === 'passed') return
  const why = lines.find(line => line.startsWith('E: ')) ?? lines.at(-1) ?? end.why
  throw new XbuildError('archive', `${failure}: ${why}`, {hint: 'the mirrors of the environment must be reachable'})
}

/** Shows apt all that could be had, so that it says what it would install: none of it is there yet. */
export const offerAll = (site: DebSite, {entries}: KnownStubs): Promise<void> =>
  writeIndex(
    site,
    [...entries.values()].map(entry => `${entry.control}\nFilename: ./${entry.name}.deb\nSize: ${entry.from.size}\nSHA256: ${entry.from.sha256}\n`),
  )

/** Makes these packages, or fetches them, and shows them to apt, and no others. */
export async function offerMade(
  site: DebSite,
  stubs: StubStore,
  wanted: readonly StubEntry[],
  progress: StubProgress,
): Promise<void> {
  await make(site, stubs, wanted, progress)
  const stanzas: string[] = []
  for (const entry of wanted) {
    const name = fileOf(entry, stubs)
    const from = join(stubs.pool, name)
    await link(from, join(stubDirectoryOf(site), name)).catch(error => {
      if (error.code !== 'EEXIST') throw error
    })
    const size = (await stat(from)).size
    stanzas.push(`${entry.control}\nFilename: ./${name}\nSize: ${size}\nSHA256: ${await hashFile(from, 'sha256')}\n`)
  }
  await writeIndex(site, stanzas)
}

const stubDirectoryOf = (site: DebSite) => join(aptDirectoryOf(site), STUB_PACKAGES)

async function writeIndex(site: DebSite, stanzas: readonly string[]): Promise<void> {
  const directory = stubDirectoryOf(site)
  await mkdir(directory, {recursive: true})
  const index = Buffer.from(`${stanzas.join('\n')}\n`)
  const sha256 = createHash('sha256').update(index).digest('hex')
  await writeFile(join(directory, 'Packages'), index)
  await writeFile(join(directory, 'Release'), releaseOf(ORIGIN, new Date(), {name: 'Packages', size: index.length, sha256}))
  await writeFile(join(aptDirectoryOf(site), STUB_SOURCES), STUB_LINE)
}

/** Characters that mean something in a file's name, and an epoch's colon, are none of a pool's. */
const fileOf = ({name, version, make}: StubEntry, {profile}: StubStore) =>
  `${name}_${version.replace(/^\d+:/, '')}_${make === 'as-is' ? 'all' : profile.target.architecture}.deb`

/** An address and a file of a mirror's, which become arguments of a program. */
const SITE_ADDRESS = /^(https?|file|copy):\/{1,3}[\w.:/~+%-]+$/
const FILE_PATH = /^[\w.:/~+%-]+\.deb$/
const SUM = /^[0-9a-f]{64}$/

async function make(site: DebSite, stubs: StubStore, wanted: readonly StubEntry[], progress: StubProgress): Promise<void> {
  const missing = wanted.filter(entry => !isThere(join(stubs.pool, fileOf(entry, stubs))))
  if (missing.length === 0) return
  const work = await makeWorkDirectory(stubs.work)
  try {
    const sources = missing.map(({name, from}) => {
      if (SITE_ADDRESS.test(from.site) && FILE_PATH.test(from.file) && SUM.test(from.sha256)) return from
      throw new XbuildError('archive', `the archive's index says of ${name} neither a file nor a sum`, {hint: 'is the mirror whole?'})
    })
    const list = sources.map(({site, file, sha256}) => `${site.replace(/\/$/, '')}/${file} ${basename(file)} SHA256:${sha256}\n`)
    await writeFile(join(work.path, WANTED), list.join(''))
    await writeHostSettings(site)
    const below = work.path.slice(stubs.directory.length + 1)
    await runStubStep(site, stubs, downloadStep(below), 'packages of this machine’s architecture cannot be had', progress)
    await convert(site, stubs, missing, work.path, progress)
  } finally {
    await work.remove()
  }
}

/** The command that makes stub packages: this program itself, as root of a user namespace. */
const makeCommand = (input: string) => [process.execPath, process.argv[1] as string, '__make-stubs', input]

async function convert(
  {store, record}: DebSite,
  stubs: StubStore,
  entries: readonly StubEntry[],
  work: string,
  {onLine, signal}: StubProgress,
): Promise<void> {
  const jobs = entries.map(entry => ({
    make: entry.make,
    control: entry.control,
    archive: join(work, basename(entry.from.file)),
    to: join(stubs.pool, fileOf(entry, stubs)),
  }))
  const {target} = stubs.profile
  const input: MakeStubsInput = {
    names: {host: hostArchitecture(), target},
    endian: target.endian,
    root: store.rootTree(record.root),
    work,
    jobs,
  }
  const path = join(work, 'jobs.json')
  await writeFile(path, JSON.stringify(input))
  const {exitCode, tail} = await runAsMaker(makeCommand(path), {onLine, signal})
  signal.throwIfAborted()
  if (exitCode === 0) return
  throw new XbuildError('archive', `stub packages cannot be made: ${tail.at(-1) ?? `ended with ${exitCode}`}`, {
    hint: 'is there space on the disk?',
  })
}

/** Called by that command. */
export async function makeStubsOf(path: string): Promise<void> {
  const {makeStubs} = await import('../root/stub-package.js')
  makeStubs(JSON.parse(await readFile(path, 'utf8')))
}

/** Which packages apt would install, by what it says: `Inst NAME [OLD] (NEW …)`. */
export const resolvedNames = (lines: readonly string[]): string[] =>
  lines.flatMap(line => /^Inst ([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)? /.exec(line)?.[1] ?? [])
