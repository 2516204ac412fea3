/** A word in single quotes, in which a POSIX shell takes everything for itself: POSIX.1, Shell Command Language, 2.2.2. */
export const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** The same, where a word needs it. */
export const quoteWord = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word))

/** A command line that can be pasted into a shell. */
export const shellLine = (argv: readonly string[]) => argv.map(quoteWord).join(' ')
