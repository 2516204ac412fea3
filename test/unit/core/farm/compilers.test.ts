import t from 'tap'
import {compilerRoutes, hasCompiler, twinPackages, withDependencies} from '../../../../lib/core/farm/compilers.js'
import {farmVariables} from '../../../../lib/core/farm/variables.js'
import type {Route} from '../../../../lib/core/twins/route.js'

const route = (path: string, name: string): Route => ({
  path,
  twin: path.slice(1),
  twinSize: 1,
  file: {} as Route['file'],
  sum: 'a',
  rule: undefined,
  package: name,
  match: 'exact',
  kind: 'program',
})

t.test('compilers are what distcc has others run', async t => {
  const routes = [
    route('/usr/lib/gcc/mips64el-linux-gnuabi64/12/cc1', 'cpp-12'),
    route('/usr/bin/mips64el-linux-gnuabi64-g++-12', 'g++-12'),
    route('/usr/bin/mips64el-linux-gnuabi64-as', 'binutils-mips64el-linux-gnuabi64'),
  ]
  t.same(compilerRoutes([...routes, route('/usr/bin/make', 'make'), route('/usr/bin/cppcheck', 'cppcheck')]), routes)
  t.ok(hasCompiler(routes))
  t.notOk(hasCompiler(routes.slice(1)))
  t.ok(twinPackages(routes, 'x86_64-linux-gnu').has('cpp-12-x86-64-linux-gnu'))
})

const STATUS = `Package: cpp-12-cross
Version: 12.2.0-14cross1
Depends: libgmp10 (>= 2:6.2.1), libc6 (>= 2.36) | musl, gone

Package: libgmp10
Version: 2:6.2.1
Pre-Depends: libc6

Package: libc6
Version: 2.36-9
Depends: libgmp10

Package: vim
Version: 9
`

t.test('a key goes by what a compiler depends on, whatever else there is', async t => {
  const found = withDependencies(STATUS, ['cpp-12-cross', 'not-there'])
  t.same(found, ['cpp-12-cross 12.2.0-14cross1', 'libc6 2.36-9', 'libgmp10 2:6.2.1'])
  t.same(withDependencies('', ['cpp-12-cross']), [])
})

t.test('distcc takes the farm first, and this machine too', async t => {
  const slots = [
    {port: 4001, jobs: 8},
    {port: 4002, jobs: 2},
  ]
  t.same(farmVariables(slots, 4, 'root', '/usr/bin'), {
    PATH: '/usr/lib/distcc:/usr/bin',
    DISTCC_HOSTS: '--localslots=4 --localslots_cpp=14 127.0.0.1:4001/8,lzo 127.0.0.1:4002/2,lzo localhost/4',
    DISTCC_DIR: '/dev/shm',
  })
  t.notOk('DISTCC_DIR' in farmVariables(slots, 4, 'ada', '/usr/bin'), 'others have a directory at home')
})
