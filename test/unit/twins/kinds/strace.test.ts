import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import {fillStrace} from '../../../../lib/twins/kinds/strace.js'

const SCRIPT = readFileSync(fileURLToPath(new URL('../../../../dist/shims/strace.pl', import.meta.url)), 'utf8')
/** clock_gettime on x86-64 */
const FILLED = fillStrace(SCRIPT, 228)

/** What is said of a process 12 when the emulator writes this, piece by piece. */
function said(pieces: readonly string[], options = ''): string {
  const perl = `${FILLED.replace(/\nmain\(\);\n$/, '\n')}
$out = \\*STDOUT; $main = 12; $seen{12} = 1; ${options}
new_stream();
while (read STDIN, my $size, 4) { read STDIN, my $piece, unpack 'N', $size; $stream->{text} .= $piece; take() }
say_end(3 << 8);
`
  const input = Buffer.concat(pieces.flatMap(piece => [size(Buffer.byteLength(piece)), Buffer.from(piece)]))
  return execFileSync('perl', ['-e', perl], {input, encoding: 'utf8', timeout: 20_000})
}

function size(length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  return bytes
}

t.test('what the emulator writes in pieces is said call by call', async t => {
  const pieces = ['12 openat(', 'AT_FDCWD,', '"/a,b",', 'O_RDONLY', ')', ' = ', '-1 errno=2 (No such file or directory)', '\n']
  const text = said([...pieces, '12 Unknown syscall 5327\n', '12 brk(NULL)', ' = 0x0000004000012000\n', '12 exit_group(3)', '\n'])
  t.equal(
    text,
    `openat(AT_FDCWD, "/a,b", O_RDONLY)      = -1 ENOENT (No such file or directory)
syscall_0x14cf()                        = -1 ENOSYS (Function not implemented)
brk(NULL)                               = 0x4000012000
exit_group(3)                           = ?
+++ exited with 3 +++
`,
  )
})

t.test('of a fork, either process may return first, and the new one’s 0 is no other call’s', async t => {
  const fork = ['12 clone(CLONE_CHILD_SETTID|0x12,child_stack=0x0)', ' = ']
  const rest = ['14 exit_group(0)\n', '14\n', '12 exit_group(3)\n']
  const expected = `clone(CLONE_CHILD_SETTID|0x12, child_stack=0x0) = 14
wait4(-1, 0, 0, 0, 0, 0)                = 14
exit_group(3)                           = ?
+++ exited with 3 +++
`
  t.equal(said([...fork, ' = ', '14\n', '0\n', '12 wait4(-1,0,0,0,0,0)', ' = ', ...rest]), expected)
  t.equal(said([...fork, ' = ', '14\n', '12 wait4(-1,0,0,0,0,0)', '0\n', ' = ', ...rest]), expected)
  t.equal(said([...fork, ' = ', '0\n', '14\n', '12 wait4(-1,0,0,0,0,0)', ' = ', ...rest]), expected)
})

t.test('an execve has returned when its process calls something else', async t => {
  const text = said(['14 execve("./q",{"./q","x",NULL})', '14 brk(NULL)', ' = 0x0000004000012000\n'], '$option{f} = 1;')
  t.match(text, /^\[pid +14\] execve\("\.\/q", \["\.\/q", "x", NULL\]\) += 0\n\[pid +14\] brk\(NULL\) += 0x4000012000\n/)
})

t.test('a signal and an error are said when all their pieces are there', async t => {
  const pieces = ['--- SIGSEGV', ' {si_signo=', 'SIGSEGV', ', si_code=1, si_addr=', '0x0000000000000008', '}', ' ---\n']
  t.match(said(pieces), /^--- SIGSEGV \{si_signo=SIGSEGV, si_code=1, si_addr=0x0000000000000008\} ---\n/)
  const long = ['12 statfs("/")', ' = ', '-1 errno=1139 (Value too large for defined data type)', '\n']
  t.match(said(long), /^statfs\("\/"\) += -1 EOVERFLOW \(Value too large for defined data type\)\n/)
})

t.test('an execve takes no other call’s return', async t => {
  const text = said(['12 wait4(-1,0,0,0,0,0)', '14 execve("./q",{"./q",NULL})', ' = ', '14\n', '12 getpid()', ' = 12\n'])
  t.match(text, /^wait4\(-1, 0, 0, 0, 0, 0\) += 14\ngetpid\(\) += 12\n/)
})

t.test('pieces within those of another process lose no more than these', async t => {
  const mixed = ['12 execve("./a",{', '14 execve("./b",{', '"./b",', 'NULL})', '"./a",', 'NULL})', '14 brk(NULL)', ' = 0x1000\n']
  const text = said([...mixed, '12 getpid()', ' = 12\n', '12 exit_group(3)\n'], '$option{f} = 1;')
  t.match(text, /brk\(NULL\) += 0x1000\n[\s\S]*getpid\(\) += 12\n[\s\S]*exit_group\(3\)/)
})

t.test('whatever comes, it ends', async () => {
  const parts = [
    '12 open(',
    '"',
    ')',
    ' = ',
    '0\n',
    '14\n',
    '--- SIGSEGV {',
    '} ---\n',
    '12 ',
    '\n',
    ',',
    '12 Unknown syscall 1\n',
    '{',
    '12 fork()',
  ]
  const pieces = fc.array(fc.oneof(fc.constantFrom(...parts), fc.string({unit: 'binary', maxLength: 4})), {maxLength: 60})
  const ends = (written: string[]) => said(written).endsWith('+++ exited with 3 +++\n')
  fc.assert(fc.property(pieces, ends), {numRuns: 30})
})
