/**
 * As the C library, apt and dpkg say it: whatever else they say follows from that. man 3 strerror, ENOSPC and EDQUOT
 */
export const NO_SPACE = /No space left on device|Disk quota exceeded|You don't have enough free space/i

export const saysNoSpace = (line: string) => NO_SPACE.test(line)

/** Where a package's files find no place in the data home. */
export const NO_SPACE_HINT = 'free some space where the data lies, or keep it elsewhere: XBUILD_ENV_DATA=/a/larger/disk'
