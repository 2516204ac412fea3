import {OWN_NAME} from './own-repository.js'

/** One of apt's files that say where packages come from; `name` without its directory. man 5 sources.list */
export interface SourcesFile {
  name: string
  text: string
}

/** What "packages publish" made has no source packages. */
const isOwn = (name: string) => name.endsWith(`/${OWN_NAME}.sources`)

/** The same archives, of which apt then also reads what source packages they have. */
export const withSourcePackages = (files: readonly SourcesFile[]): SourcesFile[] =>
  files.map(({name, text}) => ({name, text: isOwn(name) ? text : name.endsWith('.sources') ? stanzas(text) : lines(text)}))

/** `deb` is for packages, `deb-src` for source packages; each of the first gets one of the second, and keeps its options. */
function lines(text: string): string {
  const all = text.split('\n')
  const present = new Set(all.map(line => line.trim().replace(/\s+/g, ' ')))
  return all
    .flatMap(line => {
      const source = line.trim().replace(/\s+/g, ' ').replace(/^deb /, 'deb-src ')
      return /^\s*deb\s/.test(line) && !present.has(source) ? [line, source] : [line]
    })
    .join('\n')
}

/** man 5 sources.list, "DEB822-STYLE FORMAT" */
const stanzas = (text: string) =>
  text.replace(/^Types:(.*)$/gim, (line, types: string) => (/\bdeb(?!-src)\b/.test(types) ? 'Types: deb deb-src' : line))
