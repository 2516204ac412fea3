import {printable} from '../printable.js'

/**
 * What dose-builddebcheck says of the sources that cannot be built: YAML of a plain form, some megabytes of it. Each package begins
 * with `-`, and has `status: broken` and `reasons:`, of which each is `missing` or `conflict` with a `pkg` that says what it is about.
 * man 1 dose-builddebcheck, OUTPUT
 */
export function parseBuildCheck(text: string, wanted: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>()
  for (const part of text.split(/^ ?-\n(?= +package: )/m)) {
    const field = (name: string) => [...part.matchAll(new RegExp(`^ +${name}: (.*)$`, 'gm'))].map(([, value = '']) => value.trim())
    const name = (field('package')[0] ?? '').replace(/^src(%3a|:)/, '')
    if (!wanted.has(name) || found.has(name) || !/^ +status: broken$/m.test(part)) continue
    found.set(name, printable(explain(part, field)))
  }
  return found
}

function explain(part: string, field: (name: string) => string[]): string {
  const missing = field('unsat-dependency')[0]
  const [conflict] = field('unsat-conflict')
  const by = (field('package')[1] ?? '').replace(/^src(%3a|:)/, '')
  const through = by === '' || part.indexOf(by) === -1 ? '' : `, which ${by} needs`
  if (missing !== undefined) return `there is no ${missing}${through}`
  if (conflict !== undefined) return `it needs what conflicts with ${conflict}`
  const pair = field('package').slice(1, 3)
  return pair.length === 2
    ? `it needs both ${pair.join(' and ')}, of which one excludes the other`
    : 'what it needs cannot be installed together'
}
