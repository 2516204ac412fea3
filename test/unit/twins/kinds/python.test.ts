import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import t from 'tap'
import {fillPythonPrelude, PYTHON_MODULES} from '../../../../lib/twins/kinds/python.js'
import {TARGET} from '../target.js'

const PRELUDE = readFileSync(fileURLToPath(new URL('../../../../shims/python/prelude.py', import.meta.url)), 'utf8')

t.test('the prelude that is filled in is Python, and knows what was filled in', async t => {
  const odd = `/usr/lib/python3/dist-packages/it's "odd"\\\u00e9.abi3.so`
  const text = fillPythonPrelude(PRELUDE, TARGET, {modules: [odd], untwinned: [], directories: [], missing: []}, 'there', 1234.56)
  const script = `import ast, sys
tree = ast.parse(sys.stdin.buffer.read().decode())
known = next(node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == 'KNOWN')
sys.stdout.buffer.write(repr(sorted(ast.literal_eval(known).items())).encode())`
  const known = execFileSync('python3', ['-c', script], {input: text, encoding: 'utf8'})
  t.match(known, `('char', 'same')`)
  t.match(known, `('errors', 'other'), ('host', 'x86_64-linux-gnu'), ('libraries', '/dev/xbuild/lib'), ('machine', 'mips64')`)
  t.match(known, `('status', 1234), ('target', 'mips64el-linux-gnuabi64'), ('untwinned', [])`)
  t.match(known, String.raw`/usr/lib/python3/dist-packages/it\'s "odd"\\é.abi3.so`)
})

t.test('a prelude without the place for it is refused', async t => {
  t.throws(() => fillPythonPrelude('pass', TARGET, {modules: [], untwinned: [], directories: [], missing: []}, 'there', 0), /has no line/)
})

t.test('a compiled module is known by its name, and its twin lies among the libraries', async t => {
  t.same(
    ['a.cpython-311-mips64el-linux-gnuabi64.so', 'a.abi3.so', 'liba.so', 'a.so', 'a.so.1', 'a.cpython-311.pyc'].filter(
      PYTHON_MODULES.isModule,
    ),
    ['a.cpython-311-mips64el-linux-gnuabi64.so', 'a.abi3.so'],
  )
  t.equal(
    PYTHON_MODULES.twinPath('/usr/lib/python3/dist-packages/a/b.cpython-311-mips64el-linux-gnuabi64.so', TARGET),
    '/usr/lib/x86_64-linux-gnu/python3/dist-packages/a/b.cpython-311-x86_64-linux-gnu.so',
  )
})
