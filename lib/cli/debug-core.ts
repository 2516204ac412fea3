import {closeSync, readSync} from 'node:fs'
import {isForMachine, parseElf} from '../core/elf/header.js'
import {XbuildError} from '../core/errors.js'
import type {EnvironmentRecord} from '../environment/record.js'
import {openRegular} from '../host/beneath.js'
import {unreadableFile} from '../host/files.js'

/** <elf.h> */
const ET_CORE = 4
/** Bytes of an ELF header of 64 bits. */
const HEADER_SIZE = 64

/**
 * Whether gdb can be shown a file as a core of the environment's programs; where the host has no such file, the session may.
 * Throws `unreadable`, and `usage` where it is no core, or one of another CPU.
 */
export function checkCore(file: string, record: EnvironmentRecord): void {
  const found = openRegular(file)
  if (found.kind === 'missing') return
  if (found.kind !== 'found') throw unreadableFile(file, found)
  const bytes = Buffer.alloc(HEADER_SIZE)
  const size = readSync(found.value.fd, bytes, 0, HEADER_SIZE, 0)
  closeSync(found.value.fd)
  const header = bytes.subarray(0, size)
  if (parseElf(header)?.type !== ET_CORE) {
    throw new XbuildError('usage', `--core ${file}: that is not a core`, {hint: 'programs that crash leave one after: ulimit -c unlimited'})
  }
  if (record.programs === 'native' || isForMachine(header, Buffer.from(record.elf.magic, 'hex'))) return
  throw new XbuildError('usage', `--core ${file}: that is a core of another CPU's program than those of "${record.name}"`, {
    hint: 'the cores of its own begin with qemu_: the kernel writes those of the emulator',
  })
}
