import {ProgramImage} from '../../core/elf/image.js'
import {isGoLinker, makeGoLinkerNative} from '../../core/twins/go.js'
import type {TwinKind} from './kind.js'

/**
 * Go's tools: each works for any architecture, which the go command names in GOARCH, and is routed where that is the root's. The
 * linker alone has something of its own architecture in what it writes.
 */
export const GO: TwinKind = {
  name: 'go',
  programs: {
    isFor: isGoLinker,
    adapt: (bytes, _, {target}) => makeGoLinkerNative(new ProgramImage(bytes), target.architecture),
  },
  // The standard library, compiled for the host and as source: tools are told where the root's is.
  leftOut: ['/usr/lib/go-*/pkg/linux_*', '/usr/share/go-*'],
}
