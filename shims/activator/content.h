/* Which bytes a file has, for where its size and times do not tell. */
#ifndef XBUILD_CONTENT_H
#define XBUILD_CONTENT_H

/* Whether the md5 sum of an opened file is SUM: 32 hexadecimal digits, as dpkg has them. 0 also where it cannot be read. */
int has_sum(long file, const char *sum);

#endif
