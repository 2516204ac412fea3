import {quote} from '../core/shell-words.js'
import {type Kind, type Known, lastWord, type Shape, withChildren} from './completion-shape.js'

/** A kind as the script's function `_xbuild_env_kind` takes it. */
const word = (kind: Kind) => (typeof kind === 'string' ? kind : `words ${kind.join(' ')}`)

function caseOf({path, commands, options, arguments: kinds, repeats}: Shape): string {
  const valued = options.flatMap(({words, value}) => (value === undefined ? [] : words.map(name => `${name} ${word(value)}`)))
  return `      ${quote(path.join(' '))})
        commands=${quote(commands.map(lastWord).join(' '))}
        options=${quote(options.flatMap(option => option.words).join(' '))}
        valued=(${valued.map(quote).join(' ')})
        kinds=(${kinds.map(kind => quote(word(kind))).join(' ')})
        repeats=${repeats ? 1 : 0}
        ;;`
}

export const bashScript = (
  shape: Shape,
  {profiles, suites}: Known,
) => `# Completion of xbuild-env for bash: source <(xbuild-env completion bash)
_xbuild_env_kind() {
  local kind=$1 current=$2
  case $kind in
    environment | target | step | session) COMPREPLY=($(compgen -W "$("$3" __names "$kind" 2>/dev/null)" -- "$current")) ;;
    profile) COMPREPLY=($(compgen -W ${quote(profiles.join(' '))} -- "$current")) ;;
    suite) COMPREPLY=($(compgen -W ${quote(suites.join(' '))} -- "$current")) ;;
    words*) COMPREPLY=($(compgen -W "\${kind#words }" -- "$current")) ;;
    file | directory)
      local -a way=(-f)
      [[ $kind == directory ]] && way=(-d)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen "\${way[@]}" -- "$current")
      ;;
    command) [[ -n $current ]] || COMPREPLY=(--) ;;
  esac
}
_xbuild_env() {
  local current=\${COMP_WORDS[COMP_CWORD]} path='' position=0 i word option value commands options repeats
  local -a valued kinds
  COMPREPLY=()
  for ((i = 1; ; i++)); do
    case $path in
${withChildren(shape).map(caseOf).join('\n')}
    esac
    ((i < COMP_CWORD)) || break
    word=\${COMP_WORDS[i]}
    if [[ $word == -- ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    value=''
    for option in "\${valued[@]}"; do
      [[ $option == "$word "* ]] && value=\${option#* }
    done
    if [[ -n $value ]]; then
      [[ \${COMP_WORDS[i + 1]} == '=' ]] && ((i++))
      ((++i < COMP_CWORD)) && continue
      [[ $current == '=' ]] && current=''
      _xbuild_env_kind "$value" "$current" "$1"
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
  local -a children=()
  ((position == 0)) && children=($(compgen -W "$commands" -- "$current"))
  ((repeats && position >= \${#kinds[@]})) && position=$((\${#kinds[@]} - 1))
  ((position < \${#kinds[@]})) && _xbuild_env_kind "\${kinds[position]}" "$current" "$1"
  COMPREPLY+=("\${children[@]}")
}
complete -F _xbuild_env xbuild-env`
