import type {Argument, Command} from 'commander'
import {readTargets} from '../config/profiles.js'
import {quote} from '../core/shell-words.js'
import {openContext} from './context.js'
import {print} from './output.js'

export type Shell = 'bash' | 'zsh' | 'fish'

/** What an argument is completed with. */
type Kind = 'environment' | 'profile' | 'command' | 'nothing' | readonly string[]

/** A command as the scripts need it, taken from the program itself. */
interface Shape {
  /** The words that lead to it, without the program's name. */
  path: readonly string[]
  summary: string
  options: readonly {words: readonly string[]; takesValue: boolean; choices: readonly string[]; summary: string}[]
  arguments: readonly Kind[]
  /** Whether the last argument may be repeated. */
  repeats: boolean
  commands: readonly Shape[]
}

/** The names that arguments have in all commands. */
const KINDS: Readonly<Record<string, Kind>> = {env: 'environment', profile: 'profile', command: 'command'}

const kindOf = (argument: Argument): Kind => argument.argChoices ?? KINDS[argument.name()] ?? 'nothing'

function shapeOf(command: Command, path: readonly string[] = []): Shape {
  const help = command.createHelp()
  const children = help.visibleCommands(command)
  const names = children.map(child => child.name())
  return {
    path,
    summary: command.summary() || command.description(),
    options: help.visibleOptions(command).map(option => ({
      words: [option.long, option.short].filter(word => word !== undefined && word !== null),
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
      summary: option.description,
    })),
    arguments: command.registeredArguments.map(kindOf),
    repeats: command.registeredArguments.at(-1)?.variadic ?? false,
    commands: children.map(child => {
      const shape = shapeOf(child, [...path, child.name()])
      return child.name() === 'help' ? {...shape, arguments: [names]} : shape // commander's own
    }),
  }
}

const withChildren = (shape: Shape): Shape[] => [shape, ...shape.commands.flatMap(withChildren)]

const lastWord = (shape: Shape) => shape.path.at(-1) ?? ''

/** A completion script for the program's commands and options, and the profiles that there are. */
export function completionScript(program: Command, shell: Shell, profiles: readonly string[]): string {
  const shape = shapeOf(program)
  switch (shell) {
    case 'bash':
      return bashScript(shape, profiles)
    case 'zsh':
      return zshScript(shape, profiles)
    case 'fish':
      return fishScript(shape, profiles)
  }
}

const bashKind = (kind: Kind) => (typeof kind === 'string' ? kind : `words ${kind.join(' ')}`)

function bashCase({path, commands, options, arguments: kinds, repeats}: Shape): string {
  const valued = options.filter(option => option.takesValue).flatMap(option => option.words)
  const choices = options.flatMap(option =>
    option.words.flatMap(word => (option.choices.length > 0 ? [`${word} ${option.choices.join(' ')}`] : [])),
  )
  return `      ${quote(path.join(' '))})
        commands=${quote(commands.map(lastWord).join(' '))}
        options=${quote(options.flatMap(option => option.words).join(' '))}
        valued=${quote(valued.join(' '))}
        choices=(${choices.map(quote).join(' ')})
        kinds=(${kinds.map(kind => quote(bashKind(kind))).join(' ')})
        repeats=${repeats ? 1 : 0}
        ;;`
}

function bashScript(shape: Shape, profiles: readonly string[]): string {
  return `# Completion of xbuild-env for bash: source <(xbuild-env completion bash)
_xbuild_env() {
  local current=\${COMP_WORDS[COMP_CWORD]} path='' position=0 i word choice commands options valued repeats
  local -a choices kinds
  COMPREPLY=()
  for ((i = 1; ; i++)); do
    case $path in
${withChildren(shape).map(bashCase).join('\n')}
    esac
    ((i < COMP_CWORD)) || break
    word=\${COMP_WORDS[i]}
    if [[ $word == -- ]]; then
      compopt -o default 2>/dev/null
      return
    elif [[ " $valued " == *" $word "* ]]; then
      [[ \${COMP_WORDS[i + 1]} == '=' ]] && ((i++))
      ((++i < COMP_CWORD)) && continue
      [[ $current == '=' ]] && current=''
      for choice in "\${choices[@]}"; do
        [[ $choice == "$word "* ]] && COMPREPLY=($(compgen -W "\${choice#* }" -- "$current")) && return
      done
      compopt -o default 2>/dev/null
      return
    elif [[ $word != -* && " $commands " == *" $word "* ]]; then
      path="\${path:+$path }$word"
    elif [[ $word != -* ]]; then
      ((position++))
    fi
  done
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
    return
  fi
  if [[ -n $commands ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "$current"))
    return
  fi
  ((repeats && position >= \${#kinds[@]})) && position=$((\${#kinds[@]} - 1))
  case \${kinds[position]} in
    environment) COMPREPLY=($(compgen -W "$("$1" __names 2>/dev/null)" -- "$current")) ;;
    profile) COMPREPLY=($(compgen -W ${quote(profiles.join(' '))} -- "$current")) ;;
    words*) COMPREPLY=($(compgen -W "\${kinds[position]#words }" -- "$current")) ;;
    command) [[ -n $current ]] || COMPREPLY=(--) ;;
  esac
}
complete -F _xbuild_env xbuild-env`
}

const zshFunction = (path: readonly string[]) => ['_xbuild_env', ...path].join('_').replaceAll('-', '_')

/** In an option's [description], and in a message between colons. */
const zshText = (text: string) => text.replace(/[\\[\]:]/g, '\\$&')

function zshAction(kind: Kind): string {
  if (typeof kind !== 'string') return `(${kind.join(' ')})`
  return {environment: '_xbuild_env__environments', profile: '_xbuild_env__profiles', command: '_normal', nothing: ' '}[kind]
}

function zshOptions({options}: Shape): string[] {
  return options.flatMap(({words, takesValue, choices, summary}) =>
    words.map(word => {
      const value = takesValue ? `:value:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}` : ''
      return quote(`${takesValue ? '*' : ''}${word}[${zshText(summary)}]${value}`)
    }),
  )
}

function zshArguments({arguments: kinds, repeats}: Shape): string[] {
  return kinds.map((kind, i) => {
    if (kind === 'command') return quote('*:::command:_normal')
    return quote(`${repeats && i === kinds.length - 1 ? '*' : i + 1}:${typeof kind === 'string' ? kind : 'word'}:${zshAction(kind)}`)
  })
}

function zshBody(shape: Shape): string {
  if (shape.commands.length === 0) {
    return `${zshFunction(shape.path)}() {
  _arguments -S ${[...zshOptions(shape), ...zshArguments(shape)].join(' ')}
}`
  }
  return `${zshFunction(shape.path)}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  local -a commands=(${shape.commands.map(child => quote(`${lastWord(child)}:${child.summary.replaceAll(':', '\\:')}`)).join(' ')})
  _arguments -C -S ${zshOptions(shape).join(' ')} '1: :->command' '*:::arguments:->arguments'
  case $state in
    command) _describe -t commands command commands ;;
    arguments)
      words=($line[1] "\${words[@]}")
      ((CURRENT++))
      case $line[1] in
${shape.commands.map(child => `        ${lastWord(child)}) ${zshFunction(child.path)} ;;`).join('\n')}
      esac
      ;;
  esac
}`
}

function zshScript(shape: Shape, profiles: readonly string[]): string {
  return `#compdef xbuild-env
# Completion of xbuild-env for zsh: source <(xbuild-env completion zsh), or save it as _xbuild-env in a directory of fpath
_xbuild_env__environments() {
  local -a names=(\${(f)"$(xbuild-env __names 2>/dev/null)"})
  compadd -a names
}
_xbuild_env__profiles() {
  compadd ${profiles.join(' ')}
}
${withChildren(shape).map(zshBody).join('\n')}
if [[ $funcstack[1] == _xbuild-env ]]; then
  _xbuild_env "$@"
else
  compdef _xbuild_env xbuild-env
fi`
}

/** Quoted for fish, which knows backslashes within quotes. */
const fishQuote = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`

function fishWords(kind: Kind, profiles: readonly string[]): string | undefined {
  if (typeof kind !== 'string') return fishQuote(kind.join(' '))
  if (kind === 'environment') return `'(xbuild-env __names 2>/dev/null)'`
  return kind === 'profile' ? fishQuote(profiles.join(' ')) : undefined
}

function fishLines(shape: Shape, profiles: readonly string[]): string[] {
  const at = `complete -c xbuild-env -n ${fishQuote(`__xbuild_env_at ${fishQuote(shape.path.join(' '))}`)}`
  const options = shape.options.map(({words, takesValue, choices, summary}) => {
    const names = words.map(word => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`))
    const value = takesValue ? (choices.length > 0 ? [`-x -a ${fishQuote(choices.join(' '))}`] : ['-r -F']) : []
    return [at, ...names, ...value, `-d ${fishQuote(summary)}`].join(' ')
  })
  const commands = shape.commands.map(child => `${at} -a ${lastWord(child)} -d ${fishQuote(child.summary)}`)
  const words = [...new Set(shape.arguments.flatMap(kind => fishWords(kind, profiles) ?? []))].map(text => `${at} -a ${text}`)
  return [...commands, ...options, ...words]
}

function fishScript(shape: Shape, profiles: readonly string[]): string {
  const paths = withChildren(shape).flatMap(({path}) =>
    path.length > 0 ? [fishQuote([path.slice(0, -1).join(' '), path.at(-1)].join(' '))] : [],
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
  .flatMap(child => fishLines(child, profiles))
  .join('\n')}`
}

export async function completion(program: Command, shell: Shell): Promise<number> {
  const profiles = (await readTargets()).map(target => target.name)
  print(completionScript(program, shell, profiles))
  return 0
}

/** The environments' names, one a line, for the scripts. */
export async function printNames(): Promise<number> {
  const {store} = await openContext()
  for (const name of await store.names()) print(name)
  return 0
}
