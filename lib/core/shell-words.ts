/** A word in single quotes, in which a POSIX shell takes everything for itself: POSIX.1, Shell Command Language, 2.2.2. */
export const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** The same, where a word needs it. */
export const quoteWord = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word))

/** A command line that can be pasted into a shell. */
export const shellLine = (argv: readonly string[]) => argv.map(quoteWord).join(' ')

/** What stands for more than itself, outside of single quotes: POSIX.1, Shell Command Language, 2.2. */
const EXPANSIONS = /[$`]/
/** Likewise, unquoted. */
const OPERATORS = /[|&<>()]/

/**
 * The commands of a shell script that does nothing but call programs with words: no variables, no redirections. Throws a
 * RangeError that names what it cannot read.
 */
export function splitCommands(text: string): string[][] {
  const commands: string[][] = [[]]
  let word: string | undefined
  const endWord = () => {
    if (word !== undefined) commands.at(-1)?.push(word)
    word = undefined
  }
  let rest = text.replaceAll('\\\n', '')
  while (rest !== '') {
    const [piece] = /^(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[\s\S])/.exec(rest) as RegExpExecArray
    rest = rest.slice(piece.length)
    if (piece === '#' && word === undefined) rest = rest.replace(/^.*/, '')
    else if (piece === '\n' || piece === ';') {
      endWord()
      commands.push([])
    } else if (/^\s$/.test(piece)) endWord()
    else word = (word ?? '') + unquote(piece)
  }
  endWord()
  return commands.filter(command => command.length > 0)
}

/** In double quotes a backslash goes away only before what would mean something else: same place, 2.2.3. */
function unquote(piece: string): string {
  if (piece.length > 1 && piece.startsWith("'")) return piece.slice(1, -1)
  if (piece.length > 1 && piece.startsWith('\\')) return piece.slice(1)
  const quoted = piece.length > 1
  if (!quoted && /['"\\]/.test(piece)) throw new RangeError(`${piece} without an end`)
  const plain = piece.replace(/\\[\s\S]/g, '')
  if (EXPANSIONS.test(plain) || (!quoted && OPERATORS.test(plain))) throw new RangeError(`"${piece}" is for a shell`)
  return quoted ? piece.slice(1, -1).replace(/\\(["$`\\])/g, '$1') : piece
}
