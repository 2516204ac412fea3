/** What is known of a source tree. */
export interface SourceTree {
  /** The text of each file that may tell something, by its path in the tree. */
  texts: Readonly<Record<string, string>>
  /** When files of the tree's own directory were changed, in ms since 1970. */
  changed: Readonly<Record<string, number>>
  /** Files of the tree's own directory that may be executed. */
  executable: ReadonlySet<string>
}

/** Steps, packages and artifacts that fit a tree, and what tells so. */
export interface ProjectGuess {
  because: string
  /** In a word or two: `cmake`. */
  kind: string
  packages: readonly string[]
  steps: Readonly<Record<string, GuessedStep>>
  artifacts: readonly string[]
  /** What the user should know, or may want to change. */
  notes: readonly string[]
}

/** As in a configuration. */
export type GuessedStep = string | {run: string; inputs?: readonly string[]; timeout?: string}

/** `undefined`: the tree is not of this kind after all. */
export type Guess = (tree: SourceTree) => ProjectGuess | undefined

/** `there is a Makefile`, `there is an autogen.sh`. */
export const thereIs = (name: string) => `there is ${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`

/** Where `make install` puts what was built; the patterns take all of it. */
export const STAGE = 'stage'
export const STAGED = [`${STAGE}/**`]

/** Of text files one that has a line like this. */
export const says = (text: string | undefined, pattern: RegExp) => pattern.test(text ?? '')

/** Anew where the script is newer, or nothing was configured for this target: configuring takes longer than all else. */
export const once = (script: string, newerThan: string): GuessedStep => {
  const done = '.configured-$XBUILD_TARGET'
  const run = `if [ ! ${done} -nt ${newerThan} ]; then\n  ${script.replaceAll('\n', '\n  ')}\n  touch ${done}\nfi`
  return {run, inputs: [`/${newerThan}`]}
}
