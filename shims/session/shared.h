/* What a session may read and never change: twins, routes, the activator, read-only binds. Sessions of other environments have
 * the same files.
 *
 * That a mount is read-only can be undone by who owns its mount namespace. So these are made in a first user and mount
 * namespace, and the session's are entered from there, as its child: what it gets of them is locked (man 7
 * mount_namespaces, "Restrictions on mount namespaces"), and so is every copy that it makes. */
#ifndef XBUILD_SHARED_H
#define XBUILD_SHARED_H

/* Where the trees lie while a session is being built, in a tmpfs that is the root until then. */
#define HOST_TREE "/host"
#define SESSION_TREE "/session"
#define MEMORY_TREE "/memory"

/* In the first namespace: makes that root, with a read-only copy of each of these paths of the host. One that is not there is
 * left out. */
void shared_make(char **sources);
/* In the session's: the same list, to be looked up in. */
void shared_use(char **sources);

/* A detached copy of the mounts at a path of the host. */
int clone_tree(const char *source);
/* The same, read-only; and locked, where it is one of those above. */
int clone_read_only(const char *source);
void set_read_only(int tree, const char *path);
/* Of its device nodes, none can be opened. Where the session's root is the host's this is locked (lock_mounts in start.h); any
 * other could open only what its user may. */
void set_no_devices(int tree, const char *path);

#endif
