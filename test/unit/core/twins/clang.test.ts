import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t, {type Test} from 'tap'
import {ProgramImage} from '../../../../lib/core/elf/image.js'
import {hostArchitecture} from '../../../../lib/core/hosts/hosts.js'
import {isClangLibrary, isLlvmLibrary, makeClangNative, makeLlvmNative} from '../../../../lib/core/twins/clang.js'

const host = hostArchitecture()
const TRIPLE = host.machineName

/** A function that returns a string of a constant, as clang makes one: gas, x86-64. `slot`: where its length lies. */
const getter = (name: string, slot: number, end = '-gnu') => `
.global ${name}
${name}: push %r14
  push %rbx
  sub $0x88, %rsp
  mov %rdi, %rbx
  movq $${TRIPLE.length}, ${slot || ''}(%rsp)
  lea ${slot}(%rsp), %rsi
  lea 0x38(%rsp), %r14
  mov %r14, %rdi
  call create
  mov %rax, 0x38(%rsp)
  mov ${slot || ''}(%rsp), %rcx
  mov %rcx, 0x48(%rsp)
  movups triple(%rip), %xmm0
  movups %xmm0, (%rax)
  movl $0x${Buffer.from(end).reverse().toString('hex')}, 0xf(%rax)
  mov %rcx, 0x40(%rsp)
  mov 0x38(%rsp), %rax
  movb $0, (%rax,%rcx,1)
  mov %rbx, %rdi
  mov %r14, %rsi
  call print
  add $0x88, %rsp
  pop %rbx
  pop %r14
  ret
`

const MAIN = `
#include <stdio.h>
#include <stdlib.h>
struct string { char *text; unsigned long size, capacity; };
char *create(struct string *s, const unsigned long *size) { (void)s; return malloc(*size + 1); }
void print(const char *before, const struct string *s) { printf("%s%s %lu %lu\\n", before, s->text, s->size, s->capacity); }
void first(const char *), second(const char *);
extern const char triple[];
const char *const said = triple;
int main(void) { first("a "); second("b "); puts(said); return 0; }
`

function library(t: Test, functions: string): {bytes: Buffer; run: () => string} {
  const directory = t.testdir({
    'a.s': `.section .rodata\n.global triple\ntriple: .asciz "${TRIPLE}"\n.text\n${functions}\n.section .note.GNU-stack,"",@progbits\n`,
    'a.c': MAIN,
  })
  const file = join(directory, 'a')
  execFileSync('cc', ['-fPIE', '-pie', '-o', file, join(directory, 'a.c'), join(directory, 'a.s')])
  const bytes = readFileSync(file)
  return {
    bytes,
    run: () => {
      writeFileSync(join(directory, 'b'), bytes, {mode: 0o755})
      return execFileSync(join(directory, 'b'), {encoding: 'utf8'})
    },
  }
}

t.test('libLLVM compiles for the target where nobody names one, however long its name is', async t => {
  for (const [architecture, own] of [
    ['mips64el', 'mips64el-linux-gnuabi64'],
    ['arm64', 'aarch64-unknown-linux-gnu'],
    ['s390x', 's390x-linux-gnu'],
  ] as const) {
    const {bytes, run} = library(t, getter('first', 0) + getter('second', 0x18))
    const said = (text: string) => `a ${text} ${text.length} ${text.length}\nb ${text} ${text.length} ${text.length}\n${TRIPLE}\n`
    t.equal(run(), said(TRIPLE))
    makeLlvmNative(new ProgramImage(bytes), host, architecture)
    t.equal(run(), said(own), architecture)
  }
})

t.test('a library that has the target elsewhere, or of a machine that is not known, is no twin', async t => {
  const change = (functions: string, architecture = 'mips64el') => {
    const {bytes} = library(t, functions)
    const before = Buffer.from(bytes)
    t.throws(() => makeLlvmNative(new ProgramImage(bytes), host, architecture), /is not where it could be made|is not known/)
    t.ok(bytes.equals(before), 'nothing is changed')
  }
  change(getter('first', 0) + getter('second', 0x18, '-gna'))
  change(getter('first', 0) + getter('second', 0x18).replace('movb $0, (%rax,%rcx,1)', 'movb $0, 19(%rax)'))
  change(getter('first', 0) + getter('second', 0x18).replace('mov 24(%rsp), %rcx', 'mov 32(%rsp), %rcx'))
  change(getter('first', 0) + getter('second', 0x18).replace('mov %r14, %rsi\n  call print', 'mov %r14, %rdx\n  call print'))
  change(getter('first', 0) + getter('second', 0x18), 'm68k')
})

t.test('clang takes the target’s machine for its own', async t => {
  const {bytes, run} = library(t, getter('first', 0) + getter('second', 0x18))
  makeClangNative(new ProgramImage(bytes), host, 'arm64')
  t.match(run(), /\naarch64-unknown-linux-gnu\n$/)
  t.throws(() => makeClangNative(new ProgramImage(bytes), host, 'hppa'), /is not known/)
})

t.test('both are libraries, by their names', async t => {
  for (const path of ['/usr/lib/TRIPLE/libLLVM-14.so.1', '/usr/lib/TRIPLE/libLLVM.so.19.1']) t.ok(isLlvmLibrary(path), path)
  for (const path of ['/usr/lib/TRIPLE/libclang-cpp.so.14', '/usr/lib/llvm-14/lib/libclang-cpp.so.14']) t.ok(isClangLibrary(path), path)
  for (const path of ['/usr/lib/llvm-14/lib/libLTO.so.14', '/usr/lib/llvm-14/bin/clang', '/usr/lib/TRIPLE/libclang-14.so.1']) {
    t.notOk(isLlvmLibrary(path) || isClangLibrary(path), path)
  }
})
