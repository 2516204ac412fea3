import {quote} from '../core/compare/difference.js'
import {CAUSES, count, type FileResult, type VerifyResult, verdictLine} from '../core/compare/verdict.js'
import {table} from './output.js'

/** Of what there may be very many, so many are told; --json has all. */
const NAMES = 8
const DIFFERENCES = 6

/** The whole result, for a person; the last line is the verdict. */
export const describeResult = (result: VerifyResult): string[] => [
  ...describeFindings(result),
  ...describeOutput(result),
  ...describeCounts(result),
  ...(result.runs.filter(run => run.mode === 'hybrid').length < 2 ? ['one hybrid build alone does not show what differs by itself'] : []),
  verdictLine(result),
]

type Findings = Pick<VerifyResult, 'files' | 'leaks' | 'notSearched' | 'counts'>

/** What was compared, without the builds that it came of. */
export const describeComparison = (result: Findings): string[] => [...describeFindings(result), ...describeCounts(result)]

function describeFindings(result: Findings): string[] {
  return [
    ...describeExplained(result.files.filter(file => file.class === 'explained')),
    ...(result.files.some(file => file.class !== 'explained') ? ['in what follows, hybrid comes first, then emulated'] : []),
    ...result.files.filter(file => file.class === 'not-reproducible').flatMap(file => describeFile(file, 'not reproducible')),
    ...result.files.filter(file => file.class === 'different').flatMap(file => describeFile(file, 'different')),
    ...result.leaks.flatMap(leak => [
      `leak: ${quote(leak.path)}${leak.place === '' ? '' : ` (${quote(leak.place)})`}: ${leak.what}`,
      `  at offset 0x${leak.offset.toString(16)}${leak.context === '' ? '' : `: "${leak.context}"`}`,
    ]),
    ...result.notSearched.map(path => `not searched for leaks, too large: ${quote(path)}`),
  ]
}

const describeCounts = ({counts}: Findings): string[] => [
  table(Object.entries(LABELS).map(([name, label]) => [label, String(counts[name as keyof typeof LABELS])])),
]

const LABELS = {identical: 'identical', explained: 'explained', 'not-reproducible': 'not reproducible', different: 'different'} as const

/** Files that differ for the same causes, together. */
function describeExplained(files: readonly FileResult[]): string[] {
  const groups = new Map<string, FileResult[]>()
  for (const file of files) {
    const found = new Set<string>(file.differences.map(({cause}) => cause))
    const causes = Object.entries(CAUSES)
      .flatMap(([cause, text]) => (found.has(cause) ? [text] : []))
      .join('; ')
    groups.set(causes, [...(groups.get(causes) ?? []), file])
  }
  return [...groups].map(([causes, group]) => {
    const names = group.slice(0, NAMES).map(file => quote(file.path))
    const more = group.length > NAMES ? `, and ${group.length - NAMES} more` : ''
    return `explained: ${count(group.length, 'file')}: ${causes}: ${names.join(' ')}${more}`
  })
}

function describeFile(file: FileResult, label: string): string[] {
  const telling = file.differences.filter(({cause}) => cause === 'none' || cause === 'not-reproducible')
  const shown = telling.slice(0, DIFFERENCES).map(({place, detail}) => `  ${quote(place)}: ${detail}`)
  return [
    `${label}: ${quote(file.path)}`,
    ...shown,
    ...(telling.length > DIFFERENCES ? [`  and ${count(telling.length - DIFFERENCES, 'more difference')}`] : []),
    ...(file.diffoscope === undefined
      ? []
      : file.diffoscope
          .trimEnd()
          .split('\n')
          .map(line => `  | ${line}`)),
  ]
}

function describeOutput({output}: VerifyResult): string[] {
  switch (output.kind) {
    case 'same':
      return []
    case 'not-reproducible':
      return ['what the builds print is not the same each time']
    case 'different':
      return [`what the builds print differs between the modes: ${output.detail}`]
  }
}
