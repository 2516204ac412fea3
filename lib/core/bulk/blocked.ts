import type {Needs} from './graph.js'

/** Why a source cannot be built, at whatever time. */
export type Blocked =
  /** It needs a tool that cannot be a stub. */
  | {kind: 'refused'; package: string; why: string}
  /** No package of the archive is what it needs. */
  | {kind: 'lacking'; relation: string}
  /** It has no packages for the target, or is no source of the archive. */
  | {kind: 'not-for-target'; source: string}
  /** It needs itself, or those that need it, and no build profile helps. */
  | {kind: 'cycle'; cycle: readonly string[]}
  /** It needs one that is blocked. */
  | {kind: 'behind'; source: string}

/** What is blocked by itself comes first, then what needs that, and so on: of each, by which it is. */
export function layersBehind(needs: Needs, blocked: Iterable<string>): Map<string, string | undefined>[] {
  const dependents = new Map<string, string[]>()
  for (const [name, own] of needs) {
    for (const one of own) {
      const all = dependents.get(one) ?? []
      all.push(name)
      dependents.set(one, all)
    }
  }
  const layers: Map<string, string | undefined>[] = []
  const seen = new Set(blocked)
  let layer = new Map<string, string | undefined>([...seen].map(name => [name, undefined]))
  while (layer.size > 0) {
    layers.push(layer)
    const next = new Map<string, string>()
    for (const by of layer.keys()) for (const name of dependents.get(by) ?? []) if (!seen.has(name)) next.set(name, by)
    for (const name of next.keys()) seen.add(name)
    layer = next
  }
  return layers
}

/** What needs a blocked one is blocked too, and neither needs anything any more. */
export function leaveOutBlocked(needs: Map<string, ReadonlySet<string>>, blocked: Map<string, Blocked>): void {
  for (const layer of layersBehind(needs, blocked.keys())) {
    for (const [name, by] of layer) {
      needs.delete(name)
      if (by !== undefined) blocked.set(name, {kind: 'behind', source: by})
    }
  }
}

/** How many are blocked by what kind of thing. */
export function countBlocked(blocked: ReadonlyMap<string, Blocked>): Partial<Record<Blocked['kind'], number>> {
  const counts: Partial<Record<Blocked['kind'], number>> = {}
  for (const {kind} of blocked.values()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** For people. */
export function describeBlocked(why: Blocked): string {
  switch (why.kind) {
    case 'refused':
      return `it needs ${why.package}: ${why.why}`
    case 'lacking':
      return `there is no ${why.relation}`
    case 'not-for-target':
      return `${why.source} has no packages for this CPU`
    case 'cycle':
      return `it is on a cycle that no build profile cuts: ${why.cycle.join(', ')}`
    case 'behind':
      return `it needs ${why.source}, which is blocked`
  }
}
