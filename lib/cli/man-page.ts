import type {Command} from 'commander'
import {helpOf, namedCommands} from './help-texts.js'
import {VERSION} from './program.js'

/** A backslash, and what would be a request at the start of a line: man 7 groff, "Control characters". A dash is one that can be typed. */
const escapeRoff = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')

/** What man leaves of 80 where it indents twice: man 7 groff_man, IN. */
const COLUMNS = 66

const section = (title: string, text: string) => `.SH ${title}\n${text}\n`

/** A text whose lines stay as they are. */
const verbatim = (text: string) => `.nf\n${escapeRoff(text)}\n.fi`

/** Each command by its name, with the text of its help. */
const describe = (words: readonly string[], command: Command) =>
  `.SS ${escapeRoff(words.slice(1).join(' '))}\n${verbatim(helpOf(command, COLUMNS).trimEnd())}`

const STATUS: readonly (readonly [string, string])[] = [
  ['0', 'all went well'],
  ['2', 'the command line cannot be understood'],
  ['125', 'xbuild-env itself failed'],
  ['126', 'the command cannot be executed'],
  ['127', 'the command was not found'],
  ['128+n', 'signal n ended the command'],
  ['others', "the command's own"],
]

const FILES: readonly (readonly [string, string])[] = [
  ['~/.local/share/xbuild-env', 'roots, twin sets and environments: $XDG_DATA_HOME/xbuild-env, or XBUILD_ENV_DATA'],
  ['~/.config/xbuild-env/config.yaml', 'settings: $XDG_CONFIG_HOME/xbuild-env'],
  ['xbuild-env.yaml', "a project's configuration"],
]

const list = (items: readonly (readonly [string, string])[]) =>
  items.map(([term, text]) => `.TP\n.B ${escapeRoff(term)}\n${escapeRoff(text)}`).join('\n')

/** xbuild-env(1), made of the help texts. `date`: of this version, YYYY-MM-DD. man 7 man */
export function manPage(date: string): string {
  const [program, ...commands] = namedCommands()
  if (!program) throw new Error('the program has no commands')
  return [
    `.TH XBUILD\\-ENV 1 ${date} "xbuild\\-env ${VERSION}" "User Commands"\n`,
    section('NAME', `xbuild\\-env \\- ${escapeRoff('build and test software for another CPU at nearly native speed')}`),
    section('SYNOPSIS', '.B xbuild\\-env\n.I COMMAND\n[\\fIOPTION\\fR ...] [\\fIARGUMENT\\fR ...] [\\-\\- \\fICOMMAND\\fR ...]'),
    section('DESCRIPTION', verbatim(helpOf(program.command, COLUMNS).trimEnd())),
    section('COMMANDS', commands.map(({words, command}) => describe(words, command)).join('\n')),
    section('EXIT STATUS', list(STATUS)),
    section('FILES', list(FILES)),
    section('SEE ALSO', '.BR qemu\\-user\\-static (1),\n.BR mmdebstrap (1),\n.BR binfmt.d (5)'),
  ].join('')
}
