import {FORMATS, type NativeRecord} from '../../../lib/environment/record.js'

/** The record of an environment of a foreign CPU. */
export const EMULATED = {
  format: FORMATS.emulated,
  programs: 'emulated' as const,
  name: 'mine',
  profile: 'arm64',
  suite: 'trixie',
  created: '2026-01-01T00:00:00.000Z',
  root: '0123456789abcdef',
  layers: ['fedcba9876543210'],
  twins: '00112233445566aa',
  elf: {magic: '7f', mask: 'ff'},
  endian: 'little' as const,
  triple: 'aarch64-linux-gnu',
}

/** The record of an environment of this machine's own architecture. */
export const NATIVE: NativeRecord = {
  format: 4,
  programs: 'native',
  name: 'amd64',
  profile: 'amd64',
  suite: 'bookworm',
  created: '2026-01-02T03:04:05.678Z',
  root: '0123456789abcdef',
  layers: [],
  elf: {magic: '7f', mask: 'ff'},
  endian: 'little',
  triple: 'x86_64-linux-gnu',
}
