/** Commands as sbuild gives them to a server of autopkgtest's: Sbuild/ChrootAutopkgtest.pm, get_command_internal */

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/

/** The command without what sbuild puts before it: variables, the user, the directory. */
function bareCommand(words: readonly string[]): readonly string[] {
  const [first = ''] = words
  if (first === 'env') return bareCommand(words.slice(1))
  if (ASSIGNMENT.test(first)) return bareCommand(words.slice(1))
  if (/^(\/usr)?\/sbin\/runuser$/.test(first) && words[1] === '-u' && words[3] === '--') return bareCommand(words.slice(4))
  if (first === 'sh' && words[1] === '-c' && /^cd .* && exec "\$@"$/s.test(words[2] ?? '')) return bareCommand(words.slice(4))
  return words
}

/** Whether a command builds a package: Debian's policy gives that no network (4.9), and sbuild cuts it in its other modes. */
export const isPackageBuild = (words: readonly string[]) => /(^|\/)dpkg-buildpackage$/.test(bareCommand(words)[0] ?? '')
