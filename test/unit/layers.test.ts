import {dirname, join} from 'node:path'
import t from 'tap'
import ts from 'typescript'
import {findMember, readSources, type Source} from './sources.js'

/** Each may import those before it. Those in one row may not import each other. */
const LAYERS = [
  ['core'],
  ['host'],
  ['config'],
  ['activator'],
  ['root'],
  ['twins'],
  ['environment'],
  ['session'],
  ['farm'],
  ['packages'],
  ['project', 'measure'],
  ['bulk'],
  ['cli'],
]

const rank = (layer: string) => LAYERS.findIndex(row => row.includes(layer))

const layerOf = (file: string) => file.split('/')[0] ?? ''

const mayImport = (from: string, to: string) => from === to || rank(to) < rank(from)

const sources = readSources()
const byName = new Map(sources.map(source => [source.name, source]))

t.test('every file of lib lies in a layer', async t => {
  t.ok(sources.length > 0)
  t.same(
    sources.filter(({layer}) => rank(layer) === -1).map(({name}) => name),
    [],
  )
})

t.test('what is imported is there', async t => {
  t.same(
    sources.flatMap(({name, imports}) => imports.filter(file => !byName.has(file)).map(file => `${name} imports ${file}`)),
    [],
  )
})

t.test('a file imports from its own layer and those before it only', async t => {
  const wrong = sources.flatMap(({name, layer, imports}) =>
    imports.filter(file => !mayImport(layer, layerOf(file))).map(file => `${name} imports ${file}`),
  )
  t.same(wrong, [])
})

/** A way from a file along imports back to itself. */
function findCycle(start: Source): string[] | undefined {
  const seen = new Set<string>()
  const follow = (source: Source, way: readonly string[]): string[] | undefined => {
    for (const file of source.imports) {
      if (file === start.name) return [...way, file]
      const next = byName.get(file)
      if (!next || seen.has(file)) continue
      seen.add(file)
      const cycle = follow(next, [...way, file])
      if (cycle) return cycle
    }
    return undefined
  }
  return follow(start, [start.name])
}

t.test('no file imports itself, however many others lie between', async t => {
  t.same(
    sources.flatMap(source => findCycle(source)?.join(' > ') ?? []),
    [],
  )
})

/** Of lib/core: the folder of a subject, or what all of them may use. */
const roomOf = (file: string) => (file.startsWith('core/') && file.split('/').length > 2 ? (file.split('/')[1] ?? '') : 'core')

/** Of each room of lib/core, those that its files import from. */
function rooms(): Map<string, Set<string>> {
  const ways = new Map<string, Set<string>>()
  for (const {name, layer, imports} of sources) {
    if (layer !== 'core') continue
    const others = imports.map(roomOf).filter(room => room !== roomOf(name))
    ways.set(roomOf(name), new Set([...(ways.get(roomOf(name)) ?? []), ...others]))
  }
  return ways
}

t.test('the rooms of lib/core have an order: none leads back to itself', async t => {
  const ways = rooms()
  t.ok(ways.size > 5)
  t.same([...(ways.get('core') ?? [])], [], 'what all may use needs no room')
  const reach = (room: string, seen = new Set<string>()): Set<string> => {
    for (const next of ways.get(room) ?? []) if (!seen.has(next)) reach(next, seen.add(next))
    return seen
  }
  for (const room of ways.keys()) t.notOk(reach(room).has(room), room)
})

/** Files beyond a part of lib that do what only that part may. */
const outside = (allowed: string, find: (source: Source) => readonly string[]) =>
  sources.filter(({name}) => !name.startsWith(allowed)).flatMap(find)

t.test('only lib/host runs programs', async t => {
  const runs = ['execa', 'node:child_process', 'child_process', 'node:worker_threads', 'node:cluster']
  t.same(
    outside('host/', ({name, packages}) => packages.filter(module => runs.includes(module)).map(module => `${name} imports ${module}`)),
    [],
  )
})

/** Whether a stream is only asked about, or only its name is given on. */
const asksAbout = (parent: ts.Node) => ts.isPropertyAccessExpression(parent) && ['isTTY', 'columns'].includes(parent.name.text)

t.test('only lib/cli/output.ts prints', async t => {
  const prints = (source: Source) => [...findMember(source, 'process', /^std(out|err)$/, asksAbout), ...findMember(source, 'console', /./)]
  t.same(outside('cli/output.ts', prints), [])
})

t.test('only lib/cli decides the exit code', async t => {
  t.same(
    outside('cli/', source => findMember(source, 'process', /^exitCode$/)),
    [],
  )
})

t.test('nothing ends the program in the middle of something', async t => {
  t.same(
    sources.flatMap(source => findMember(source, 'process', /^(exit|abort|reallyExit)$/)),
    [],
  )
})

t.test('lib/core knows no file system, no process and no clock', async t => {
  const pure = ['node:crypto', 'node:path', 'node:buffer']
  const core = sources.filter(({layer}) => layer === 'core')
  t.same(
    core.flatMap(({name, packages}) => packages.filter(module => !pure.includes(module)).map(module => `${name} imports ${module}`)),
    [],
  )
  t.same(
    core.flatMap(source => [
      ...findMember(source, 'Date', /^now$/),
      ...findMember(source, 'performance', /^now$/),
      ...findMember(source, 'Math', /^random$/),
    ]),
    [],
  )
})

/** The name of what is called. */
const calledName = ({expression}: ts.CallExpression) =>
  ts.isPropertyAccessExpression(expression) ? expression.name.text : ts.isIdentifier(expression) ? expression.text : ''

t.test("directories are made with their parents by lib/host/files.ts alone: Node's own way goes round for ever below /proc", async t => {
  const found: string[] = []
  let calls = 0
  for (const {name, syntax} of sources) {
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && /^mkdir(Sync)?$/.test(calledName(node))) {
        calls++
        if (/\brecursive\b/.test(node.arguments.at(1)?.getText(syntax) ?? '')) found.push(`${name}: ${node.getText(syntax)}`)
      }
      ts.forEachChild(node, visit)
    }
    visit(syntax)
  }
  t.ok(calls > 5, `${calls} calls`)
  t.same(found, [])
})

/** What a file imports as soon as it is loaded itself: neither types nor what is imported when needed. */
function loads(source: Source): string[] {
  return source.syntax.statements.flatMap(statement => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return []
    const {importClause, moduleSpecifier} = statement
    const names = importClause?.namedBindings
    const typesOnly = importClause?.isTypeOnly || (names && ts.isNamedImports(names) && names.elements.every(({isTypeOnly}) => isTypeOnly))
    return typesOnly ? [] : [moduleSpecifier.text]
  })
}

t.test('a session starts without loading packages that it does not need: each costs milliseconds', async t => {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const visit = (name: string) => {
    const source = sources.find(candidate => candidate.name === name)
    if (seen.has(name) || !source) return
    seen.add(name)
    for (const specifier of loads(source)) {
      if (specifier.startsWith('.')) visit(join(dirname(name), specifier).replace(/\.js$/, '.ts'))
      else if (!specifier.startsWith('node:')) packages.add(specifier)
    }
  }
  for (const name of ['cli/main.ts', 'cli/run.ts', 'session/run.ts']) visit(name)
  t.ok(seen.size > 30, `${seen.size} files`)
  t.same([...packages].sort(), ['commander', 'picocolors'])
})
