import {readFile, stat, writeFile} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {XbuildError} from '../core/errors.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {withinReach} from '../core/stubs/reach.js'
import {hashFile, isThere, readFileIfThere} from '../host/files.js'
import {runAsMaker} from '../host/maker.js'
import {makeWorkDirectory} from '../host/work-directory.js'
import type {StubEntry} from '../root/stub-index.js'
import type {MakeStubsInput} from '../root/stub-package.js'
import {APT_SETTINGS} from './deb-plan.js'
import {aptDirectoryOf, type DebSite, runBoundStep} from './deb-site.js'
import {POOL, type SiteRepository} from './site-repository.js'
import {downloadStep, HOST_APT_CONFIG, hostAptSettings, listStep, STUB_DIRECTORY, WANTED} from './stub-steps.js'
import {HOST_PACKAGES, type KnownStubs, readKnownStubs, type StubStore, writeWhole} from './stub-store.js'

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
    await runStubStep(site, stubs, listStep(), 'the lists of the packages of this machine’s architecture cannot be fetched', progress)
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

/**
 * Less than what is installed has, so that no stub takes the place of another of its version; and less than any real package has.
 * man 5 apt_preferences
 */
const PRIORITY = 90

/** Of a package's file: bytes, and the sum. */
type FileFacts = Pick<StubEntry['from'], 'size' | 'sha256'>

/** What these names may bring of all that can be had. */
export const reachOf = ({entries}: KnownStubs, names: Iterable<string>): StubEntry[] =>
  [...withinReach(names, entries)].flatMap(name => entries.get(name) ?? [])

/**
 * These packages as a repository. apt says by it what it would install, and installs that when it is
 * made: of what is not made yet, the index says what the archive's file is.
 */
export async function offerOf(stubs: StubStore, entries: readonly StubEntry[]): Promise<SiteRepository> {
  const stanzas = await Promise.all(
    entries.map(async entry => {
      const {size, sha256} = (await madeFacts(stubs, entry)) ?? entry.from
      return `${entry.control}\nFilename: ${POOL}/${fileOf(entry, stubs)}\nSize: ${size}\nSHA256: ${sha256}\n`
    }),
  )
  return {name: 'stubs', pool: stubs.pool, index: stanzas.join('\n'), priority: PRIORITY}
}

/** undefined where it is not made. What was found out of a file once is kept beside it. */
async function madeFacts(stubs: StubStore, entry: StubEntry): Promise<FileFacts | undefined> {
  const path = join(stubs.pool, fileOf(entry, stubs))
  if (!isThere(path)) return undefined
  const {size} = await stat(path)
  const kept = `${path}.sum`
  const [sha256, of] = (await readFileIfThere(kept))?.split(' ') ?? []
  if (sha256 !== undefined && Number(of) === size) return {size, sha256}
  const facts = {size, sha256: await hashFile(path, 'sha256')}
  await writeWhole(kept, `${facts.sha256} ${size}`)
  return facts
}

/** Characters that mean something in a file's name, and an epoch's colon, are none of a pool's. */
const fileOf = ({name, version, make}: StubEntry, {profile}: StubStore) =>
  `${name}_${version.replace(/^\d+:/, '')}_${make === 'as-is' ? 'all' : profile.target.architecture}.deb`

/** An address and a file of a mirror's, which become arguments of a program. */
const SITE_ADDRESS = /^(https?|file|copy):\/{1,3}[\w.:/~+%-]+$/
const FILE_PATH = /^[\w.:/~+%-]+\.deb$/
const SUM = /^[0-9a-f]{64}$/

/** Makes, or fetches, those that are not there yet; says whether there were any. */
export async function makeMissing(
  site: DebSite,
  stubs: StubStore,
  wanted: readonly StubEntry[],
  progress: StubProgress,
): Promise<'made' | 'all-there'> {
  const missing = wanted.filter(entry => !isThere(join(stubs.pool, fileOf(entry, stubs))))
  if (missing.length === 0) return 'all-there'
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
    await runStubStep(site, stubs, downloadStep(below), 'packages of this machine’s architecture cannot be fetched', progress)
    await convert(site, stubs, missing, work.path, progress)
    return 'made'
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
  await makeStubs(JSON.parse(await readFile(path, 'utf8')))
}

/** Which packages apt would install, by what it says: `Inst NAME [OLD] (NEW …)`. */
export const resolvedNames = (lines: readonly string[]): string[] =>
  lines.flatMap(line => /^Inst ([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)? /.exec(line)?.[1] ?? [])
