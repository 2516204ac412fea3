import {XbuildError} from '../errors.js'
import {shellLine, splitCommands} from '../shell-words.js'
import {type ActivatorEntry, checkEntry, type EntryChange, magicSize} from './entry.js'
import {parseBytes, printBytes} from './entry-bytes.js'
import {inTodaysSpelling} from './entry-words.js'

/** What FreeBSD's binmiscctl(8) is told and says: usr.sbin/binmiscctl/binmiscctl.c. */

/** What `add` is told, as text. */
export interface AddOptions {
  interpreter?: string
  magic?: string
  mask?: string
  size?: string
  offset?: string
  setEnabled?: boolean
  preOpen?: boolean
  concatOldArg0?: boolean
}

/** getopt_long's table, short and long. */
const VALUES: Readonly<Record<string, 'interpreter' | 'magic' | 'mask' | 'size' | 'offset'>> = {
  '-i': 'interpreter',
  '--interpreter': 'interpreter',
  '-m': 'magic',
  '--magic': 'magic',
  '-M': 'mask',
  '--mask': 'mask',
  '-s': 'size',
  '--size': 'size',
  '-o': 'offset',
  '--offset': 'offset',
}
const SWITCHES: Readonly<Record<string, 'setEnabled' | 'preOpen' | 'concatOldArg0'>> = {
  '-e': 'setEnabled',
  '--set-enabled': 'setEnabled',
  '-p': 'preOpen',
  '--pre-open': 'preOpen',
  '--concat-old-arg0': 'concatOldArg0',
}

/** The entry that `add` makes. Throws `bad-entry`. */
export function entryOf(name: string, options: AddOptions): ActivatorEntry {
  const {interpreter, magic, mask, size, offset = '0', setEnabled, preOpen, concatOldArg0} = options
  const missing = Object.entries({interpreter, magic, size}).find(([, value]) => value === undefined)?.[0]
  if (interpreter === undefined || magic === undefined || size === undefined) {
    throw new XbuildError('bad-entry', `entry "${name}": --${missing} is missing`, {hint: ADD_USAGE})
  }
  const bytes = sized(name, 'magic', magic, size)
  return checkEntry({
    name,
    interpreter: concatOldArg0 ? `${interpreter}#a` : interpreter,
    magic: bytes,
    ...(mask === undefined ? {} : {mask: sized(name, 'mask', mask, size)}),
    offset: number(name, 'offset', offset),
    state: setEnabled ? 'enabled' : 'disabled',
    opened: preOpen ? 'at-once' : 'for-each',
  })
}

const ADD_USAGE = 'add NAME --interpreter "PATH ARG…" --magic BYTES --size N [--mask BYTES] [--offset N] [--set-enabled] [--pre-open]'

function number(name: string, option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new XbuildError('bad-entry', `entry "${name}": --${option} "${text}" is no number`, {hint: 'give it in bytes, in decimal'})
}

function sized(name: string, what: 'magic' | 'mask', text: string, size: string): string {
  const bytes = parseBytes(text, `entry "${name}", ${what}`)
  const count = magicSize({magic: bytes})
  if (count === number(name, 'size', size)) return bytes
  throw new XbuildError('bad-entry', `entry "${name}": its ${what} has ${count} bytes, --size says ${size}`, {
    hint: 'correct one of the two; \\xHH is one byte',
  })
}

function parseAdd(name: string, words: readonly string[]): ActivatorEntry {
  const options: AddOptions = {}
  for (let i = 0; i < words.length; i++) {
    const [, word = '', given] = /^(--[^=]*)=(.*)$/s.exec(words[i] ?? '') ?? [undefined, words[i]]
    const value = VALUES[word]
    const isSwitch = SWITCHES[word]
    if (value) {
      const text = given ?? words[++i]
      if (text === undefined) throw new XbuildError('bad-entry', `entry "${name}": ${word} has no value`, {hint: ADD_USAGE})
      options[value] = text
    } else if (isSwitch && given === undefined) options[isSwitch] = true
    else throw new XbuildError('bad-entry', `entry "${name}": "${word}" is no option of add`, {hint: ADD_USAGE})
  }
  return entryOf(name, options)
}

function parseCommand(words: readonly string[]): EntryChange {
  const [verb = '', name, ...rest] = inTodaysSpelling(words)
  const refuse = (why: string) =>
    new XbuildError('bad-entry', `binmiscctl ${words.join(' ')}: ${why}`, {
      hint: 'add, remove, enable and disable make entries, each with a NAME',
    })
  if (name === undefined) throw refuse('a name is missing')
  switch (verb) {
    case 'add':
      return {act: 'add', entry: parseAdd(name, rest)}
    case 'remove':
    case 'enable':
    case 'disable':
      if (rest.length > 0) throw refuse(`"${rest[0]}" is too much`)
      return {act: verb, name}
    default:
      throw refuse(`"${verb}" changes no entry`)
  }
}

/** The changes that a script of binmiscctl commands makes, in either spelling. Throws `bad-entry`. */
export function parseBinmiscctl(text: string): EntryChange[] {
  return commandsOf(text).map(words => {
    const [program = '', ...rest] = words[0] === 'sudo' || words[0] === 'doas' ? words.slice(1) : words
    if (program !== 'binmiscctl' && !program.endsWith('/binmiscctl')) {
      throw new XbuildError('bad-entry', `"${program}" is not binmiscctl`, {hint: 'import files that hold nothing but binmiscctl commands'})
    }
    return parseCommand(rest)
  })
}

function commandsOf(text: string): string[][] {
  try {
    return splitCommands(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new XbuildError('bad-entry', `the commands cannot be read: ${error.message}`, {
      hint: 'import plain commands, without variables and redirections; put bytes in single quotes',
      cause: error,
    })
  }
}

/** The command that makes a change on FreeBSD, for a shell. */
export const printBinmiscctl = (change: EntryChange) => shellLine(['binmiscctl', ...binmiscctlArguments(change)])

export function binmiscctlArguments(change: EntryChange): string[] {
  if (change.act !== 'add') return [change.act, change.name]
  const {name, interpreter, magic, mask, offset, state, opened} = change.entry
  return [
    'add',
    name,
    ...['--interpreter', interpreter],
    ...['--magic', printBytes(magic)],
    ...['--size', String(magicSize(change.entry))],
    ...(mask === undefined ? [] : ['--mask', printBytes(mask)]),
    ...(offset === 0 ? [] : ['--offset', String(offset)]),
    ...(state === 'enabled' ? ['--set-enabled'] : []),
    ...(opened === 'at-once' ? ['--pre-open'] : []),
  ]
}

/** Twelve bytes a line, in groups of four; each byte is followed by a space. */
function byteLines(label: string, hex: string): string {
  const bytes = hex.match(/../g) ?? []
  const parts = bytes.map((byte, i) => `${i === 0 ? '' : i % 12 === 0 ? '\n       ' : i % 4 === 0 ? ' ' : ''}0x${byte} `)
  return label.padEnd('magic: '.length) + parts.join('')
}

/** An entry as `binmiscctl lookup` shows it. */
export function describeEntry(entry: ActivatorEntry): string {
  const {name, interpreter, magic, mask, offset, state, opened} = entry
  const flags = [
    ...(state === 'enabled' ? ['ENABLED '] : []),
    ...(mask === undefined ? [] : ['USE_MASK ']),
    ...(opened === 'at-once' ? ['PRE_OPEN '] : []),
  ]
  return [
    `name: ${name}`,
    `interpreter: ${interpreter}`,
    `flags: ${flags.join('')}`,
    `magic size: ${magicSize(entry)}`,
    `magic offset: ${offset}`,
    byteLines('magic:', magic),
    ...(mask === undefined ? [] : [byteLines('mask:', mask)]),
    '',
  ].join('\n')
}
