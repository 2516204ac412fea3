import {parseStanzas} from '../debian/deb822.js'
import {importsOf} from '../elf/imports.js'
import {parseImage} from '../elf/sections.js'

/** The parts of a package, by their places in it, that the archive's has too: what is here, and what is there. */
export type PartPairs = ReadonlyMap<string, readonly [here: Buffer, there: Buffer]>

/** What is known of a package and of the archive's. */
export interface ComparedPackage {
  pairs: PartPairs
  /** Both control files. */
  controls: readonly [here: string, there: string]
  /** That the archive's version is a rebuild. */
  isRebuild: boolean
  /** How the parts of both are compressed. */
  packing: 'alike' | 'otherwise'
  /** What proves that other tools were used: for all packages that were built together. */
  evidence: readonly string[]
  /** In which it was built here. */
  year: number
}

/** What proves that the archive's package was built with other tools, as clauses for people: no Debian mirror has `.buildinfo` files. */
export function evidenceOf(pairs: PartPairs): string[] {
  const found = [...pairs].flatMap(([place, [here, there]]) => {
    if (here.equals(there)) return []
    if (CONTROL_FILE.test(place)) return dependenciesSay(here, there, pairs)
    return CONTROL_PART.test(place) ? debhelperSays(here, there) : [...compilerSays(here, there), ...librariesSay(here, there)]
  })
  return [...new Set(found)]
}

/** man 5 deb-control */
export const CONTROL_FILE = /^control\.tar\S*: (?:\w+: )?\.\/control$/

/** What a library's package was called before: the new one provides it. libgcc-s1 since Debian 11. */
export const RENAMED: ReadonlyMap<string, string> = new Map([['libgcc1', 'libgcc-s1']])

/** Of the same symbols, libraries ask for another least version of theirs: they were others (man 1 dpkg-shlibdeps). */
function dependenciesSay(here: Buffer, there: Buffer, pairs: PartPairs): string[] {
  const [own, others] = [leastVersions(here), leastVersions(there)]
  const renamed = [...others.keys()].find(name => own.has(RENAMED.get(name) ?? ''))
  if (renamed !== undefined) return [`${renamed}, here ${RENAMED.get(renamed)}`]
  const differs = [...others].find(([name, version]) => (own.get(name) ?? version) !== version)
  if (!differs || !haveSameImports(pairs)) return []
  const [name, version] = differs
  return [`${name} (>= ${version}), here (>= ${own.get(name)})`]
}

/** Of what a package depends on. */
function leastVersions(control: Buffer): Map<string, string> {
  const depends = parseStanzas(control.toString())[0]?.get('depends') ?? ''
  return new Map([...depends.matchAll(/(?:^|, )([^ ,]+) \(>= ([^)]+)\)/g)].map(([, name = '', version = '']) => [name, version]))
}

/** Maintainer scripts and triggers: man 5 deb-postinst, deb-triggers */
export const CONTROL_PART = /^control\.tar\S*: (?:\w+: )?\.\/(?:preinst|postinst|prerm|postrm|config|triggers)$/

/** What debhelper writes of itself into these: debhelper, Debian::Debhelper::Dh_Lib, autoscript and autotrigger. */
const MARKER = /^# (?:Automatically|Triggers) added by dh_\w+\/(\S+)$/gm

function debhelperSays(here: Buffer, there: Buffer): string[] {
  const [own, other] = [here, there].map(bytes => [...bytes.toString('latin1').matchAll(MARKER)].map(([, version]) => version)[0])
  return own === undefined || other === undefined || own === other ? [] : [`debhelper ${other}, here ${own}`]
}

/** `GCC: (Debian 12.2.0-14+deb12u1) 12.2.0`, which strip(1) removes from most of what a package has. */
function compilerSays(here: Buffer, there: Buffer): string[] {
  const [own, other] = [here, there].map(bytes => {
    const comment = parseImage(bytes)?.sections.find(({name}) => name === '.comment')
    return /GCC: \(\S+ (\S+)\)/.exec(comment?.content.toString('latin1') ?? '')?.[1]
  })
  return own === undefined || other === undefined || own === other ? [] : [`gcc ${other}, here ${own}`]
}

/** Symbols that all programs have, and that got a new version: glibc 2.34, NEWS. They tell more than others. */
const TELLING = ['__libc_start_main']

/** One symbol in two versions: the library that it was linked with had another. */
function librariesSay(here: Buffer, there: Buffer): string[] {
  const [own, other] = [imported(here), imported(there)]
  const isOther = (symbol: string) => own.get(symbol) && other.get(symbol) && own.get(symbol) !== other.get(symbol)
  const symbol = [...TELLING, ...own.keys()].find(isOther)
  return symbol === undefined ? [] : [`a library that had ${symbol}@${other.get(symbol)}, here @${own.get(symbol)}`]
}

function imported(bytes: Buffer): Map<string, string> {
  const image = parseImage(bytes)
  return image ? importsOf(image) : new Map()
}

/** Whether all programs and libraries of a package take the same symbols, of the same versions, from others. */
export const haveSameImports = (pairs: PartPairs): boolean =>
  [...pairs.values()].every(([here, there]) => here.equals(there) || sameMap(imported(here), imported(there)))

const sameMap = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>) =>
  one.size === other.size && [...one].every(([key, value]) => other.get(key) === value)
