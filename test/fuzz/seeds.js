// What libFuzzer begins with: for table.c, tables that are whole, each behind the first bytes of a file; for arguments.c, tables
// behind arguments and a response file.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {encodeTable} from '../../dist/activator/table.js'
import {withEntries} from '../../dist/activator/table-entries.js'

const rule = {environment: ['A=B', 'C'], emulate: ['-v*'], emulateLeading: [''], insert: ['-x'], replace: [{from: 'a', to: 'b'}]}
const route = i => ({
  path: `/usr/bin/program-${i}`,
  twin: `usr/bin/program-${i}`,
  twinSize: i,
  file: {size: i, mtime: `${i}`, fixed: {ctime: `${i}`, inode: i}},
  rule: i % 2 ? rule : undefined,
})
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

const [, , directory] = process.argv
const seed = (corpus, name, parts) => writeFileSync(join(directory, corpus, name), Buffer.concat(parts))
for (const corpus of ['table', 'arguments']) mkdirSync(join(directory, corpus))

const heads = {bitcode: '4243c0de', elf: '7f454c46', script: Buffer.from('#! /usr/bin/env x\n').toString('hex')}
for (const [name, hex] of Object.entries(heads)) {
  const head = Buffer.alloc(128)
  head.write(hex, 'hex')
  seed('table', name, [head, withEntries(table, entries)])
}

/** A text behind its size. */
function part(text) {
  const size = Buffer.alloc(2)
  size.writeUInt16LE(text.length)
  return Buffer.concat([size, Buffer.from(text)])
}

const calls = {
  plain: ['-c\0x.c\0', '-c x.c'],
  quoted: ['-o\0--plugin=a\0', `"-v a" '-v'x \\-v -\\ v\n`],
  variables: ['LD_AUDIT=x\0A=B\0XBUILD_EMULATE=1 why\0', ''],
}
for (const [name, [words, response]] of Object.entries(calls)) seed('arguments', name, [part(words), part(response), table])
