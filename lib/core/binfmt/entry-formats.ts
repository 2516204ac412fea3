import type {ActivatorEntry, EntryChange} from './entry.js'
import {parseBinfmtD, printBinfmtD} from './entry-binfmt-d.js'
import {parseBinfmts, printBinfmts} from './entry-binfmts.js'
import {parseBinmiscctl, passedOver, printBinmiscctl} from './entry-binmiscctl.js'
import type {EntryFormat} from './entry-words.js'

/** In what format a file is, by its first line that is no comment. */
export function formatOf(text: string): EntryFormat {
  const line = text.split('\n').find(candidate => !/^\s*([#;]|$)/.test(candidate)) ?? ''
  if (/^((sudo|doas)\s+)?\S*(binmiscctl|kldload)\s/.test(line)) return 'binmiscctl'
  return /^\w/.test(line) ? 'binfmts' : 'binfmt.d'
}

/** The changes that a file asks for. `name` is the file's, without its directory. Throws `bad-entry`. */
export function parseEntries(text: string, name: string): EntryChange[] {
  const add = (entry: ActivatorEntry): EntryChange => ({act: 'add', entry})
  switch (formatOf(text)) {
    case 'binmiscctl':
      return parseBinmiscctl(text)
    case 'binfmts':
      return [add(parseBinfmts(text, name))]
    case 'binfmt.d':
      return parseBinfmtD(text).map(add)
  }
}

/** What of a file is passed over, though it would do something on FreeBSD. Throws `bad-entry`. */
export const passedOverIn = (text: string): string[] => (formatOf(text) === 'binmiscctl' ? passedOver(text) : [])

/** An entry in a format of others. Throws `bad-entry` where that cannot say it. */
export function printEntry(entry: ActivatorEntry, format: EntryFormat): string {
  switch (format) {
    case 'binmiscctl':
      return printBinmiscctl({act: 'add', entry})
    case 'binfmts':
      return printBinfmts(entry)
    case 'binfmt.d':
      return printBinfmtD(entry)
  }
}
