import {XbuildError} from '../errors.js'

/** Where runners get xbuild-env from: a git repository, and a commit, tag or branch of it. */
export interface CiSource {
  url: string
  ref: string
}

/** As man 1 git-clone lists them, and an absolute path. `ext::` and its like would run programs. */
const ADDRESS = /^((https?|ssh|git):\/\/[^/]|file:\/\/\/|[\w.-]+@[\w.-]+:|\/)/

/** What CI systems replace in a pipeline before it is read, or a terminal could not show. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are meant
const UNFIT = /[$\u0000-\u001f\u007f]/

/** git-check-ref-format(1) allows more, but nobody needs it. */
const REF = /^[A-Za-z0-9][\w./+-]*$/

/** Throws `usage` for what git would not take for an address or a ref, and for an address that holds a password. */
export function parseSource(url: string, ref: string): CiSource {
  const refuse = (message: string, hint: string) => new XbuildError('usage', message, {hint})
  if (!ADDRESS.test(url) || UNFIT.test(url)) {
    throw refuse(
      `${JSON.stringify(url)} is not the address of a git repository`,
      'name one with --source, such as https://example.org/xbuild-env.git',
    )
  }
  if (/^https?:\/\/[^/]*@/.test(url)) {
    throw refuse(
      "the address of xbuild-env's repository holds a name or password, which a pipeline would show",
      'name it without, with --source',
    )
  }
  if (!REF.test(ref) || ref.includes('..')) {
    throw refuse(`"${ref}" is not a commit, tag or branch`, 'name one with --ref')
  }
  return {url, ref}
}

/** `OWNER/REPOSITORY` of an address on github.com, in any of its forms. */
export const githubRepository = ({url}: CiSource): string | undefined =>
  /^(?:(?:https|ssh|git):\/\/(?:git@)?github\.com\/|git@github\.com:)([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(url)?.[1]
