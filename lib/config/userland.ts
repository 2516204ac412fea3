import {z} from 'zod'
import {packageName, readData} from './profiles.js'

const recipeSchema = z.strictObject({
  name: packageName,
  /** The source package of the environment's suite. */
  source: packageName,
  /**
   * A shell command, in the unpacked source, that builds and installs into `$DESTDIR`, with `$XBUILD_JOBS` jobs.
   * `{triple}` is the target's.
   */
  build: z.string(),
  /** Recipes whose results it needs. */
  after: z.array(packageName).default([]),
  /** Files that a root gets besides the programs that it has stubs of: `case` patterns of the shell. */
  keep: z.array(z.string().regex(/^\/usr\/[\w./{}*+-]+$/)),
})

/** How a program of a root is built inside it. */
export type Recipe = z.infer<typeof recipeSchema>

/** How the programs of a root are built. */
export const readRecipes = (): Promise<Recipe[]> => readData(z.array(recipeSchema), 'userland.json')
