import {parseElf} from '../elf/header.js'
import {PRIVATE_DIRECTORY} from '../places.js'
import {quote} from './difference.js'

/** What must not show up in what a build makes. */
export interface LeakRules {
  /** e_machine of the host's programs, <elf.h> */
  machine: number
  /** Whether the bytes are a file of the twin set. */
  isTwin: (bytes: Buffer) => boolean
  /** Texts, and what each tells. */
  texts: readonly {text: string; tells: string}[]
}

export interface Leak {
  /** Within the file; empty for the file itself. */
  place: string
  what: string
  offset: number
  /** The text around it; empty for a program. */
  context: string
}

/** Bytes at a place: a whole file, or something packed in it. */
export interface Leaf {
  place: string
  bytes: Buffer
}

/**
 * What the hybrid build's file has of the host, and the emulated build's has not: sources, and lists of all systems
 * that there are, have the host's name in both.
 */
export function findLeaks(hybrid: readonly Leaf[], emulated: readonly Leaf[], rules: LeakRules): Leak[] {
  const counterparts = new Map(emulated.map(leaf => [leaf.place, leaf.bytes]))
  return hybrid.flatMap(({place, bytes}) => {
    const counterpart = counterparts.get(place) ?? Buffer.alloc(0)
    return [...findProgram(bytes, counterpart, rules), ...findTexts(bytes, counterpart, rules)].map(leak => ({place, ...leak}))
  })
}

type Found = Omit<Leak, 'place'>

/** Sources may bring programs of the host's architecture, but not those of the twin set, which a session shows in both modes. */
function findProgram(bytes: Buffer, counterpart: Buffer, rules: LeakRules): Found[] {
  const isHosts = (file: Buffer) => parseElf(file)?.machine === rules.machine
  if (!isHosts(bytes)) return []
  if (bytes.includes(PRIVATE_DIRECTORY) || rules.isTwin(bytes)) return [{what: 'an ELF file of the twin set', offset: 0, context: ''}]
  return isHosts(counterpart) ? [] : [{what: "an ELF file of the host's architecture", offset: 0, context: ''}]
}

/** A text that the counterpart has as often is none: where, may differ with whatever else does. */
function findTexts(bytes: Buffer, counterpart: Buffer, rules: LeakRules): Found[] {
  return rules.texts.flatMap(({text, tells}) => {
    const offsets = offsetsOf(bytes, text)
    if (offsets.length === 0) return []
    const allowed = offsetsOf(counterpart, text)
    if (offsets.length <= allowed.length) return []
    const known = new Set(allowed.map(offset => around(counterpart, offset, text)))
    const offset = offsets.find(at => !known.has(around(bytes, at, text))) ?? (offsets[0] as number)
    return [{what: `${text} (${tells})`, offset, context: quote(around(bytes, offset, text))}]
  })
}

function offsetsOf(bytes: Buffer, text: string): number[] {
  const offsets: number[] = []
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + text.length)) offsets.push(at)
  return offsets
}

/** At most so many bytes before and behind. */
const AROUND = 40

/** The printable characters around a text. */
function around(bytes: Buffer, offset: number, text: string): string {
  const before = bytes.subarray(Math.max(0, offset - AROUND), offset).toString('latin1')
  const behind = bytes.subarray(offset + text.length, offset + text.length + AROUND).toString('latin1')
  return `${/[ -~]*$/.exec(before)?.[0] ?? ''}${text}${/^[ -~]*/.exec(behind)?.[0] ?? ''}`
}
