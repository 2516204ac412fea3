import {ProgramImage} from '../../core/elf/image.js'
import {isGoCommand, isGoLinker, makeGoLinkerNative} from '../../core/twins/go.js'
import {makeGoCommandNative} from '../../core/twins/go-command.js'
import type {Adaptation, TwinKind} from './kind.js'

function adapt(bytes: Buffer, path: string, {host, target}: Adaptation): void {
  const image = new ProgramImage(bytes)
  if (isGoCommand(path)) makeGoCommandNative(image, host, target.architecture)
  else makeGoLinkerNative(image, target.architecture)
}

/**
 * Go: the go command becomes the target's own. Its tools work for any architecture, which the command names in GOARCH, and are routed
 * where that is the root's; of them, the linker alone has something of its own architecture in what it writes.
 */
export const GO: TwinKind = {
  name: 'go',
  programs: {isFor: path => isGoCommand(path) || isGoLinker(path), adapt},
  // The standard library, compiled for the host and as source: tools are told where the root's is.
  leftOut: ['/usr/lib/go-*/pkg/linux_*', '/usr/share/go-*'],
}
