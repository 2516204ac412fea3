import {type Content, compareContent, leaves, packedFormat, parts} from '../core/compare/content.js'
import {Derived, explainDerived} from '../core/compare/derived.js'
import {type CompareRules, type Difference, different, SAME_MODE} from '../core/compare/difference.js'
import {explainInstalledSize} from '../core/compare/installed-size.js'
import {findLeaks, type LeakRules} from '../core/compare/leaks.js'
import {compareEntries, type TreeEntry} from '../core/compare/tree-entry.js'
import {classOf, settle, type VerifyResult} from '../core/compare/verdict.js'
import {hashFileIn, readFileIn} from '../host/tree.js'
import {readContent} from './unpack.js'
import type {BuiltTree} from './verify-run.js'

export type TreeComparison = Pick<VerifyResult, 'counts' | 'files' | 'leaks' | 'notSearched'>

export interface TreeRules {
  compiler: CompareRules['compiler']
  leaks: LeakRules
}

/** Bytes. A larger file is compared by its hash, and not searched. */
const LIMIT = 2 ** 30

/** One path in two trees: its own in each, since a build id may be part of it. */
interface Pair {
  one: TreeEntry | undefined
  other: TreeEntry | undefined
}

const isFile = (entry: TreeEntry | undefined): entry is TreeEntry => entry?.type === 'f'

/** Compares what the first hybrid build made with what the emulated one did; further hybrid ones tell what differs anyway. */
export async function compareTrees(
  [hybrid, ...again]: readonly [BuiltTree, ...BuiltTree[]],
  emulated: BuiltTree,
  rules: TreeRules,
  signal: AbortSignal,
): Promise<TreeComparison> {
  const changed = new Set([hybrid, ...again, emulated].flatMap(tree => [...tree.changed]))
  const derived = await findBuildIds(hybrid, emulated, changed)
  const result: TreeComparison = {
    counts: {identical: 0, explained: 0, 'not-reproducible': 0, different: 0},
    files: [],
    leaks: [],
    notSearched: [],
  }
  const compared: {pair: Pair; path: string; found: Difference[]}[] = []
  for (const pair of pairUp(hybrid, emulated, changed, derived)) {
    signal.throwIfAborted()
    const path = displayed((pair.one ?? pair.other)?.path ?? '')
    const {found, leaks, searched} = await comparePair(
      hybrid,
      emulated,
      pair,
      {compiler: rules.compiler, rename: derived.rename},
      rules.leaks,
      derived,
    )
    compared.push({pair, path, found})
    result.leaks = [...result.leaks, ...leaks.map(leak => ({path, ...leak}))]
    if (!searched) result.notSearched = [...result.notSearched, path]
  }
  for (const {pair, path, found} of compared) {
    const explained = explainDerived(found, derived)
    const differences = classOf(explained) === 'different' ? settle(explained, await unsteadyPlaces(hybrid, again, pair.one)) : explained
    addFile(result, pair, path, differences)
  }
  for (const path of onlyIn(again, hybrid, emulated)) {
    addFile(result, {one: undefined, other: undefined}, displayed(path), [
      different('presence', 'only a further hybrid build has it', 'not-reproducible'),
    ])
  }
  return result
}

/** Names are shown as UTF-8. */
const displayed = (path: string) => Buffer.from(path, 'latin1').toString()

/** Directories count where they differ: they hold what is counted. */
function addFile(result: TreeComparison, pair: Pair, path: string, differences: readonly Difference[]): void {
  const found = classOf(differences)
  if (found === 'identical') {
    if (pair.one?.type !== 'd') result.counts.identical++
    return
  }
  result.counts[found]++
  result.files = [...result.files, {path, class: found, differences}]
}

/** The build ids of what the two builds have under one name, in archives too: parts of other names follow from them. */
async function findBuildIds(hybrid: BuiltTree, emulated: BuiltTree, paths: ReadonlySet<string>): Promise<Derived> {
  const derived = new Derived()
  for (const path of paths) {
    const [one, other] = [hybrid.entries.get(path), emulated.entries.get(path)]
    if (!isFile(one) || !isFile(other)) continue
    const [bytes, otherBytes] = [readFileIn(hybrid.tree, one, LIMIT), readFileIn(emulated.tree, other, LIMIT)]
    if (!bytes || !otherBytes || bytes.equals(otherBytes)) continue
    derived.addBuildIds(bytes, otherBytes)
    if (packedFormat(bytes) === undefined) continue
    const others = new Map(leaves(await readContent(otherBytes)).map(leaf => [leaf.place, leaf.bytes]))
    for (const leaf of leaves(await readContent(bytes))) {
      const counterpart = others.get(leaf.place)
      if (counterpart) derived.addBuildIds(leaf.bytes, counterpart)
    }
  }
  return derived
}

/** The paths in order, each with its counterpart. */
function pairUp(hybrid: BuiltTree, emulated: BuiltTree, paths: ReadonlySet<string>, derived: Derived): Pair[] {
  const taken = new Set<string>()
  const pairs = [...paths].sort().map((path): Pair => {
    const one = hybrid.entries.get(path)
    const renamed = derived.rename(path)
    const counterpart = one && !emulated.entries.has(path) && !hybrid.entries.has(renamed) ? renamed : path
    if (counterpart !== path && emulated.entries.has(counterpart)) taken.add(counterpart)
    return {one, other: emulated.entries.get(counterpart)}
  })
  return pairs.filter(({one, other}) => one || (other && !taken.has(other.path)))
}

async function comparePair(
  hybrid: BuiltTree,
  emulated: BuiltTree,
  {one, other}: Pair,
  rules: CompareRules,
  leakRules: LeakRules,
  derived: Derived,
) {
  const entries = compareEntries(one, other, rules)
  const [content, otherContent] = [await contentOf(hybrid, one), await contentOf(emulated, other)]
  const isNew = one !== undefined && hybrid.changed.has(one.path)
  const leaks = isNew && content ? findLeaks(leaves(content), otherContent ? leaves(otherContent) : [], leakRules) : []
  const searched = !isNew || !isFile(one) || content !== undefined
  if (!one || !other || one.type !== other.type || !isFile(one)) return {found: entries, leaks, searched}
  if (!content || !otherContent) return {found: [...entries, ...(await compareLarge(hybrid, one, emulated, other))], leaks, searched}
  addDerived(derived, content, otherContent, rules)
  const found = explainInstalledSize(compareContent(one.path, content, otherContent, rules), content, otherContent)
  return {found: [...entries, ...found], leaks, searched}
}

/** A link holds its target. undefined: nothing, or more than is read. */
async function contentOf(tree: BuiltTree, entry: TreeEntry | undefined): Promise<Content | undefined> {
  if (entry?.type === 'l') return {kind: 'plain', bytes: Buffer.from(entry.target, 'latin1')}
  if (!isFile(entry)) return undefined
  const bytes = readFileIn(tree.tree, entry, LIMIT)
  return bytes && readContent(bytes)
}

async function compareLarge(hybrid: BuiltTree, one: TreeEntry, emulated: BuiltTree, other: TreeEntry): Promise<Difference[]> {
  const [hash, otherHash] = [await hashFileIn(hybrid.tree, one), await hashFileIn(emulated.tree, other)]
  return hash === otherHash ? [] : [different('bytes', `too large to look into; ${one.size} and ${other.size} bytes`)]
}

/** The files, and what is packed in them: lists of sums have those of compressed files, too. */
function addDerived(derived: Derived, one: Content, other: Content, rules: CompareRules): void {
  if (one.bytes.equals(other.bytes)) return
  const others = new Map(parts(other).map(part => [part.place, part.bytes]))
  for (const {place, bytes} of parts(one)) {
    const counterpart = others.get(rules.rename(place))
    if (counterpart && !counterpart.equals(bytes)) derived.add(bytes, counterpart)
  }
}

/** Where further hybrid builds differ from the first. */
async function unsteadyPlaces(hybrid: BuiltTree, again: readonly BuiltTree[], one: TreeEntry | undefined): Promise<Set<string>> {
  const places = new Set<string>()
  for (const tree of one ? again : []) {
    const other = tree.entries.get(one?.path ?? '')
    for (const {place} of compareEntries(one, other, SAME_MODE)) places.add(place)
    if (!isFile(one) || !isFile(other)) continue
    const [content, otherContent] = [await contentOf(hybrid, one), await contentOf(tree, other)]
    const found =
      content && otherContent ? compareContent(one.path, content, otherContent, SAME_MODE) : await compareLarge(hybrid, one, tree, other)
    for (const {place} of found) places.add(place)
  }
  return places
}

/** Paths that neither of the two compared builds has. */
const onlyIn = (again: readonly BuiltTree[], hybrid: BuiltTree, emulated: BuiltTree): Set<string> =>
  new Set(
    again.flatMap(tree =>
      [...tree.changed].filter(path => tree.entries.has(path) && !hybrid.entries.has(path) && !emulated.entries.has(path)),
    ),
  )
