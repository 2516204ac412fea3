/* The kernel's audit system is the host's alone. */
#ifndef XBUILD_AUDIT_H
#define XBUILD_AUDIT_H

/* From now on this process and all that it starts find no audit system: socket(AF_NETLINK, ..., NETLINK_AUDIT) fails
 * with EAFNOSUPPORT, as systemd-nspawn has it too. Otherwise the kernel refuses what PAM would tell it with an error in a
 * message, which qemu passes on in the host's numbers, and su fails. */
void audit_hide(void);

#endif
