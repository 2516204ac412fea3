import {XbuildError} from '../errors.js'
import {type ActivatorEntry, checkEntry, escapeHashes, interpreterPath, interpreterWords} from './entry.js'
import {parseBytes, printBytes} from './entry-bytes.js'

/** Files of update-binfmts(8), "FORMAT FILES": a keyword and its value a line. The file's name is the entry's. */

const KEYWORDS = ['package', 'interpreter', 'extension', 'magic', 'offset', 'mask', 'detector', 'credentials', 'preserve', 'fix_binary']

/** What an entry of the activator cannot say, and what to do instead. */
const BEYOND: readonly [keyword: string, value: RegExp, why: string, hint: string][] = [
  ['extension', /./, 'it goes by the name of a file', 'entries of the activator go by magic bytes'],
  ['detector', /./, 'a program decides whether it is meant', 'choose a magic that needs no detector'],
  ['preserve', /^yes$/, 'its interpreter gets argv[0] after the path', 'add it with argv[0] as an argument instead: "PATH … #a"'],
]

/** Throws `bad-entry` for what is no such file, and for what no activator's entry can say. */
export function parseBinfmts(text: string, name: string): ActivatorEntry {
  const refuse = (why: string, hint: string) => new XbuildError('bad-entry', `entry "${name}": ${why}`, {hint})
  const values = new Map<string, string>()
  for (const line of text.split('\n').filter(line => line.trim() !== '')) {
    const [, keyword = '', value = ''] = /^(\S+)\s+(.*?)\s*$/.exec(line) ?? [undefined, line]
    if (!KEYWORDS.includes(keyword)) throw refuse(`"${keyword}" is not a keyword`, `update-binfmts knows ${KEYWORDS.join(', ')}`)
    values.set(keyword, value)
  }
  for (const [keyword, value, why, hint] of BEYOND) {
    if (value.test(values.get(keyword) ?? '')) throw refuse(why, hint)
  }
  const interpreter = values.get('interpreter') ?? ''
  if (/\s/.test(interpreter)) throw refuse('its interpreter has a blank in its path', 'blanks part the arguments of an interpreter here')
  const mask = values.get('mask')
  return checkEntry({
    name,
    interpreter: escapeHashes(interpreter),
    magic: parseBytes(values.get('magic') ?? '', `entry "${name}", magic`),
    ...(mask ? {mask: parseBytes(mask, `entry "${name}", mask`)} : {}),
    offset: Number(values.get('offset') ?? 0),
    state: 'enabled',
    opened: values.get('fix_binary') === 'yes' ? 'at-once' : 'for-each',
  })
}

/** The file of an entry. Throws `bad-entry` for an interpreter with arguments, and for an entry that is disabled. */
export function printBinfmts(entry: ActivatorEntry): string {
  const {name, magic, mask, offset, state, opened} = entry
  const refuse = (why: string, hint: string) => new XbuildError('bad-entry', `entry "${name}": ${why}`, {hint})
  if (interpreterWords(entry).length > 1) {
    throw refuse(
      'update-binfmts takes no arguments for an interpreter',
      'xbuild-env activator add --system registers it through the activator',
    )
  }
  if (state === 'disabled') throw refuse('update-binfmts has no files of disabled entries', 'enable it first')
  return [
    'package xbuild-env',
    `interpreter ${interpreterPath(entry)}`,
    `magic ${printBytes(magic)}`,
    ...(offset === 0 ? [] : [`offset ${offset}`]),
    ...(mask === undefined ? [] : [`mask ${printBytes(mask)}`]),
    ...(opened === 'at-once' ? ['fix_binary yes'] : []),
  ].join('\n')
}
