import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import t from 'tap'

const shims = fileURLToPath(new URL('../../../shims/activator', import.meta.url))
const source = fileURLToPath(new URL('content.c', import.meta.url))
const directory = t.testdir()
const program = join(directory, 'content')
const FLAGS = ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Werror', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']

/** The environment is plain: a test runner's variables are no concern of a C program. */
const runProgram = (command: string, args: readonly string[]) =>
  spawnSync(command, args, {encoding: 'utf8', cwd: directory, env: {PATH: process.env.PATH}})

function verdicts(asked: readonly (readonly [sum: string, file: string])[]): string[] {
  const {status, stdout, stderr} = runProgram(program, asked.flat())
  if (status !== 0) throw new Error(`status ${status}: ${stderr}`)
  return stdout.trimEnd().split('\n')
}

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex')

t.test('content.c compiles without a warning', async t => {
  const {status, stderr} = runProgram('cc', [...FLAGS, `-I${shims}`, '-o', program, source, join(shims, 'content.c')])
  t.equal(status, 0, stderr)
})

t.test('a file has the sum that md5 gives of all its bytes, whatever their number', async t => {
  const sizes = [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 16_383, 16_384, 16_385, 16_384 + 55, 16_384 + 56, 100_003]
  const asked = sizes.map((size): [string, string] => {
    const bytes = Buffer.from(Array.from({length: size}, (_, i) => (i * 7 + (i >> 8)) & 0xff))
    writeFileSync(join(directory, String(size)), bytes)
    return [md5(bytes), String(size)]
  })
  t.same(
    verdicts(asked),
    sizes.map(() => 'yes'),
  )
  t.same(
    verdicts(asked.map(([sum], i) => [sum, String(sizes.at(i - 1))])),
    sizes.map(() => 'no'),
  )
})

t.test('nothing else is a sum of it, and what cannot be read has none', async t => {
  const bytes = Buffer.from('content')
  writeFileSync(join(directory, 'file'), bytes)
  const sum = md5(bytes)
  const wrong = ['', sum.slice(0, 31), `${sum}0`, sum.toUpperCase(), `0${sum.slice(1)}`, `${sum.slice(0, 31)}0`].filter(one => one !== sum)
  t.same(
    verdicts(wrong.map(one => [one, 'file'])),
    wrong.map(() => 'no'),
  )
  t.same(
    verdicts([
      [sum, 'file'],
      [md5(Buffer.alloc(0)), 'none'],
      [md5(Buffer.alloc(0)), '.'],
    ]),
    ['yes', 'no', 'no'],
  )
})
