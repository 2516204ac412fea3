import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join, relative} from 'node:path'
import {fileURLToPath} from 'node:url'
import ts from 'typescript'

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const LIB = join(PROJECT, 'lib')

/** A file of lib, named relative to it. */
export interface Source {
  name: string
  /** The folder of lib that it lies in, or in a folder of that: its layer. */
  layer: string
  syntax: ts.SourceFile
  /** Other files of lib that it imports, also for types only or when needed. */
  imports: readonly string[]
  /** Packages, and modules of Node. */
  packages: readonly string[]
}

/** All files of lib, in order. */
export function readSources(): Source[] {
  return readdirSync(LIB, {recursive: true, encoding: 'utf8'})
    .filter(name => name.endsWith('.ts'))
    .sort()
    .map(readSource)
}

function readSource(name: string): Source {
  const text = readFileSync(join(LIB, name), 'utf8')
  const specifiers = ts.preProcessFile(text, true, true).importedFiles.map(({fileName}) => fileName)
  const [own, foreign] = [specifiers.filter(isRelative), specifiers.filter(specifier => !isRelative(specifier))]
  return {
    name,
    layer: name.split('/')[0] ?? '',
    syntax: ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true),
    imports: own.map(specifier => relative(LIB, join(LIB, dirname(name), specifier)).replace(/\.js$/, '.ts')),
    packages: foreign,
  }
}

const isRelative = (specifier: string) => specifier.startsWith('.')

/** Where `object.member` is written in a file, as `file:line`, unless what is behind it makes it harmless. */
export function findMember(source: Source, object: string, member: RegExp, isHarmless = (_parent: ts.Node): boolean => false): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertyAccessExpression(node) &&
      node.expression.getText(source.syntax) === object &&
      member.test(node.name.text) &&
      !isHarmless(node.parent)
    ) {
      found.push(`${source.name}:${source.syntax.getLineAndCharacterOfPosition(node.getStart(source.syntax)).line + 1}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source.syntax)
  return found
}
