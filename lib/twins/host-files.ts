import {closeSync, constants, openSync, readSync} from 'node:fs'
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {parseElf} from '../core/elf/header.js'
import type {HostArchitecture} from '../core/hosts/host.js'
import {isThere} from '../host/files.js'

/** Where a twin set's programs and libraries lie. */
const DIRECTORIES = ['usr/bin', 'usr/sbin', 'usr/lib', 'usr/libexec']

/** What runs others' programs is no twin. */
const EMULATOR = /^qemu-/

/** Absolute paths in a tree of twins of all programs and libraries of the host's architecture. */
export async function hostFiles(tree: string, host: HostArchitecture): Promise<string[]> {
  const found: string[] = []
  for (const directory of DIRECTORIES.map(name => join(tree, name)).filter(isThere)) {
    for (const entry of await readdir(directory, {recursive: true, withFileTypes: true})) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile() && !EMULATOR.test(entry.name) && isForHost(path, host)) found.push(path.slice(tree.length))
    }
  }
  return found
}

/** e_ident and e_machine, of 64 bits: System V ABI, chapter 4. */
const HEAD = 64

function isForHost(path: string, host: HostArchitecture): boolean {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const head = Buffer.alloc(HEAD)
    const elf = parseElf(head.subarray(0, readSync(file, head)))
    return elf?.bits === 64 && elf.machine === host.machine
  } finally {
    closeSync(file)
  }
}
