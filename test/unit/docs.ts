import {existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {splitCommands} from '../../lib/core/shell-words.js'
import {PROJECT} from './sources.js'

/** A block of code of a document. */
export interface Block {
  document: string
  line: number
  /** What it is said to be: `yaml`, `sh`; empty for what a terminal shows. */
  language: string
  text: string
}

/** What people read, as paths relative to the project. */
export function documents(): string[] {
  const pages = readdirSync(join(PROJECT, 'docs'), {recursive: true, encoding: 'utf8'}).map(name => join('docs', name))
  const top = ['README.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'profiles/README.md']
  return [...top, ...pages].filter(name => name.endsWith('.md')).sort()
}

export const readDocument = (name: string) => readFileSync(join(PROJECT, name), 'utf8')

export function blocks(document: string): Block[] {
  const found: Block[] = []
  let open: Block | undefined
  for (const [i, line] of readDocument(document).split('\n').entries()) {
    const fence = /^\s*```(\w*)$/.exec(line)
    if (!fence) {
      if (open) open.text += `${line}\n`
    } else if (open) {
      found.push(open)
      open = undefined
    } else open = {document, line: i + 1, language: fence[1] ?? '', text: ''}
  }
  return found
}

/** Of a shell's line, the commands that it is made of: at each operator that stands outside of quotes. */
const pieces = (line: string) =>
  line.replaceAll(/('[^']*'|"(?:[^"\\]|\\.)*")|\s(?:&&|\|\|?|;)\s|;\s/g, (_, quoted: string | undefined) => quoted ?? '\n').split('\n')

const OWN = /^(?:\$ )?(?:sudo )?(?:\S*\/)?(?:node \S*)?(?:xbuild-env(?:\.js)?) /

/** Calls of xbuild-env in a text, each as its arguments. What a shell would put in for itself is left out. */
export function ownCalls(text: string): string[][] {
  const lines = text.replaceAll('\\\n', ' ').split('\n')
  return lines
    .map(line => line.trim().replace(/^- /, ''))
    .flatMap(pieces)
    .map(piece => piece.trim())
    .filter(piece => OWN.test(piece))
    .flatMap(piece => splitCommands(piece.replace(/^\$ /, '').replaceAll(/"?\$(\w+|\{\w+\}|\([^)]*\))"?|…/g, 'X')))
    .map(words => words.slice(words.findIndex(word => /(^|\/)xbuild-env(\.js)?$/.test(word)) + 1))
}

/** GitHub's anchors of the headings of a document: lower case, no punctuation, dashes for blanks. */
export const anchors = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

/** Links of a document to files, as paths relative to the project, with what they lead to in it. */
export function links(document: string): {path: string; anchor: string | undefined}[] {
  const directory = document.split('/').slice(0, -1).join('/')
  return [...readDocument(document).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, file = '', anchor]) => ({
    path: file === '' ? document : join(directory, file),
    anchor,
  }))
}

export const isThere = (path: string) => existsSync(join(PROJECT, path))
