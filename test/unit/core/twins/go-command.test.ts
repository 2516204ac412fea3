import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {goFunctions} from '../../../../lib/core/elf/go-functions.js'
import {ProgramImage} from '../../../../lib/core/elf/image.js'
import {hostArchitecture} from '../../../../lib/core/hosts/hosts.js'
import {makeGoCommandNative} from '../../../../lib/core/twins/go-command.js'

/** One compares as Go's compiler has it. */
const COMPARE = `cmp $5, %rsi
    jne 1f
    cmpl $0x36646d61, (%rdi)
    jne 1f
    cmpb $0x34, 4(%rdi)
    jne 1f
    mov $1, %eax
    ret
1:  xor %eax, %eax
    ret`

/** The functions of a go command that name the architecture, with what they do: gas, x86-64. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  'internal/buildcfg.init': 'lea names+3(%rip), %rax\n mov $5, %ebx\n ret',
  'go/build.getToolDir': 'lea names+8(%rip), %rax\n mov $20, %ebx\n ret',
  'cmd/go/internal/cfg.SetGOROOT': 'lea names+8(%rip), %rdx\n mov %rdx, 40(%rsp)\n movq $20, 48(%rsp)\n ret',
  'go/build.defaultContext': COMPARE,
  'cmd/go/internal/cfg.defaultContext': COMPARE,
  'cmd/go/internal/work.FindExecCmd': COMPARE,
  'cmd/go/internal/work.instrumentInit': Array.from({length: 6}, () => COMPARE).join('\n'),
  'cmd/go/internal/work.asmArgs': COMPARE,
}

/** A program with such functions, three names in data, and the table that names them: runtime/symtab.go, pcHeader. */
function goCommand(t: Test, functions = FUNCTIONS): Buffer {
  const directory = t.testdir()
  const [source, file] = [join(directory, 'go.s'), join(directory, 'go')]
  const all = Object.entries(functions)
  const lines = [
    '.text',
    '.global _start',
    '_start:',
    ...all.flatMap(([, code], i) => [`f${i}:`, code]),
    'text_end: hlt',
    '.section .rodata',
    'names: .ascii "go.amd64pkg/tool/linux_amd64mips64leend"',
    '.balign 8',
    'table: .long 0xfffffff0',
    '.byte 0, 0, 1, 8',
    `.quad ${all.length}, 0, _start, texts - table, 0, 0, 0, functions - table`,
    'functions:',
    ...all.map((_, i) => `.long f${i} - _start, described${i} - functions`),
    '.long text_end - _start, 0',
    ...all.map((_, i) => `described${i}: .long f${i} - _start, text${i} - texts`),
    'texts:',
    ...all.map(([name], i) => `text${i}: .asciz "${name}"`),
    '.data',
    '.balign 8',
    '.quad names + 3, 5, names + 3, 5, names + 3, 5, names + 3, 7',
    '',
  ]
  writeFileSync(source, lines.join('\n'))
  execFileSync('cc', ['-static', '-nostdlib', '-no-pie', '-o', file, source])
  return readFileSync(file)
}

/** Which bytes a function has. */
function codeOf(bytes: Buffer, name: string): Buffer {
  const image = new ProgramImage(bytes)
  const {start, end} = goFunctions(image, [name]).get(name) as {start: number; end: number}
  const at = image.offset(start) as number
  return bytes.subarray(at, at + end - start)
}

t.test('functions are found by their names, from where they begin to where the next does', async t => {
  const bytes = goCommand(t)
  t.equal(codeOf(bytes, 'go/build.getToolDir').at(-1), 0xc3, 'ret')
  t.equal(codeOf(bytes, 'internal/buildcfg.init').length, 13)
  t.throws(() => goFunctions(new ProgramImage(bytes), ['no/such.function']), /no function/)
})

t.test('all places that name the architecture name the target’s, and what asks for amd64 itself stays', async t => {
  const bytes = goCommand(t)
  const before = Buffer.from(bytes)
  makeGoCommandNative(new ProgramImage(bytes), hostArchitecture(), 'mips64el')
  const lengthIn = (name: string, at: number) => codeOf(bytes, name).readUInt32LE(at)
  t.equal(lengthIn('internal/buildcfg.init', 8), 'mips64le'.length)
  t.equal(lengthIn('go/build.getToolDir', 8), 'pkg/tool/linux_mips64le'.length)
  for (const name of ['go/build.defaultContext', 'cmd/go/internal/cfg.defaultContext', 'cmd/go/internal/work.FindExecCmd']) {
    const code = codeOf(bytes, name)
    t.ok(code.includes('mips') && !code.includes('amd6'), name)
    t.equal(code[3], 8, 'of so many letters')
  }
  const last = codeOf(bytes, 'cmd/go/internal/work.instrumentInit').toString('latin1')
  t.equal(last.split('amd6').length - 1, 5)
  t.ok(last.lastIndexOf('mips') > last.lastIndexOf('amd6'), 'the last of six')
  t.same(codeOf(bytes, 'cmd/go/internal/work.asmArgs'), codeOf(before, 'cmd/go/internal/work.asmArgs'))
  const image = new ProgramImage(bytes)
  const [name = 0] = image.placesOf(Buffer.from('mips64leend'))
  t.same(
    image.pointers(name).map(at => image.pointerAt(at + 8)),
    [8, 8, 8],
  )
})

t.test('one that has a place more or less is no twin', async t => {
  const {'go/build.getToolDir': _, ...fewer} = FUNCTIONS
  const make = (functions: typeof FUNCTIONS) => () =>
    makeGoCommandNative(new ProgramImage(goCommand(t, functions)), hostArchitecture(), 'mips64el')
  t.throws(make(fewer), /no function go\/build.getToolDir/)
  t.throws(make({...FUNCTIONS, 'go/build.getToolDir': 'ret'}), /names "pkg\/tool\/linux_amd64" 0 times/)
  t.throws(make({...FUNCTIONS, 'go/build.defaultContext': 'ret'}), /asks for "amd64" 0 times/)
  t.throws(make({...FUNCTIONS, 'cmd/go/internal/work.FindExecCmd': `${COMPARE}\n${COMPARE}`}), /asks for "amd64" 2 times/)
  t.throws(() => makeGoCommandNative(new ProgramImage(goCommand(t)), hostArchitecture(), 'armhf'), /cannot be made a comparison/)
})
