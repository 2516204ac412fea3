import {printable} from '../printable.js'

/**
 * What dose-builddebcheck says of the sources that cannot be built: YAML of a plain form, some megabytes of it. Each package begins
 * with `-`, and has `status: broken` and `reasons:`, of which each is `missing` or `conflict` with a `pkg` that says what it is about.
 * man 1 dose-builddebcheck, OUTPUT
 */
export function parseBuildCheck(text: string, wanted: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>()
  for (const part of text.split(/^ -\n(?= {2}package: )/m)) {
    const name = withoutPrefix(/^ {2}package: (.*)$/m.exec(part)?.[1] ?? '')
    if (!wanted.has(name) || found.has(name) || !/^ {2}status: broken$/m.test(part)) continue
    found.set(name, printable(explain(name, part)))
  }
  return found
}

const withoutPrefix = (name: string) => name.replace(/^src(%3a|:)/, '')

/** All values of a field below the package's own, in their order. */
const values = (part: string, name: string) =>
  [...part.matchAll(new RegExp(`^ {3,}(?:- )?${name}: (.*)$`, 'gm'))].map(([, value = '']) => value.trim())

function explain(name: string, part: string): string {
  const others = values(part, 'package').map(withoutPrefix)
  const missing = values(part, 'unsat-dependency')[0]
  if (missing !== undefined) {
    const by = others[0] ?? name
    return `there is no ${missing}${by === name ? '' : `, which ${by} needs`}`
  }
  const [one, other] = others
  if (/^ +conflict:$/m.test(part) && one !== undefined && other !== undefined) {
    return `it needs both ${one} and ${other}, of which one excludes the other`
  }
  return 'what it needs cannot be installed together'
}
