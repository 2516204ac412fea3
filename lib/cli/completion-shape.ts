import type {Argument, Command, Option} from 'commander'

/**
 * What a word is completed with. Environments, targets and steps of the project here, and sessions are asked for when they are wanted;
 * profiles and suites are known when the script is made.
 */
export type Kind = Asked | 'profile' | 'suite' | 'file' | 'directory' | 'command' | 'nothing' | readonly string[]

/** What the scripts ask `xbuild-env __names KIND` for. */
export const ASKED = ['environment', 'target', 'step', 'session'] as const
export type Asked = (typeof ASKED)[number]

export const isAsked = (kind: Kind): kind is Asked => ASKED.some(one => one === kind)

/** A command as the scripts need it, taken from the program itself. */
export interface Shape {
  /** The words that lead to it, without the program's name. */
  path: readonly string[]
  summary: string
  options: readonly OptionShape[]
  arguments: readonly Kind[]
  /** Whether the last argument may be repeated. */
  repeats: boolean
  commands: readonly Shape[]
}

export interface OptionShape {
  words: readonly string[]
  /** undefined: it takes no value. */
  value: Kind | undefined
  summary: string
}

/** What the scripts know when they are made. */
export interface Known {
  profiles: readonly string[]
  suites: readonly string[]
}

const MODES = ['hybrid', 'emulated']

/** By what stands for a value in all commands' help; everything else is nobody's to guess. */
const KINDS: Readonly<Record<string, Kind>> = {
  env: 'environment',
  profile: 'profile',
  command: 'command',
  target: 'target',
  session: 'session',
  suite: 'suite',
  mode: MODES,
  modes: MODES,
  file: 'file',
  out: 'file',
  dir: 'directory',
  directory: 'directory',
  'src[:dst[:ro]]': 'file',
  'package|dir|.dsc': 'file',
}

/** Where the same word means something else: `init` is for any target that there is, `build` for the project's. */
const EXCEPTIONS: Readonly<Record<string, Kind>> = {
  'init target': 'profile',
  'build --step': 'step',
  'build --from': 'step',
  'clone new': 'nothing',
}

const kindOf = (path: readonly string[], name: string, word = name): Kind =>
  EXCEPTIONS[[...path, name].join(' ')] ?? KINDS[word] ?? 'nothing'

const argumentKind = (path: readonly string[], argument: Argument): Kind => argument.argChoices ?? kindOf(path, argument.name())

function optionShape(path: readonly string[], option: Option): OptionShape {
  const placeholder = /[<[](.*?)(?:\.\.\.)?[>\]]$/.exec(option.flags)?.[1] ?? ''
  const words = [option.long, option.short].filter(word => word !== undefined && word !== null)
  const takesValue = option.required || option.optional
  return {
    words,
    value: takesValue ? (option.argChoices ?? kindOf(path, option.long ?? '', placeholder)) : undefined,
    summary: option.description,
  }
}

/** With each of its aliases as a command of its own. */
export function shapeOf(command: Command, path: readonly string[] = []): Shape {
  const help = command.createHelp()
  const children = help.visibleCommands(command)
  const named = children.flatMap(child => [child.name(), ...child.aliases()].map(name => ({child, name})))
  return {
    path,
    summary: command.summary() || command.description(),
    options: help.visibleOptions(command).map(option => optionShape(path, option)),
    arguments: command.registeredArguments.map(argument => argumentKind(path, argument)),
    repeats: command.registeredArguments.at(-1)?.variadic ?? false,
    commands: named.map(({child, name}) => {
      const shape = shapeOf(child, [...path, name])
      return name === 'help' ? {...shape, arguments: [named.map(one => one.name)]} : shape // commander's own
    }),
  }
}

export const withChildren = (shape: Shape): Shape[] => [shape, ...shape.commands.flatMap(withChildren)]

export const lastWord = (shape: Shape) => shape.path.at(-1) ?? ''
