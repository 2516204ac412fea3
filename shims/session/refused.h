/* System calls that neither a build nor an emulator needs, and that no namespace keeps apart from the host. SECURITY.md says
 * why each is refused. */
#ifndef XBUILD_REFUSED_H
#define XBUILD_REFUSED_H

/* From now on this process and all that it starts find a kernel without them (ENOSYS), so that programs which can do
 * without fall back. */
void calls_refuse(void);

#endif
