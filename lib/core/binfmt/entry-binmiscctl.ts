import {XbuildError} from '../errors.js'
import {shellLine, splitCommands} from '../shell-words.js'
import {type ActivatorEntry, checkEntry, type EntryChange, interpreterWords, magicSize} from './entry.js'
import {parseBytes, printBytes} from './entry-bytes.js'
import {inFull, optionsNamed, todaysVerb} from './entry-words.js'

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
  throw new XbuildError('bad-entry', `entry "${name}": --${option} "${text}" is not a number`, {hint: 'give it in bytes, in decimal'})
}

function sized(name: string, what: 'magic' | 'mask', text: string, size: string): string {
  const bytes = parseBytes(text, `entry "${name}", ${what}`)
  const count = magicSize({magic: bytes})
  if (count === number(name, 'size', size)) return bytes
  throw new XbuildError('bad-entry', `entry "${name}": its ${what} has ${count} bytes, --size says ${size}`, {
    hint: 'correct one of the two; \\xHH is one byte',
  })
}

/** As getopt_long(3) reads them: values glued to short options, short ones without a value in one word, and `--` at the end. */
function parseAdd(name: string, words: readonly string[]): ActivatorEntry {
  const refuse = (why: string) => new XbuildError('bad-entry', `entry "${name}": ${why}`, {hint: ADD_USAGE})
  const options: AddOptions = {}
  const waiting = [...words]
  for (let word = waiting.shift(); word !== undefined && word !== '--'; word = waiting.shift()) {
    const {option, glued} = partOption(word)
    const value = ownValue(VALUES, option)
    const isSwitch = ownValue(SWITCHES, option)
    if (value) {
      const text = glued ?? waiting.shift()
      if (text === undefined) throw refuse(`${option} has no value`)
      options[value] = text
    } else if (isSwitch && (glued === undefined || isShort(option))) {
      options[isSwitch] = true
      if (glued !== undefined) waiting.unshift(`-${glued}`)
    } else throw refuse(describeUnknown(word, option))
  }
  if (waiting.length > 0) throw refuse(`"${waiting[0]}" is too much`)
  return entryOf(name, options)
}

const ownValue = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(table, key) ? table[key] : undefined)

const isShort = (option: string) => /^-[^-]$/.test(option)

/** An option, and what stands in the same word. */
function partOption(word: string): {option: string; glued: string | undefined} {
  if (/^-[^-]./s.test(word)) return {option: word.slice(0, 2), glued: word.slice(2)}
  const [, option, glued] = /^(--[^=]*)=(.*)$/s.exec(word) ?? []
  return option === undefined ? {option: word, glued: undefined} : {option, glued}
}

function describeUnknown(word: string, option: string): string {
  const named = option.startsWith('--') ? optionsNamed(option.slice(2)) : []
  return named.length > 1 ? `"${option}" may be ${named.map(one => `--${one}`).join(' or ')}` : `"${word}" is not an option of add`
}

function parseCommand(words: readonly string[]): EntryChange {
  const [word = '', name, ...rest] = words
  const verb = todaysVerb(word)
  const refuse = (why: string) =>
    new XbuildError('bad-entry', `binmiscctl ${words.join(' ')}: ${why}`, {
      hint: 'add, remove, enable and disable make entries, each with a NAME',
    })
  if (name === undefined) throw refuse('a name is missing')
  switch (verb) {
    case 'add':
      return {act: 'add', entry: parseAdd(name, inFull(rest))}
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
  return commandsOf(text).flatMap(words => {
    const [program = '', ...rest] = withoutSudo(words)
    if (loadsModule(words)) return []
    if (program !== 'binmiscctl' && !program.endsWith('/binmiscctl')) {
      throw new XbuildError('bad-entry', `"${program}" is not binmiscctl`, {hint: 'import files that hold nothing but binmiscctl commands'})
    }
    return [parseCommand(rest)]
  })
}

const withoutSudo = (words: readonly string[]) => (words[0] === 'sudo' || words[0] === 'doas' ? words.slice(1) : words)

/** FreeBSD's scripts load what makes entries there, kldload(8): there is nothing to load here. */
function loadsModule(words: readonly string[]): boolean {
  const [program = '', ...rest] = withoutSudo(words)
  return /^(\S*\/)?kldload$/.test(program) && rest.some(word => /^imgact_binmisc(\.ko)?$/.test(word))
}

/** Lines of such a script that mean nothing here, each as it may be told. Throws `bad-entry`. */
export const passedOver = (text: string): string[] => commandsOf(text).filter(loadsModule).map(shellLine)

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
  const {name, magic, mask, offset, state, opened} = entry
  const flags = [
    ...(state === 'enabled' ? ['ENABLED '] : []),
    ...(mask === undefined ? [] : ['USE_MASK ']),
    ...(opened === 'at-once' ? ['PRE_OPEN '] : []),
  ]
  return [
    `name: ${name}`,
    `interpreter: ${interpreterWords(entry).join(' ')}`,
    `flags: ${flags.join('')}`,
    `magic size: ${magicSize(entry)}`,
    `magic offset: ${offset}`,
    byteLines('magic:', magic),
    ...(mask === undefined ? [] : [byteLines('mask:', mask)]),
    '',
  ].join('\n')
}
