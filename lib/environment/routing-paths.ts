import {join} from 'node:path'
import type {Programs} from '../core/session/mode.js'

/** Where the routes of a tree are kept. */
export interface RoutingPaths {
  hybridRoutes: string
  emulatedRoutes: string
  /** Of sessions that compile for others, once there was one: routes, and no emulator. */
  farmRoutes: string
  /** Instead of these two, where the programs run by themselves: the table has the user's entries alone. */
  nativeTable: string
  /** What host-native perls and pythons of the tree's sessions begin with. */
  preludes: string
  /** What is routed and what is not, for `info`. */
  routing: string
  /** The user's entries of the activator. */
  entries: string
}

export const routingPaths = (directory: string): RoutingPaths => ({
  hybridRoutes: join(directory, 'hybrid'),
  emulatedRoutes: join(directory, 'emulated'),
  farmRoutes: join(directory, 'farm'),
  nativeTable: join(directory, 'native'),
  preludes: join(directory, 'preludes'),
  routing: join(directory, 'routing.json'),
  entries: join(directory, 'entries.json'),
})

/** The directories with tables, of all modes that there are. */
export function tableDirectories({hybridRoutes, emulatedRoutes, nativeTable}: RoutingPaths, programs: Programs): string[] {
  switch (programs) {
    case 'emulated':
      return [hybridRoutes, emulatedRoutes]
    case 'native':
      return [nativeTable]
  }
}

/** The directories without which no session begins. */
export function routingParts(paths: RoutingPaths, programs: Programs): string[] {
  switch (programs) {
    case 'emulated':
      return [...tableDirectories(paths, programs), paths.preludes]
    case 'native':
      return tableDirectories(paths, programs)
  }
}
