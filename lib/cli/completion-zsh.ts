import {quote} from '../core/shell-words.js'
import {ASKED, isAsked, type Kind, type Known, lastWord, type OptionShape, type Shape, withChildren} from './completion-shape.js'

const functionOf = (path: readonly string[]) => ['_xbuild_env', ...path].join('_').replaceAll('-', '_')

/** In an option's [description], and in a message between colons. */
const textOf = (text: string) => text.replace(/[\\[\]:]/g, '\\$&')

function actionOf(kind: Kind): string {
  if (typeof kind !== 'string') return `(${kind.join(' ')})`
  if (isAsked(kind)) return `_xbuild_env__names_${kind}`
  return {
    profile: '_xbuild_env__profiles',
    suite: '_xbuild_env__suites',
    command: '_normal',
    file: '_files',
    directory: '_files -/',
    nothing: ' ',
  }[kind]
}

const nameOf = (kind: Kind) => (typeof kind === 'string' ? kind : 'word')

const optionsOf = (options: readonly OptionShape[]): string[] =>
  options.flatMap(({words, value, summary}) =>
    words.map(word => {
      const action = value === undefined ? '' : `:${nameOf(value)}:${actionOf(value)}`
      return quote(`${value === undefined ? '' : '*'}${word}[${textOf(summary)}]${action}`)
    }),
  )

function argumentsOf({arguments: kinds, repeats}: Shape): string[] {
  return kinds.map((kind, i) => {
    if (kind === 'command') return quote('*:::command:_normal')
    return quote(`${repeats && i === kinds.length - 1 ? '*' : i + 1}:${nameOf(kind)}:${actionOf(kind)}`)
  })
}

/** Of a command that takes either a command of its own or arguments: the first of these, beside the commands. */
function ownWords({arguments: [first]}: Shape): string {
  return first === undefined || typeof first !== 'string' ? '' : `      ${actionOf(first)}\n`
}

/** What follows the first of them, which is no command's name. */
function ownArguments(shape: Shape): string {
  if (shape.arguments.length === 0) return ''
  const words = [...optionsOf(shape.options), ...argumentsOf(shape)].join(' ')
  return `        *)
          words=(command "\${words[@]}")
          ((CURRENT++))
          _arguments -S ${words}
          ;;
`
}

function bodyOf(shape: Shape): string {
  if (shape.commands.length === 0) {
    return `${functionOf(shape.path)}() {
  _arguments -S ${[...optionsOf(shape.options), ...argumentsOf(shape)].join(' ')}
}`
  }
  return `${functionOf(shape.path)}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  local -a commands=(${shape.commands.map(child => quote(`${lastWord(child)}:${child.summary.replaceAll(':', '\\:')}`)).join(' ')})
  _arguments -C -S ${optionsOf(shape.options).join(' ')} '1: :->command' '*:::arguments:->arguments'
  case $state in
    command)
      _describe -t commands command commands
${ownWords(shape)}      ;;
    arguments)
      words=($line[1] "\${words[@]}")
      ((CURRENT++))
      case $line[1] in
${shape.commands.map(child => `        ${lastWord(child)}) ${functionOf(child.path)} ;;`).join('\n')}
${ownArguments(shape)}      esac
      ;;
  esac
}`
}

const namesOf = (kind: string) => `_xbuild_env__names_${kind}() {
  local -a names=(\${(f)"$(xbuild-env __names ${kind} 2>/dev/null)"})
  compadd -a names
}`

export const zshScript = (shape: Shape, {profiles, suites}: Known) => `#compdef xbuild-env
# Completion of xbuild-env for zsh: source <(xbuild-env completion zsh), or save it as _xbuild-env in a directory of fpath
${ASKED.map(namesOf).join('\n')}
_xbuild_env__profiles() {
  compadd ${profiles.join(' ')}
}
_xbuild_env__suites() {
  compadd ${suites.join(' ')}
}
${withChildren(shape).map(bodyOf).join('\n')}
if [[ $funcstack[1] == _xbuild-env ]]; then
  _xbuild_env "$@"
else
  compdef _xbuild_env xbuild-env
fi`
