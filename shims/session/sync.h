/* Writing out to the disk. */
#ifndef XBUILD_SYNC_H
#define XBUILD_SYNC_H

/* From now on this process and all that it starts write nothing out to the disk before the kernel does so of its own
 * accord: fsync and its like do nothing and succeed, as with systemd-nspawn's --suppress-sync. For what is made anew and
 * thrown away where it is not completed. */
void sync_drop(void);

#endif
