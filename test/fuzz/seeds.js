// Tables that are whole, each behind the first bytes of a file, for libFuzzer to begin with.
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {encodeTable} from '../../dist/activator/table.js'
import {withEntries} from '../../dist/activator/table-entries.js'

const rule = {environment: ['A=B', 'C'], emulate: ['-v*'], emulateLeading: [''], insert: ['-x'], replace: [{from: 'a', to: 'b'}]}
const route = i => ({path: `/usr/bin/program-${i}`, twin: `usr/bin/program-${i}`, size: i, mtime: i, rule: i % 2 ? rule : undefined})
const routes = Array.from({length: 5}, (_, i) => route(i))
const table = encodeTable({
  interpreter: 'usr/bin/qemu',
  arguments: ['-cpu', 'max'],
  environment: ['LD_AUDIT'],
  preloads: [],
  locales: [],
  routes,
})
const entries = [
  {name: 'llvm_bc', offset: 0, magic: '4243c0de', mask: undefined, command: ['/usr/bin/lli', '--fake-argv0=#a', '##']},
  {name: 'xbuild-env', offset: 0, magic: '7f454c46', mask: 'ffffff00', command: 'routes'},
]

const heads = {bitcode: '4243c0de', elf: '7f454c46', script: Buffer.from('#! /usr/bin/env x\n').toString('hex')}
for (const [name, hex] of Object.entries(heads)) {
  const head = Buffer.alloc(128)
  head.write(hex, 'hex')
  writeFileSync(join(process.argv[2], name), Buffer.concat([head, withEntries(table, entries)]))
}
