import {join} from 'node:path'
import t from 'tap'
import ts from 'typescript'
import {PROJECT} from './sources.js'

/** Methods that call a function with an element, its index, and what it is an element of. */
const METHODS = ['map', 'flatMap', 'filter', 'forEach', 'find', 'findLast', 'findIndex', 'findLastIndex', 'some', 'every']

/** A file that there is not, in which what is looked for is to be found. */
const SAMPLE = join(PROJECT, 'lib/sample.ts')
const SAMPLE_TEXT = `const read = (path: string, limit = 7) => path + limit
function shown(path: string, most?: number) { return path + most }
const joined = (...parts: unknown[]) => parts.join()
const plain = (path: string) => path
const indexed = (path: string, index: number) => path + index
class Reader { read(path: string, limit = 7) { return path + limit } }
export const all = [
  ['a'].map(read),
  ['a'].flatMap(shown),
  ['a'].map(joined),
  Array.from(['a'], read),
  new Set(['a']).forEach(new Reader().read),
  ['7'].map(Number.parseInt),
  ['a'].map(plain), ['a'].map(indexed), ['a'].map(path => read(path)), ['a'].map(String), [['a']].map(Array.isArray), Promise.resolve('a').then(read),
]
`

function programOfLib(): ts.Program {
  const {config} = ts.readConfigFile(join(PROJECT, 'tsconfig.json'), ts.sys.readFile)
  const {fileNames, options} = ts.parseJsonConfigFileContent(config, ts.sys, PROJECT)
  const host = ts.createCompilerHost({...options, noEmit: true}, true)
  const {getSourceFile, fileExists} = host
  host.fileExists = name => name === SAMPLE || fileExists(name)
  host.getSourceFile = (name, version, ...rest) =>
    name === SAMPLE ? ts.createSourceFile(name, SAMPLE_TEXT, version, true) : getSourceFile(name, version, ...rest)
  return ts.createProgram([...fileNames, SAMPLE], {...options, noEmit: true}, host)
}

const program = programOfLib()
const checker = program.getTypeChecker()

/** The function that an array's method is given by its name. */
function givenByName({expression, arguments: args}: ts.CallExpression): ts.Expression | undefined {
  if (!ts.isPropertyAccessExpression(expression)) return undefined
  const isFrom = expression.getText() === 'Array.from'
  const given = isFrom ? args[1] : METHODS.includes(expression.name.text) ? args[0] : undefined
  return given && !ts.isArrowFunction(given) && !ts.isFunctionExpression(given) ? given : undefined
}

/** Whether a function takes an index, or all elements, for something that a caller may leave out. */
const takesMore = (given: ts.Expression) =>
  checker
    .getTypeAtLocation(given)
    .getCallSignatures()
    .some(({parameters}) =>
      parameters.slice(0, 3).some(({valueDeclaration}, i) => {
        if (!valueDeclaration || !ts.isParameter(valueDeclaration)) return false
        const {dotDotDotToken, questionToken, initializer} = valueDeclaration
        return dotDotDotToken !== undefined || (i > 0 && (questionToken !== undefined || initializer !== undefined))
      }),
    )

/** Where that is so, as `file:line: text`; and how many functions are given by name at all. */
function traps(file: ts.SourceFile): {found: string[]; given: number} {
  const found: string[] = []
  let given = 0
  const visit = (node: ts.Node): void => {
    const name = ts.isCallExpression(node) ? givenByName(node) : undefined
    if (name) given++
    if (name && takesMore(name)) {
      const {line} = file.getLineAndCharacterOfPosition(name.getStart(file))
      found.push(`${file.fileName.slice(PROJECT.length)}:${line + 1}: ${name.getText(file)}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return {found, given}
}

t.test('no function is given to an array by its name that would take the index for what a caller may leave out', async t => {
  const files = program.getSourceFiles().filter(({fileName}) => fileName.startsWith(join(PROJECT, 'lib/')) && fileName !== SAMPLE)
  const all = files.map(file => traps(file))
  t.ok(all.reduce((sum, {given}) => sum + given, 0) > 100)
  t.same(
    all.flatMap(({found}) => found),
    [],
  )
})

t.test('such functions are found, and no others', async t => {
  const sample = program.getSourceFile(SAMPLE)
  t.same(sample && traps(sample).found, [
    'lib/sample.ts:8: read',
    'lib/sample.ts:9: shown',
    'lib/sample.ts:10: joined',
    'lib/sample.ts:11: read',
    'lib/sample.ts:12: new Reader().read',
    'lib/sample.ts:13: Number.parseInt',
  ])
})
