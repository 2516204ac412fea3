import type {Span} from '../core/trace/spans.js'

/** More lines than anybody looks at. */
const MOST_LANES = 500

/**
 * Which line of a timeline each span is drawn in: the first that is free at its start, below its parent's. Spans come in
 * the order of their starts. Those for which all lines are taken share the last.
 */
export function assignLanes(spans: readonly Pick<Span, 'start' | 'end' | 'parent'>[]): number[] {
  const freeFrom: number[] = []
  const lanes: number[] = []
  for (const {start, end, parent} of spans) {
    let lane = parent === undefined ? 0 : (lanes[parent] ?? -1) + 1
    while (lane < MOST_LANES - 1 && (freeFrom[lane] ?? 0) > start) lane++
    lane = Math.min(lane, MOST_LANES - 1)
    for (let above = freeFrom.length; above < lane; above++) freeFrom.push(0)
    freeFrom[lane] = end
    lanes.push(lane)
  }
  return lanes
}
