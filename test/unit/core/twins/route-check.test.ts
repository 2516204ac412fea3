import t from 'tap'
import type {NoRoute, Route} from '../../../../lib/core/twins/route.js'
import {areStamps, isNoRoute, isRoute} from '../../../../lib/core/twins/route-check.js'

const RULE = {
  variables: ['A'],
  emulate: [],
  emulateLeading: [''],
  emulateVariables: ['A=*b'],
  requireVariables: ['A=b'],
  insert: [],
  replace: [{from: 'a', to: 'b'}],
}
const ROUTE: Route = {
  path: '/usr/bin/sed',
  twin: 'usr/bin/sed',
  twinSize: 7,
  file: {size: 1, mtime: '1700000000123456789', fixed: {ctime: '1700000000123456789', inode: 7}},
  sum: '0'.repeat(32),
  rule: RULE,
  package: 'sed',
  match: 'exact',
  kind: 'program',
}

/** As it comes out of a file. */
const read = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

t.test('what was written is a route', async t => {
  t.ok(isRoute(read(ROUTE)))
  t.ok(isRoute(read({...ROUTE, rule: undefined, sum: undefined, file: {...ROUTE.file, fixed: undefined}})))
  const missing: NoRoute[] = [
    {reason: 'no-twin', package: 'a'},
    {reason: 'other-version', package: 'a', version: '1', twinVersion: '2'},
    {reason: 'changed', package: 'a', path: '/x'},
    {reason: 'unfit', package: 'a', path: '/x', why: 'needs y'},
  ]
  for (const one of missing) t.ok(isNoRoute(read(one)))
  t.ok(areStamps(read({sed: '4.9 7'})))
})

t.test('what lacks something, or has something else in its place, is none', async t => {
  for (const name of Object.keys(ROUTE)) {
    for (const other of [null, [], {}, true]) t.notOk(isRoute(read({...ROUTE, [name]: other})), `${name}: ${JSON.stringify(other)}`)
  }
  for (const file of [
    {...ROUTE.file, mtime: 7},
    {...ROUTE.file, fixed: null},
    {...ROUTE.file, fixed: {ctime: 'x', inode: 1}},
  ]) {
    t.notOk(isRoute(read({...ROUTE, file})))
  }
  for (const value of [
    null,
    7,
    'x',
    [],
    {reason: 'x', package: 'a'},
    {reason: 'no-twin'},
    {reason: 'changed', package: 'a'},
    {reason: 'unfit', package: 'a', path: '/x'},
  ]) {
    t.notOk(isNoRoute(value))
    t.notOk(isRoute(value))
  }
  for (const value of [null, 7, {sed: 7}]) t.notOk(areStamps(value))
})
