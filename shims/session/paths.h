/* Paths of the host's tree and of the session's, which are the same until a plan has a root of its own. A symbolic link in a
 * path, relative or absolute, leads nowhere but into the tree that the path is of. */
#ifndef XBUILD_PATHS_H
#define XBUILD_PATHS_H

#define PATH_SIZE 4096
/* A path of a descriptor: no character in it means anything to mount's options, whatever the real path holds. */
#define FD_PATH_SIZE 32

/* Where the trees are from now on. They are kept open. */
void paths_begin(const char *host, const char *session);
/* The session's tree, as a descriptor. */
int paths_session(void);
/* Lets go of both. */
void paths_end(void);

void fd_path(char *path, int fd);
int open_directory(const char *path);
/* Opens a path of the host. */
int open_source(const char *path);
/* The same; -1 with errno where it cannot be opened. */
int find_source(const char *path);
/* Opens a path of the session. */
int open_target(const char *path);
/* The same; -1 with errno where it cannot be opened. */
int find_target(const char *path);

/* These make what is not there yet in the session. */
void make_directory(const char *path);
void make_parents(const char *path);
/* A file, empty; where the path is a link to nowhere, as /etc/resolv.conf may be, the file that it leads to. */
void make_file(const char *path);
void make_symlink(const char *text, const char *path);

#endif
