import {chmod, readFile} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import {isDeepStrictEqual} from 'node:util'
import {parseImage} from '../core/elf/sections.js'
import type {CpuField, HostArchitecture, ProcessorFeatures} from '../core/hosts/host.js'
import {hostArchitecture} from '../core/hosts/hosts.js'
import {HEAP_LOADER} from '../core/places.js'
import {type IdMap, mountsFor, type SessionPlan} from '../core/session/plan.js'
import {withCpuFeatures, withTunables} from '../core/twins/loader.js'
import {Tree} from '../host/beneath.js'
import {writeFileSafely} from '../host/files.js'
import {damagedTwins} from './damaged.js'

/** The loader need not look for variants of a library that a twin set has none of (legacy hardware capabilities). */
const PLAIN = {'glibc.cpu.hwcap_mask': 0}

/**
 * A linker of binutils asks for its memory, some 50 MB, in hundreds of pieces: with these, in few, and of large pages
 * where the system gives them to who asks (transparent_hugepage: madvise), it takes three quarters of the time. Smaller
 * programs take longer, since each large page is cleared. Bytes; The GNU C Library manual, "Memory Allocation Tunables".
 */
const HEAP = {'glibc.malloc.top_pad': 16 * 1024 * 1024, 'glibc.malloc.hugetlb': 1}

/** Makes the two loaders of the one that the C library came with; where it is not known how to change it, both as it is. */
export async function makeLoaders(libraries: string, host: HostArchitecture): Promise<void> {
  const [plain, heap] = [basename(host.loader), basename(HEAP_LOADER)].map(name => join(libraries, name)) as [string, string]
  const loader = await readFile(plain)
  const changed = withTunables(loader, PLAIN) ?? loader
  await writeProgram(plain, changed)
  await writeProgram(heap, withTunables(changed, HEAP) ?? changed)
}

/** Writes loaders of `libraries`, by their names, into a directory, each with what this machine's processor can do, where it can be told. */
export async function fillLoaders(directory: string, libraries: string, names: readonly string[]): Promise<void> {
  const {processor} = hostArchitecture()
  for (const name of names) {
    const [from, to] = [join(libraries, name), join(directory, name)]
    const loader = readLoader(libraries, name)
    await writeProgram(to, (processor && (await knowingLoader(loader, {from, to}, processor))) ?? loader)
  }
}

/** The loader that knows what it would ask; undefined where there is none, or what it says then is not the same. */
async function knowingLoader(
  loader: Buffer,
  {from, to}: {from: string; to: string},
  processor: ProcessorFeatures,
): Promise<Buffer | undefined> {
  const fields = await askLoader(from, processor)
  const changed = withCpuFeatures(loader, fields, processor)
  if (!changed) return undefined
  await writeProgram(to, changed)
  return isDeepStrictEqual(fields, await askLoader(to, processor)) ? changed : undefined
}

/** Bytes: fifty times as much as one of glibc has. */
const LOADER_LIMIT = 16 * 2 ** 20

/** A twin set may have come in an archive. */
function readLoader(libraries: string, name: string): Buffer {
  const path = join(libraries, name)
  const loader = new Tree([libraries], 'refused').read(name, LOADER_LIMIT)
  if (loader.kind !== 'found') throw damagedTwins(`${path} ${loader.why}`)
  if (!parseImage(loader.value)) throw damagedTwins(`${path} is not a complete program`)
  return loader.value
}

async function writeProgram(path: string, content: Buffer): Promise<void> {
  await writeFileSafely(path, content)
  await chmod(path, 0o755)
}

/** In ms: a loader that is one says all within a few. */
const LONGEST_ANSWER = 10_000

/** Lines: some four times as many as glibc's has. */
const MOST_LINES = 4096

/**
 * Asks a loader in a session that has nothing but its directory: it is a file of a twin set, and those are not executed on the
 * host. Nothing where it does not answer, or never ends: it is another kind of loader. What runs sessions is loaded here: one
 * whose loaders are there starts sooner by a third.
 */
async function askLoader(path: string, processor: ProcessorFeatures): Promise<CpuField[]> {
  const [{runSession}, {idMap}] = await Promise.all([import('../host/session.js'), import('../host/ids.js')])
  const lines: string[] = []
  const take = (line: string) => void (lines.length < MOST_LINES && lines.push(line))
  const signal = AbortSignal.timeout(LONGEST_ANSWER)
  const result = await runSession(loaderPlan(path, await idMap()), {output: {lines: take}, signal})
  return result.kind === 'ended' && result.exitCode === 0 ? processor.fields(lines.join('\n')) : []
}

const loaderPlan = (path: string, ids: IdMap): SessionPlan => ({
  ids,
  network: 'own',
  terminal: false,
  mounts: mountsFor(ids),
  operations: [
    {op: 'root', upper: undefined, work: undefined, lower: [dirname(path)]},
    {op: 'directory', path: '/proc'},
    {op: 'mount', type: 'proc', target: '/proc', options: ''},
    {op: 'enter'},
  ],
  command: {
    kind: 'execute',
    argv: [join('/', basename(path)), '--list-diagnostics'].map(argument => Buffer.from(argument)),
    variables: [],
    directory: '/',
    uid: 0,
    gid: 0,
    groups: [],
  },
})
