import {spawnSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {encodeTable} from '../../../lib/activator/table.js'
import {NO_ROUTES, type RouteRule} from '../../../lib/core/twins/route.js'

const shims = fileURLToPath(new URL('../../../shims/activator', import.meta.url))
const source = fileURLToPath(new URL('arguments.c', import.meta.url))
const directory = t.testdir()
const program = join(directory, 'arguments')
const FLAGS = ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Werror', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']

/** The environment is plain: a test runner's variables are no concern of a C program. */
const runProgram = (command: string, args: readonly string[]) =>
  spawnSync(command, args, {encoding: 'utf8', cwd: directory, env: {PATH: process.env.PATH}})

/** Whether a program with such a rule is run native with the arguments. */
function allows(given: Partial<RouteRule>, args: readonly string[]): boolean {
  const {status, stderr} = ask('allow', given, args)
  if (status !== 0 && status !== 1) throw new Error(`status ${status}: ${stderr}`)
  return status === 0
}

function ask(what: 'allow' | 'variables' | 'replace', given: Partial<RouteRule>, args: readonly string[]) {
  const rule = {
    variables: [],
    emulate: [],
    emulateLeading: [],
    emulateVariables: [],
    requireVariables: [],
    insert: [],
    replace: [],
    ...given,
  }
  const route = {
    path: '/usr/bin/p',
    twin: 'usr/bin/p',
    twinSize: 1,
    file: {size: 1, mtime: '1', fixed: undefined},
    sum: undefined,
    rule,
    package: 'p',
    match: 'exact' as const,
    kind: 'program' as const,
  }
  const table = {...NO_ROUTES, interpreter: 'qemu', routes: [route]}
  writeFileSync(join(directory, 'table'), encodeTable(table))
  return runProgram(program, [what, join(directory, 'table'), '/usr/bin/p', ...args])
}

/** Whether a program whose rule has the patterns is run native with the arguments. */
const isNative = (patterns: readonly string[], ...args: readonly string[]) => allows({emulate: patterns}, args)

t.test('rules.c compiles without a warning', async t => {
  const {status, stderr} = runProgram('cc', [...FLAGS, `-I${shims}`, '-o', program, source, join(shims, 'rules.c'), join(shims, 'table.c')])
  t.equal(status, 0, stderr)
})

t.test('a pattern is the start of an argument', async t => {
  t.notOk(isNative(['-v'], '-v'))
  t.notOk(isNative(['-v'], 'a', '-verbose'))
  t.ok(isNative(['-v'], 'a-v', '-', '', 'v'))
  t.ok(isNative([], '-v'))
})

t.test('an asterisk in it is anything, or nothing', async t => {
  for (const argument of ['-Wp,-v', '-Wp,-MD,x,-v', '-Wp,-v,more']) t.notOk(isNative(['-Wp,*-v'], argument), argument)
  for (const argument of ['-Wp,', '-Wp,v', '-v', '-Wl,-v']) t.ok(isNative(['-Wp,*-v'], argument), argument)
  for (const argument of ['-g', '-k1g', '--general', '1,2g', 'g']) t.notOk(isNative(['*g'], argument), argument)
  t.ok(isNative(['*g'], '-n', '-k', '1,2n', ''))
  t.notOk(isNative(['-m*=*e'], '-march=native'))
  t.ok(isNative(['-m*=*e'], '-march=x', 'march=native', '-me'))
  t.notOk(isNative(['*'], ''), 'any argument, an empty one too')
})

t.test('a leading option counts before the first operand, and as a whole', async t => {
  const isNative = (...args: readonly string[]) => allows({emulateLeading: ['-v', '--version']}, args)
  t.notOk(isNative('-v'))
  t.notOk(isNative('-w', '--version', 'file'))
  t.ok(isNative('file', '-v'), "the file's own business")
  t.ok(isNative('-vfi'))
  t.ok(isNative())
})

t.test('a leading option may be known by how it begins', async t => {
  const isNative = (...args: readonly string[]) => allows({emulateLeading: ['-d*', '-v']}, args)
  for (const option of ['-d', '-dt', '-d:Module=a,b']) t.notOk(isNative('-w', option, 'file'), option)
  t.ok(isNative('-w', 'file', '-d:Module'))
  for (const option of ['-', '--d', '-D', '-e', '-v:x']) t.ok(isNative(option), option)
})

t.test('a variable of the rule makes the program emulated, whatever its arguments', async t => {
  const isNative = (variable: string) => ask('variables', {emulateVariables: ['PERL5OPT=*-d', 'PERL5OPT=d']}, [variable]).status === 0
  for (const variable of ['PERL5OPT=-d', 'PERL5OPT=-w -d:Own', 'PERL5OPT=d:Own']) t.notOk(isNative(variable), variable)
  for (const variable of ['PERL5OPT=-MList::Util', 'PERL5OPT=', 'PERL5OPTS=-d', 'OTHER=PERL5OPT=-d']) t.ok(isNative(variable), variable)
})

t.test('a variable that the rule requires makes the program native: as a whole, and not twice otherwise', async t => {
  const isNative = (requireVariables: readonly string[], ...variables: readonly string[]) =>
    ask('variables', {requireVariables}, variables).status === 0
  t.ok(isNative(['GOARCH=arm'], 'HOME=/', 'GOARCH=arm'))
  for (const variable of ['GOARCH=arm64', 'GOARCH=ar', 'GOARCH=', 'GOARCHS=arm', 'XGOARCH=arm'])
    t.notOk(isNative(['GOARCH=arm'], variable), variable)
  t.notOk(isNative(['GOARCH=arm'], 'HOME=/'), 'it is not set')
  t.notOk(isNative(['GOARCH=arm'], 'GOARCH=arm', 'GOARCH=mips'), 'which of two counts, programs do not agree on')
  t.ok(isNative(['GOARCH=arm'], 'GOARCH=arm', 'GOARCH=arm'))
  t.ok(isNative(['GOARCH=arm', 'GOARM=*'], 'GOARCH=arm', 'GOARM=7'))
  t.notOk(isNative(['GOARCH=arm', 'GOARM=*'], 'GOARCH=arm'), 'each of them')
})

t.test('an empty leading option is no argument at all', async t => {
  t.notOk(allows({emulateLeading: ['']}, []))
  t.ok(allows({emulateLeading: ['']}, ['install']))
})

t.test('the arguments in a response file count, also behind quotes', async t => {
  writeFileSync(join(directory, 'response'), `-c "-march"'='native\n`)
  t.notOk(isNative(['-m*=native'], '@response'))
  t.ok(isNative(['-v'], '@response'))
  t.notOk(isNative(['-v'], '@no-such-file'), 'one that cannot be read is left to the program itself')
})

t.test('a word of a response file is judged as a whole, however long it is', async t => {
  const response = (text: string) => writeFileSync(join(directory, 'long'), text)
  for (const length of [4000, 4094, 4095, 4096, 10_000, 60_000]) {
    const word = `-Wl,${'x'.repeat(length)}`
    response(`-c ${word} b.c\n`)
    t.equal(isNative(['-Wl,*-plugin'], '@long'), true, `${length}: what the pattern asks for is not there`)
    response(`-c ${word},-plugin b.c\n`)
    t.equal(isNative(['-Wl,*-plugin'], '@long'), false, `${length}: it is at the end`)
  }
})

t.test('a response file is read as libiberty reads it: quotes keep blanks in a word, a backslash keeps anything', async t => {
  const verdict = (text: string) => {
    writeFileSync(join(directory, 'quoted'), text)
    return isNative(['-Wl,*plugin', '-f b'], '@quoted')
  }
  t.equal(verdict('"-Wl,a b,plugin"'), false, 'one word')
  t.equal(verdict('-Wl,a b,plugin'), true, 'two words')
  t.equal(verdict('-f\\ b'), false)
  t.equal(verdict("'-f b'"), false)
  t.equal(verdict("-'f 'b"), false)
  t.equal(verdict('-f b'), true)
  t.equal(verdict('"\\"-f b"'), true, 'a quote in quotes is of the word')
  t.equal(verdict('a \0 b'), false, 'what cannot be read as a text is emulated')
})

t.test('an argument of any length is replaced, as a whole or behind =', async t => {
  const given = {replace: [{from: '/usr/lib/plugin.so', to: '/dev/a/longer/path/plugin.so'}]}
  for (const length of [0, 1, 4000, 4090, 100_000]) {
    const option = `-plugin${'x'.repeat(length)}=`
    t.equal(ask('replace', given, [`${option}/usr/lib/plugin.so`]).stdout, `${option}/dev/a/longer/path/plugin.so\n`)
    t.equal(ask('replace', given, [`${option}x/usr/lib/plugin.so`]).status, 1)
  }
  t.equal(ask('replace', given, ['/usr/lib/plugin.so']).stdout, '/dev/a/longer/path/plugin.so\n')
  t.equal(ask('replace', given, ['/usr/lib/plugin.so.old']).status, 1)
})
