/** What a CTestTestfile.cmake says: the labels of tests by their names, and the files that go on with it, as they are named there. */
export interface CtestFile {
  labels: ReadonlyMap<string, readonly string[]>
  more: readonly string[]
}

/** A name as cmake writes it: in brackets, in quotes, or bare. man 7 cmake-language. No two parts of it take the same spaces. */
const PROPERTIES = /^ *set_tests_properties\( *(?:\[(=*)\[(.*?)\]\1\]|"((?:[^"\\]|\\.)*)"|([^\s()"]+)) +PROPERTIES (.*)\)$/
const LABELS = /(?:^| )LABELS (?:"((?:[^"\\]|\\.)*)"|(\S+))/
const SUBDIRECTORY = /^ *subdirs\((.*)\)$/
const INCLUDE = /^ *include\("((?:[^"\\]|\\.)*)"\)$/

const unquoted = (text: string) => text.replace(/\\(.)/g, '$1')

export function parseCtestFile(text: string): CtestFile {
  const labels = new Map<string, string[]>()
  const more: string[] = []
  for (const line of text.split('\n')) {
    const [, , bracketed, quoted, bare, properties] = PROPERTIES.exec(line) ?? []
    const name = bracketed ?? (quoted === undefined ? bare : unquoted(quoted))
    const [, list, one] = LABELS.exec(properties ?? '') ?? []
    const found = list === undefined ? one : unquoted(list)
    if (name !== undefined && found !== undefined) labels.set(name, found.split(';').filter(Boolean))
    const directories = SUBDIRECTORY.exec(line)?.[1]
    if (directories !== undefined) more.push(...namesIn(directories).map(directory => `${directory}/CTestTestfile.cmake`))
    const included = INCLUDE.exec(line)?.[1]
    if (included !== undefined) more.push(unquoted(included))
  }
  return {labels, more}
}

const namesIn = (text: string): string[] =>
  [...text.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s"]+)/g)].map(([, quoted, bare = '']) => (quoted === undefined ? bare : unquoted(quoted)))
