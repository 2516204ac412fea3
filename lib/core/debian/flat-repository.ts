/** A repository that is one directory: its index of packages and, since apt wants the index's sum, its Release file. */
export const releaseOf = (origin: string, date: Date, index: {name: string; size: number; sha256: string}) =>
  `Origin: ${origin}\nLabel: ${origin}\nDate: ${date.toUTCString()}\nSHA256:\n ${index.sha256} ${index.size} ${index.name}\n`
