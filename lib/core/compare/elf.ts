import {compareVersions, crossSourceVersion} from '../debian/packages.js'
import {DISTRIBUTIONS} from '../distributions/distributions.js'
import type {ElfImage, ElfSection} from '../elf/sections.js'
import {describeBytes} from './bytes.js'
import {type Cause, type CompareRules, type Difference, different, onlyIn, quote} from './difference.js'

const SHT_PROGBITS = 1

/**
 * Compares two ELF files section by section, code and data first: where these are longer or shorter, all that tells of
 * their places differs as well. Where in the file something lies does not count; names, types, flags,
 * addresses, sizes and contents do, and so do the program headers, of which a loader would see each difference.
 */
export function compareElf(one: ElfImage, other: ElfImage, rules: CompareRules): Difference[] {
  const programs = new Set(one.sections.flatMap(({name, type}) => (type === SHT_PROGBITS ? [place(withoutSeed(name))] : [])))
  const found = compareSections(one, other, rules)
  const isProgram = (difference: Difference) => programs.has(difference.place)
  return [
    ...found.filter(isProgram),
    ...found.filter(difference => !isProgram(difference)),
    ...compareFacts(one, other),
    ...compareRest(one, other),
  ]
}

function compareFacts(one: ElfImage, other: ElfImage): Difference[] {
  const names = new Set([...one.facts.keys(), ...other.facts.keys()])
  return [...names].flatMap(name => {
    const [a, b] = [one.facts.get(name) ?? 'none', other.facts.get(name) ?? 'none']
    return a === b ? [] : [different(`ELF ${name}`, `${a} and ${b}`)]
  })
}

function compareRest(one: ElfImage, other: ElfImage): Difference[] {
  return one.rest.equals(other.rest) ? [] : [different('outside of all sections', describeBytes(one.rest, other.rest))]
}

/** gcc's -flto puts a random number into section names (`.gnu.lto_main.1a2b3c`): the section is the same nevertheless. */
const withoutSeed = (name: string) => name.replace(/^(\.gnu\.(?:debug)?lto_.*)\.[0-9a-f]{4,16}$/, '$1.*')

/** Sections by name; of several with one name, the later ones by name and number. */
function byName(sections: readonly ElfSection[]): Map<string, ElfSection> {
  const found = new Map<string, ElfSection>()
  const counts = new Map<string, number>()
  for (const section of sections) {
    const name = withoutSeed(section.name)
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    found.set(count === 1 ? name : `${name} (${count})`, section)
  }
  return found
}

function compareSections(one: ElfImage, other: ElfImage, rules: CompareRules): Difference[] {
  const [ones, others] = [byName(one.sections), byName(other.sections)]
  const common = [...ones.keys()].filter(name => others.has(name))
  const inOther = [...others.keys()].filter(name => ones.has(name))
  const moved = common.some((name, i) => name !== inOther[i])
  return [
    ...[...ones.keys()].filter(name => !others.has(name)).map(name => onlyIn('hybrid', place(name), name, rules)),
    ...[...others.keys()].filter(name => !ones.has(name)).map(name => onlyIn('emulated', place(name), name, rules)),
    ...(moved ? [different('order of the sections', `${common.join(' ')} and ${inOther.join(' ')}`)] : []),
    ...common.flatMap(name => compareSection(name, ones.get(name) as ElfSection, others.get(name) as ElfSection, rules)),
  ]
}

const place = (name: string) => `section ${name || '(unnamed)'}`

const FIELDS = ['type', 'flags', 'address', 'link', 'info', 'alignment', 'entrySize'] as const

function compareSection(name: string, one: ElfSection, other: ElfSection, rules: CompareRules): Difference[] {
  const fields = FIELDS.filter(field => one[field] !== other[field])
  const headers = fields.map(field => different(`${place(name)}, ${field}`, `${one[field]} and ${other[field]}`))
  return [...headers, ...compareContent(name, one, other, rules)]
}

function compareContent(name: string, one: ElfSection, other: ElfSection, rules: CompareRules): Difference[] {
  if (!one.content.equals(other.content)) {
    const cause = causeOf(name, one.content, other.content, rules)
    const describe = cause === 'compiler-revision' ? describeComments : describeBytes
    return [different(place(name), describe(one.content, other.content), cause)]
  }
  return one.size === other.size ? [] : [different(place(name), `${one.size} and ${other.size} bytes`)]
}

/** The stated cause for which a section's content may differ. All but the first hold hashes of a file that has the first. */
function causeOf(name: string, one: Buffer, other: Buffer, rules: CompareRules): Cause {
  if (rules.compiler === 'exact') return 'none'
  switch (name) {
    case '.comment':
      return sameButRevision(one, other) ? 'compiler-revision' : 'none'
    case '.note.gnu.build-id':
      return one.length === other.length && one.subarray(0, 16).equals(other.subarray(0, 16)) ? 'build-id' : 'none'
    case '.gnu_debuglink':
    case '.gnu_debugaltlink':
      return linkName(one) === linkName(other) ? 'debug-link' : 'none'
    default:
      return 'none'
  }
}

const strings = (content: Buffer) => [...new Set(content.toString('latin1').split('\0').filter(Boolean))].sort()

/** The debug file's name, behind which a checksum or build id comes; the name may itself be a build id. */
const linkName = (content: Buffer) =>
  content
    .toString('latin1')
    .split('\0')[0]
    ?.replace(/^[0-9a-f]{36,40}(?=\.debug$)/, '*')

/** `GCC: (Debian 12.2.0-14+deb12u1) 12.2.0` */
const COMPILER = /^(\S+: \((\w+) )(\S+)(\) \S+)$/

/** Whether two strings are the same, or name two updates of one revision of a distribution's. */
function sameCompiler(one: string, other: string): boolean {
  if (one === other) return true
  const [a, b] = [COMPILER.exec(one), COMPILER.exec(other)]
  const distribution = Object.values(DISTRIBUTIONS).find(({label}) => label === a?.[2])
  if (!a || !b || !distribution || a[1] !== b[1] || a[4] !== b[4]) return false
  return compareVersions(crossSourceVersion(a[3] as string), crossSourceVersion(b[3] as string), distribution) !== 'different'
}

/** The linker keeps one of each string, so that where the C library's start files name one revision, there may be two. */
function sameButRevision(one: Buffer, other: Buffer): boolean {
  const [ones, others] = [strings(one), strings(other)]
  const covers = (all: readonly string[], by: readonly string[]) => all.every(text => by.some(candidate => sameCompiler(text, candidate)))
  return covers(ones, others) && covers(others, ones)
}

function describeComments(one: Buffer, other: Buffer): string {
  const show = (content: Buffer) => quote(strings(content).join('; '))
  return `${show(one)} and ${show(other)}`
}
