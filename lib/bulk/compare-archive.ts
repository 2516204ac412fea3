import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {type ArchiveComparison, classify, isBuiltOf} from '../core/bulk/archive-comparison.js'
import {CONTROL_FILE, evidenceOf, type PartPairs} from '../core/bulk/archive-evidence.js'
import {parts} from '../core/compare/content.js'
import {arePackedAlike, uncompressed} from '../core/compare/packed-alike.js'
import {shellLine} from '../core/shell-words.js'
import type {EmulatedRecord} from '../environment/record.js'
import {Tree} from '../host/beneath.js'
import {makeDirectory} from '../host/files.js'
import {listTree, takeTree} from '../host/tree.js'
import {compareTrees} from '../measure/compare-trees.js'
import {leakRules} from '../measure/leak-rules.js'
import {readContent} from '../measure/unpack.js'
import type {BuiltTree} from '../measure/verify-run.js'
import type {DebFile} from '../packages/deb-build.js'
import {BUILD_DIRECTORY, type DebPlan, type DebStep, installStep} from '../packages/deb-plan.js'
import {type DebSite, runDebStep, sourceDirectoryOf} from '../packages/deb-site.js'

/** Below the build's directory, for what the archive has. */
const DOWNLOADS = '.archive'

/** NAME_VERSION_ARCHITECTURE.deb, and its name; debug symbols are in another archive. */
const nameOf = (file: string) => (file.endsWith('.deb') && !file.includes('-dbgsym_') ? file.split('_')[0] : undefined)

/** Gets what the archive has of the same packages; what it does not have is not compared. */
function downloadStep(plan: DebPlan, source: Parameters<typeof installStep>[1], names: readonly string[]): DebStep {
  const place = `${BUILD_DIRECTORY}/${DOWNLOADS}`
  const script = `umask 022
mkdir ${place}
cd ${place}
for name in ${shellLine(names)}; do apt-get download -- "$name" || :; done`
  return {...installStep(plan, source), name: 'compare', script}
}

/** Compares what was built with the archive's own packages of that version. `directory` has the built files. */
export async function compareWithArchive(
  site: DebSite & {record: EmulatedRecord},
  plan: DebPlan,
  source: Parameters<typeof installStep>[1],
  files: readonly DebFile[],
  directory: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<ArchiveComparison[]> {
  const built = new Map(files.flatMap(({name}) => (nameOf(name) === undefined ? [] : [[nameOf(name) as string, name] as const])))
  if (built.size === 0) return []
  await runDebStep(site, downloadStep(plan, source, [...built.keys()]), undefined, onLine, signal)
  const downloads = join(sourceDirectoryOf(site), DOWNLOADS)
  await takeTree(downloads, signal)
  const found = new Tree([downloads], 'refused').list('.')
  const pairs: Pair[] = []
  for (const {name: file} of found.kind === 'found' ? found.value : []) {
    const own = built.get(nameOf(file) ?? '')
    const version = decodeURIComponent(file.split('_')[1] ?? '')
    if (own === undefined || !isBuiltOf(version, decodeURIComponent(own.split('_')[1] ?? ''))) continue
    pairs.push({own: join(directory, own), other: join(downloads, file), version})
  }
  const evidence = await findEvidence(pairs)
  const compared: ArchiveComparison[] = []
  for (const pair of pairs) compared.push(await compareOne(site, pair, evidence.get(pair.version) ?? [], signal))
  return compared
}

/** A package that was built, and the archive's, with its version. */
interface Pair {
  own: string
  other: string
  version: string
}

/** The bytes of both packages, packed alike. */
interface PairBytes {
  here: Buffer
  there: Buffer
  packing: 'alike' | 'otherwise'
}

async function readPair({own, other}: Pair): Promise<PairBytes> {
  const [here, there] = [await readFile(own), await readFile(other)]
  if (arePackedAlike(here, there)) return {here, there, packing: 'alike'}
  return {here: uncompressed(await readContent(here)), there: uncompressed(await readContent(there)), packing: 'otherwise'}
}

/** By the archive's version: what was built together was built with the same tools. */
async function findEvidence(pairs: readonly Pair[]): Promise<Map<string, string[]>> {
  const evidence = new Map<string, string[]>()
  for (const pair of pairs) {
    const known = evidence.get(pair.version) ?? []
    evidence.set(pair.version, [...new Set([...known, ...evidenceOf(await partsOf(await readPair(pair)))])])
  }
  return evidence
}

/** What both packages have. */
async function partsOf({here, there}: PairBytes): Promise<PartPairs> {
  if (here.equals(there)) return new Map()
  const others = new Map(parts(await readContent(there)).map(({place, bytes}) => [place, bytes]))
  return new Map(
    parts(await readContent(here)).flatMap(({place, bytes}) => {
      const counterpart = others.get(place)
      return counterpart ? [[place, [bytes, counterpart] as const]] : []
    }),
  )
}

/** Under the same name, in a directory each. */
async function compareOne(
  site: DebSite & {record: EmulatedRecord},
  pair: Pair,
  evidence: readonly string[],
  signal: AbortSignal,
): Promise<ArchiveComparison> {
  const {own, version} = pair
  const name = nameOf(own.split('/').at(-1) ?? '') ?? ''
  const bytes = await readPair(pair)
  const place = join(site.directory, 'compared', name)
  const [one, archive] = [
    await treeOf(join(place, 'own'), bytes.here, name, signal),
    await treeOf(join(place, 'archive'), bytes.there, name, signal),
  ]
  // The archive's compiler may have been another revision of the same version: what only says so is explained.
  const rules = {compiler: 'skewed', leaks: leakRules(site.store, site.record, site.directory)} as const
  const {files, leaks} = await compareTrees([one], archive, rules, signal)
  const places = files.map(({path, differences}) => ({place: path, differences}))
  const told = leaks.map(leak => ({place: leak.path, detail: `the host shows in it: ${leak.what}`}))
  const pairs = await partsOf(bytes)
  const known = {
    pairs,
    controls: controlsOf(pairs),
    isRebuild: /\+b\d+$/.test(version),
    packing: bytes.packing,
    evidence,
    year: new Date().getUTCFullYear(),
  }
  const comparison = classify(name, version, places, known)
  return told.length === 0 ? comparison : {...comparison, class: 'different', differences: [...told, ...comparison.differences]}
}

/** Both control files of a package; empty where they cannot be read: then nothing is explained by them. */
function controlsOf(pairs: PartPairs): readonly [string, string] {
  const [, found = []] = [...pairs].find(([place]) => CONTROL_FILE.test(place)) ?? []
  return [found[0]?.toString() ?? '', found[1]?.toString() ?? '']
}

async function treeOf(directory: string, content: Buffer, name: string, signal: AbortSignal): Promise<BuiltTree> {
  await makeDirectory(directory)
  await writeFile(join(directory, `${name}.deb`), content)
  const entries = await listTree(directory, `${directory}.list`, signal)
  // Of the file itself only what is in it counts.
  const kept = new Map([...entries].filter(([path]) => path !== ''))
  return {
    run: {name: 'hybrid', mode: 'hybrid', exitCode: 0, seconds: 0},
    tree: directory,
    entries: kept,
    changed: new Set(kept.keys()),
    output: [],
  }
}
