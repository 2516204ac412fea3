import {join} from 'node:path'

/** Where the routes of a tree are kept. */
export interface RoutingPaths {
  hybridRoutes: string
  emulatedRoutes: string
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
  preludes: join(directory, 'preludes'),
  routing: join(directory, 'routing.json'),
  entries: join(directory, 'entries.json'),
})
