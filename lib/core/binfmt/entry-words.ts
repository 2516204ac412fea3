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

/** A command's words in today's spelling. */
export const inTodaysSpelling = ([verb, ...rest]: readonly string[]): string[] =>
  verb === undefined ? [] : [OLD_VERBS[verb] ?? verb, ...rest]
