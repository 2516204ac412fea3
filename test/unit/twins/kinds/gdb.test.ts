import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {fillGdbPrelude} from '../../../../lib/twins/kinds/gdb.js'
import {TARGET} from '../target.js'

const PRELUDE = readFileSync(fileURLToPath(new URL('../../../../dist/shims/gdb.py', import.meta.url)), 'utf8')

/** What a script makes of the prelude's parts that need no gdb. */
const python = (script: string) => {
  const text = fillGdbPrelude(PRELUDE, TARGET).replace(/\nset_up\(\)\n$/, '\n')
  return execFileSync('python3', ['-c', `import sys\nexec(compile(sys.stdin.read(), 'gdb.py', 'exec'))\n${script}`], {
    input: text,
    encoding: 'utf8',
  })
}

t.test('the prelude that is filled in is Python, and knows what was filled in', async t => {
  t.match(python('print(KNOWN)'), `'target': 'mips64el-linux-gnuabi64', 'libraries': '/dev/xbuild/lib'`)
})

t.test('a prelude without the place for it is refused', async t => {
  t.throws(() => fillGdbPrelude('pass', TARGET), /has no line/)
})

t.test('packets are framed as the protocol has them, and what they hold is escaped', async t => {
  t.equal(python("print(framed(b'OK'))"), "b'$OK#9a'\n")
  t.equal(python("data = b'a#b$c}d*e'; print(plain(escaped(data)) == data, escaped(b'#'))"), "True b'}\\x03'\n")
})

t.test('a packet in two parts is one, between acknowledgements and interrupts', async t => {
  const script = `class Socket:
    def __init__(self, parts): self.parts = parts
    def recv(self, size): return self.parts.pop(0)
    def sendall(self, data): pass
stream = Stream(Socket([b'+$m10,4#', b'2f\\x03', b'']))
print(stream.read(), stream.read(), stream.read())`
  t.equal(python(script), "[] [b'm10,4', b'\\x03'] None\n")
})

t.test('how a process ended is told in gdb’s numbers', async t => {
  t.equal(python('print(end_reply(7 << 8, 255), end_reply(10, 255))'), "b'W07;process:ff' b'X1e;process:ff'\n")
})

t.test('gdb is connected at once where another program drives it, or a process is named', async t => {
  const asked = (lines: readonly string[]) => python(`print([is_asked_at_once(line.split()) for line in ${JSON.stringify(lines)}])`)
  t.equal(asked(['gdb -i=mi', 'gdb --interpreter mi3 prog', 'gdb -p 12', 'gdb prog 12']), '[True, True, True, True]\n')
  t.equal(asked(['gdb -ix file prog', 'gdb --args prog a', 'gdb prog core']), '[False, False, False]\n')
})

t.test('a request that names threads is for these', async t => {
  t.equal(
    python("print(is_for_some(b'vCont;s:p1.2'), is_for_some(b'vCont;s:p1.2;c'), is_for_some(b'vCont;c:p1.-1'))"),
    'True False False\n',
  )
})

t.test('what is no packet is passed over, and one without an end is the end', async t => {
  const script = `class Socket:
    def __init__(self, parts): self.parts = parts
    def recv(self, size): return self.parts.pop(0)
    def sendall(self, data): pass
stream = Stream(Socket([b'GET / HTTP/1.0\\r\\n', b'\\x03+$?#3f', b'$' + b'a' * (1 << 21), b'a']))
print(stream.read(), stream.read(), stream.read(), stream.read())`
  t.equal(python(script), "[] [b'\\x03', b'?'] [] None\n")
})

t.test('the emulator hears of a breakpoint that gdb takes away when all threads go on', async t => {
  const script = `points = Breakpoints()
print(points.answer(b'Z0,10,4'), points.answer(b'Z2,10,4'), points.due())
points.answer(b'z0,10,4'), points.answer(b'Z0,14,4')
print(points.new(), points.due(), points.due())`
  t.equal(python(script), "b'OK' b'' [b'Z0,10,4']\n[b'Z0,14,4'] [b'z0,10,4'] []\n")
})

t.test('a thread goes on with the signal that gdb has for it, and with none that would stop it', async t => {
  const signals = (data: string, thread: number) => python(`print(signal_for(b'${data}', ${thread}))`)
  t.equal(signals('vCont;C1e:p9.a;c:p9.-1', 10), "b'1e'\n")
  t.equal(signals('vCont;C1e:p9.a;c:p9.-1', 11), 'None\n')
  t.equal(signals('vCont;c:p9.-1', 10), 'None\n')
  t.equal(python("print(without_stopping(b'vCont;C11:p9.a;C12'), without_stopping(b'vCont;c'))"), "b'vCont;c:p9.a;C12' b'vCont;c'\n")
})

t.test('the signals that gdb does not want to hear of are the kernel’s of its numbers', async t => {
  t.equal(python("print(sorted(passed_signals(b'e;14;1c;')), passed_signals(b''))"), '[14, 17, 28] set()\n')
})

t.test('two threads that tell at once of their stops are heard, both', async t => {
  t.equal(python("print(SAID.findall(b'T05thread:p0a.0d;T1ethread:p0a.0c;'))"), "[(b'05', b'0d'), (b'1e', b'0c')]\n")
})
