import {readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {ProgramImage} from '../core/elf/image.js'
import type {HostArchitecture} from '../core/host.js'
import {machineParts} from '../core/twins/route.js'
import {isThere} from '../host/files.js'

/** What a twin set is adapted to. */
export interface TwinTarget {
  triple: string
  /** What Debian calls the architecture. */
  architecture: string
  /** What the target's own bash and make call the machine. */
  machine: string
  /** The machine's name in uname(2), under the emulator. */
  uname: string
  endian: 'little' | 'big'
}

/** A text that a twin has built in, and the one that the target's own program has in its place. */
interface Text {
  from: string
  to: string
}

/** Those of dpkg's programs that have the name of their own architecture built in: lib/dpkg/arch.c. */
const DPKG = ['dpkg', 'dpkg-deb', 'dpkg-divert', 'dpkg-query', 'dpkg-split', 'dpkg-trigger']

/** Programs that name the machine that they were built for. */
function textsOf(host: HostArchitecture, {architecture, machine}: TwinTarget): Record<string, Text[]> {
  const own = machineParts(machine)
  const built = machineParts(host.machineName)
  const debian = [{from: host.debian, to: architecture}]
  return {
    ...Object.fromEntries(DPKG.map(name => [`usr/bin/${name}`, debian])),
    'usr/bin/bash': [
      {from: host.machineName, to: machine}, // MACHTYPE, BASH_VERSINFO, --version
      {from: built.hosttype, to: own.hosttype},
      {from: built.ostype, to: own.ostype},
    ],
    'usr/bin/make': [{from: host.machineName, to: machine}], // MAKE_HOST, --version
  }
}

/**
 * Makes twins say the target's name where they have the host's built in. A twin in which that cannot be done, since its
 * machine code is not what ProgramImage knows, is removed: the program is emulated.
 */
export async function adaptTexts(tree: string, host: HostArchitecture, target: TwinTarget): Promise<void> {
  for (const [name, texts] of Object.entries(textsOf(host, target))) {
    const path = join(tree, name)
    if (!isThere(path)) continue
    const image = new ProgramImage(await readFile(path))
    const isDone = texts.every(({from, to}) => from === to || image.replaceText(from, to) > 0)
    if (isDone) await writeFile(path, image.bytes)
    else await rm(path)
  }
}
