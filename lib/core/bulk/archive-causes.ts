import {firstDifference} from '../compare/bytes.js'
import type {Difference} from '../compare/difference.js'
import {parseImage} from '../elf/sections.js'
import {controlCauses, withoutRebuild} from './archive-control.js'
import {CONTROL_PART, type ComparedPackage, type PartPairs} from './archive-evidence.js'

/**
 * Why a package differs from the archive's, beside what two builds on one machine may differ by (lib/core/compare):
 * - `date`: of a year, a day or a time
 * - `rebuild`: the archive has built it again, `+b1`, and says so
 * - `toolchain`: code, where the archive's was built with other tools, which is proven; see archive-evidence.ts
 * - `libraries`: the least versions of libraries, which these say themselves (man 1 dpkg-shlibdeps)
 * - `debhelper`: what that writes of itself, and of changelogs how much it keeps
 * - `generator`: the version of what has made a file, as that says there
 * - `packing`: how the parts of the package are compressed
 * - `merged-usr`: paths in /bin, /sbin, /lib and in the same of /usr, which are one here and were two where the archive's was built
 * - `go-build-id`: Go's sum of a program as it was before it was stripped, of the same sources and tools
 */
export type ArchiveCause =
  | 'date'
  | 'rebuild'
  | 'toolchain'
  | 'libraries'
  | 'debhelper'
  | 'generator'
  | 'packing'
  | 'merged-usr'
  | 'go-build-id'

/** For people, as what differs. */
export const ARCHIVE_CAUSES: Readonly<Record<ArchiveCause, string>> = {
  date: 'dates',
  rebuild: "the archive's rebuild",
  toolchain: 'code of other tools',
  libraries: 'least versions of libraries',
  debhelper: "another debhelper's texts",
  generator: "another generator's texts",
  packing: 'compression',
  'merged-usr': 'paths in a /usr apart from /',
  'go-build-id': "the last part of Go's build id",
}

/** The causes of a difference that has none of its own; none where none is proven. */
export function archiveCauses(difference: Difference, known: ComparedPackage): ArchiveCause[] {
  const causes = controlCauses(difference, known)
  const cause = causes.length > 0 ? undefined : archiveCause(difference, known)
  return cause === undefined ? causes : [cause]
}

function archiveCause(difference: Difference, known: ComparedPackage): ArchiveCause | undefined {
  const {place} = difference
  const part = partOf(place, known.pairs)
  if (difference.lines && withoutUsr(difference.lines.hybrid) === withoutUsr(difference.lines.emulated)) return 'merged-usr'
  if (isDate(difference) || (part && isYearInCode(place, part, known.year))) return 'date'
  if (known.isRebuild && isOfRebuild(difference)) return 'rebuild'
  if (part === undefined) return undefined
  const [here, there] = part.bytes
  if (CONTROL_PART.test(part.place) && isOfDebhelper(here, there)) return 'debhelper'
  if (CHANGELOG.test(part.place) && isShortened(here, there)) return 'debhelper'
  if (saysOtherGenerator(difference, here, there)) return 'generator'
  if (isOfGoBuildId(place, part)) return 'go-build-id'
  return known.evidence.length > 0 && isCode(place, part, known.pairs) ? 'toolchain' : undefined
}

/** `#!/bin/perl` and `#!/usr/bin/perl`: https://wiki.debian.org/UsrMerge */
const withoutUsr = (line: string) => line.replace(/(?<![\w.-])\/usr(?=\/(?:s?bin|lib(?:32|64|x32)?)\/)/g, '')

interface Part {
  place: string
  bytes: readonly [Buffer, Buffer]
}

/** The innermost part of a package in which a difference is. */
function partOf(place: string, pairs: PartPairs): Part | undefined {
  for (let at = place.length; at > 0; at = place.lastIndexOf(': ', at - 1)) {
    const found = pairs.get(place.slice(0, at))
    if (found) return {place: place.slice(0, at), bytes: found}
  }
  return undefined
}

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*'
const DAY = new RegExp(
  `\\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? +)?(?:\\d{4}-\\d\\d-\\d\\d|(?:[0-3]?\\d[ .-]+)?${MONTH}\\b\\.?(?:[ -]+[0-3]?\\d\\b)?)`,
  'g',
)
const withoutDates = (line: string) =>
  line
    .replace(DAY, '<day>')
    .replace(/\b(?:19|20)\d\d\b/g, '<year>')
    .replace(/\b[0-2]?\d:[0-5]\d(?::[0-5]\d)?\b/g, '<time>')

const withoutTime = (text: string) => text.replace(/time \d+/, '')

function isDate({place, detail, lines}: Difference): boolean {
  const [, one = '', other = ''] = /^(.*) and (.*)$/.exec(detail) ?? []
  if (place.endsWith(': header') && one !== '' && withoutTime(one) === withoutTime(other)) return true
  return lines !== undefined && withoutDates(lines.hybrid) === withoutDates(lines.emulated)
}

/** Years that differ in a section of code or data, as numbers: more than these are hardly years. */
const MOST_YEARS = 16
const FIRST_YEAR = 1990

/** Whether each place at which a section of a program differs is a number that is the year of the build here, and an earlier one there. */
function isYearInCode(place: string, {place: at, bytes}: Part, year: number): boolean {
  const [image, otherImage] = bytes.map(one => parseImage(one))
  const [, name] = /^: section (\S+)$/.exec(place.slice(at.length)) ?? []
  const [here, there] = [image, otherImage].map(one => one?.sections.find(section => section.name === name)?.content)
  if (!image || !here || !there || here.length !== there.length) return false
  const numberAt = (content: Buffer, i: number) => (image.endian === 'little' ? content.readUInt16LE(i) : content.readUInt16BE(i))
  const isYear = (i: number) => {
    if (i < 0 || i + 2 > here.length || numberAt(here, i) !== year) return false
    const other = numberAt(there, i)
    return other >= FIRST_YEAR && other < year
  }
  let count = 0
  for (let i = firstDifference(here, there); i !== undefined; ) {
    const start = [i, i - 1].find(isYear)
    if (start === undefined || ++count > MOST_YEARS) return false
    const next = firstDifference(here.subarray(start + 2), there.subarray(start + 2))
    i = next === undefined ? undefined : next + start + 2
  }
  return count > 0
}

/** What a rebuild adds, and what says so: debhelper, dh_installchangelogs(1). */
const REBUILD_CHANGELOG = /changelog\.Debian\.[a-z0-9-]+(\.gz)?\b/

/** Lists of the other files' sums, which are compared themselves. man 5 deb-md5sums */
const SUMS = /: \.\/md5sums: lines$/

function isOfRebuild({place, detail, lines}: Difference): boolean {
  if (REBUILD_CHANGELOG.test(place) || REBUILD_CHANGELOG.test(detail) || SUMS.test(place)) return true
  return lines !== undefined && withoutRebuild(lines.hybrid) === withoutRebuild(lines.emulated)
}

/** What debhelper has put into a maintainer script or triggers, with its version: Debian::Debhelper::Dh_Lib, autoscript, autotrigger. */
const ADDED = /^# ((?:Automatically|Triggers) added by dh_\w+)(?:\/(\S+))?\n(?:[\s\S]*?^# End automatically added section$)?/gm

/** Whether debhelper, in another version, has written what differs, and nobody else. */
function isOfDebhelper(here: Buffer, there: Buffer): boolean {
  const [one = '', other = ''] = [here, there].map(bytes => bytes.toString('latin1'))
  const [own, others] = [[...one.matchAll(ADDED)], [...other.matchAll(ADDED)]]
  const isOthers = ([text, , version]: RegExpExecArray, i: number) => version !== others[i]?.[2] || text === others[i]?.[0]
  return own.every(isOthers) && one.replace(ADDED, '$1') === other.replace(ADDED, '$1')
}

const CHANGELOG = /\/changelog(?:\.Debian)?(?:\.gz)?: gzip$|\/changelog(?:\.Debian)?$/

/** Debhelper leaves entries out that are older than the last stable release, since 13.9: dh_installchangelogs(1), --no-trim. */
const SHORTENED = /\n# Older entries have been removed from this changelog\.\n[\s\S]*$/

function isShortened(here: Buffer, there: Buffer): boolean {
  const [one, other] = [here, there].map(bytes => bytes.toString('latin1').replace(SHORTENED, ''))
  return one !== undefined && other !== undefined && (one.startsWith(other) || other.startsWith(one))
}

/** `Generated by Doxygen 1.9.4`, `Automatically generated by Pod::Man 4.14 (Pod::Simple 3.43)`, `libtool (GNU libtool) 2.4.7 Debian-2.4.7-5` */
const GENERATED =
  /\b((?:generated|created|produced|made|written|formatted) (?:automatically )?(?:by|with|using) ["'`]?[A-Za-z][\w:.+-]*["'`]?(?: \([A-Za-z ]+\))?(?: version)?) v?\d[\w.+~-]*(?: \([^)]*\)| Debian-\S+)?/gi
/** What cmake's install(EXPORT) writes: the versions whose rules hold, the last of them its own. man 7 cmake-policies */
const CMAKE_POLICY = /(\bcmake_policy\(VERSION [\d.]+\.\.\.)\d[\d.]*/g
const withoutGenerator = (text: string) => text.replace(GENERATED, '$1').replace(CMAKE_POLICY, '$1')

/** Such a line, or another of a file that has one. */
function saysOtherGenerator({lines}: Difference, here: Buffer, there: Buffer): boolean {
  if (!lines) return false
  if (withoutGenerator(lines.hybrid) === withoutGenerator(lines.emulated)) return true
  const [own = [], other = []] = [here, there].map(bytes => bytes.toString('latin1').match(GENERATED) ?? [])
  return own.length > 0 && own.length === other.length && own.some((line, i) => line !== other[i])
}

const GO_NOTE = '.note.go.buildid'

/** ACTION/…/CONTENT: the sum of what a program was made of, and of the program before it was stripped. go help buildid */
function isOfGoBuildId(place: string, {place: at, bytes}: Part): boolean {
  if (place !== `${at}: section ${GO_NOTE}`) return false
  const [here, there] = bytes.map(one => {
    const note = parseImage(one)?.sections.find(({name}) => name === GO_NOTE)
    return note?.content.toString('latin1').replace(/\/[^/]*$/, '')
  })
  return here !== undefined && here === there
}

/** Programs and libraries, and what a static library says of its members, all of which are code. */
function isCode(place: string, {place: at, bytes}: Part, pairs: PartPairs): boolean {
  if (bytes.every(one => parseImage(one) !== undefined)) return true
  if (!place.startsWith(`${at}: ar header`)) return false
  return [...pairs].every(([name, members]) => !name.startsWith(`${at}: `) || members.every(one => parseImage(one) !== undefined))
}
