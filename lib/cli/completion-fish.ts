import {isAsked, type Kind, type Known, lastWord, type OptionShape, type Shape, withChildren} from './completion-shape.js'

/** Quoted for fish, which knows backslashes within quotes. */
const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`

/** What `complete -a` takes; undefined where there is nothing to offer. */
function wordsOf(kind: Kind, {profiles, suites}: Known): string | undefined {
  if (typeof kind !== 'string') return quoted(kind.join(' '))
  if (isAsked(kind)) return `'(xbuild-env __names ${kind} 2>/dev/null)'`
  switch (kind) {
    case 'profile':
      return quoted(profiles.join(' '))
    case 'suite':
      return quoted(suites.join(' '))
    case 'directory':
      return "'(__fish_complete_directories)'"
    default:
      return undefined
  }
}

/** -r: it takes a value; -F: which is a file; -x: and no file. */
function valueWords(kind: Kind | undefined, known: Known): string[] {
  if (kind === undefined) return []
  if (kind === 'file') return ['-r -F']
  const words = wordsOf(kind, known)
  return words === undefined ? ['-x'] : [`-x -a ${words}`]
}

function optionLine(at: string, {words, value, summary}: OptionShape, known: Known): string {
  const names = words.map(word => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`))
  return [at, ...names, ...valueWords(value, known), `-d ${quoted(summary)}`].join(' ')
}

/** The kinds of arguments, each once: fish does not count them. */
function argumentLines(at: string, kinds: readonly Kind[], known: Known): string[] {
  const words = [...new Set(kinds.flatMap(kind => wordsOf(kind, known) ?? []))].map(text => `${at} -a ${text}`)
  return kinds.includes('file') ? [...words, `${at} -F`] : words
}

function linesOf(shape: Shape, known: Known): string[] {
  const at = `complete -c xbuild-env -n ${quoted(`__xbuild_env_at ${quoted(shape.path.join(' '))}`)}`
  return [
    ...shape.commands.map(child => `${at} -a ${lastWord(child)} -d ${quoted(child.summary)}`),
    ...shape.options.map(option => optionLine(at, option, known)),
    ...argumentLines(at, shape.arguments, known),
  ]
}

export function fishScript(shape: Shape, known: Known): string {
  const paths = withChildren(shape).flatMap(({path}) =>
    path.length > 0 ? [quoted([path.slice(0, -1).join(' '), path.at(-1)].join(' '))] : [],
  )
  return `# Completion of xbuild-env for fish: xbuild-env completion fish | source
function __xbuild_env_at -a wanted
  set -l path ''
  for word in (commandline -opc)[2..-1]
    test $word = --; and return 1
    switch "$path $word"
      case ${paths.join(' ')}
        set path (string trim -- "$path $word")
    end
  end
  test "$path" = "$wanted"
end
complete -c xbuild-env -f
complete -c xbuild-env -n 'contains -- -- (commandline -opc)' -F
${withChildren(shape)
  .flatMap(child => linesOf(child, known))
  .join('\n')}`
}
