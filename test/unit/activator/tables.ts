import type {Route, RouteRule, RouteTable} from '../../../lib/core/twins/route.js'

export const RULES: readonly RouteRule[] = [
  {
    variables: ['GCC_EXEC_PREFIX=/usr/lib/gcc/', 'REMOVED'],
    emulate: ['-fplugin', '@'],
    emulateLeading: [],
    emulateVariables: ['A=*b', 'C'],
    requireVariables: ['GOARCH=mips64le', 'GOARM=*'],
    insert: [],
    replace: [],
  },
  {
    variables: [],
    emulate: [],
    emulateLeading: ['-v', ''],
    emulateVariables: ['PERL5OPT=*-d'],
    requireVariables: [],
    insert: ['-o', 'A=B'],
    replace: [{from: '/usr/lib/plugin.so', to: '/dev/plugin.so'}],
  },
  {variables: [], emulate: [], emulateLeading: [], emulateVariables: [], requireVariables: [], insert: [], replace: []},
]

/** Paths of all lengths, some beyond ASCII; sizes and times beyond 32 bits; every fifth is known by size and time alone. */
export function someRoute(i: number): Route {
  const name = `program-${i}${i % 7 === 0 ? '-é' : ''}${'x'.repeat(i % 5)}`
  return {
    path: `/usr/bin/${name}`,
    twin: `usr/bin/${name}`,
    twinSize: 1000 + i,
    file: {
      size: i % 3 === 0 ? 2 ** 33 + i : i,
      mtime: `${i % 4 === 0 ? 2 ** 32 + i : 1700000000 + i}${String(i).padStart(9, '0')}`,
      fixed: i % 5 === 0 ? undefined : {ctime: `17000000${String(i).padStart(11, '1')}`, inode: 2 ** 32 - 1 - i},
    },
    sum: i % 5 === 0 ? undefined : String(i).padStart(32, '0'),
    rule: i % 4 === 0 ? undefined : RULES[i % 3],
    package: 'programs',
    match: 'exact',
    kind: 'program',
  }
}

export const someTable = (routes: number): Omit<RouteTable, 'routes'> & {routes: readonly Route[]} => ({
  interpreter: 'usr/bin/qemu-mips64el-static',
  arguments: ['-cpu', 'max'],
  variableOrder: 'reversed',
  emulateVariables: ['LD_PRELOAD', 'LD_AUDIT'],
  preloads: ['libfakeroot-sysv.so'],
  locales: ['C', 'C.UTF-8', 'POSIX'],
  routes: Array.from({length: routes}, (_, i) => someRoute(i)),
})
