/** What the command line says of entries, apart from what makes them: so that other commands need not load that. */

/** The formats of other tools that entries are read from and written in. */
export const FORMATS = ['binfmt.d', 'binmiscctl', 'binfmts'] as const
export type EntryFormat = (typeof FORMATS)[number]

/** As the talk of 2013 spelled binmiscctl's verbs. */
const OLD_VERBS: Readonly<Record<string, string>> = {
  '--add': 'add',
  '--delete': 'remove',
  '--disable': 'disable',
  '--enable': 'enable',
  '--lookup': 'lookup',
  '--list-all': 'list',
}

/** binmiscctl's own, which takes them in any case: strcasecmp() in usr.sbin/binmiscctl/binmiscctl.c. */
const VERBS = ['add', 'remove', 'enable', 'disable', 'lookup', 'list']

/** The long options of binmiscctl's `add`, and what each takes. */
const OPTIONS: Readonly<Record<string, 'value' | 'nothing'>> = {
  interpreter: 'value',
  magic: 'value',
  mask: 'value',
  size: 'value',
  offset: 'value',
  'set-enabled': 'nothing',
  'pre-open': 'nothing',
}

/** The options that a word may be short for, as getopt_long(3) takes it: one that is written out stands for itself alone. */
export function optionsNamed(word: string): string[] {
  if (Object.hasOwn(OPTIONS, word)) return [word]
  return word === '' ? [] : Object.keys(OPTIONS).filter(option => option.startsWith(word))
}

/** A verb in today's spelling. */
export const todaysVerb = (word: string): string =>
  VERBS.includes(word.toLowerCase()) ? word.toLowerCase() : Object.hasOwn(OLD_VERBS, word) ? (OLD_VERBS[word] ?? word) : word

/** A command's words in today's spelling. */
export function inTodaysSpelling([word, ...rest]: readonly string[]): string[] {
  if (word === undefined) return []
  const verb = todaysVerb(word)
  return [verb, ...(verb === 'add' ? inFull(rest) : rest)]
}

/** Options of the command line's own that take a value. */
const OWN_VALUES = ['--env', '--format', '--profile']
/** binmiscctl's short ones. */
const SHORT_VALUES = /^-[imMso]$/

/** The same words, with the long options of binmiscctl that are cut short written out; values stay as they are. */
export function inFull(words: readonly string[]): string[] {
  const end = words.indexOf('--')
  const found: string[] = []
  for (let i = 0; i < (end === -1 ? words.length : end); i++) {
    const word = words[i] ?? ''
    const [, name, value = ''] = /^--([^=]+)(=.*)?$/s.exec(word) ?? []
    const [option, ...others] = name === undefined ? [] : optionsNamed(name)
    const isFull = option !== undefined && others.length === 0
    found.push(isFull ? `--${option}${value}` : word)
    const takesNext = isFull ? OPTIONS[option] === 'value' && value === '' : OWN_VALUES.includes(word) || SHORT_VALUES.test(word)
    if (takesNext && i + 1 < words.length) found.push(words[++i] ?? '')
  }
  return [...found, ...words.slice(found.length)]
}
