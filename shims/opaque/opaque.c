/* xbuild-opaque TREE LIST: writes the directories of an overlay's upper layer that hide the lower layer's, each below TREE
 * and ended by NUL, to the file LIST. Nothing that a system has installed for sure shows extended attributes. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

/* https://docs.kernel.org/filesystems/overlayfs.html, "whiteouts and opaque directories" and "userxattr" */
#define OPAQUE "user.overlay.opaque"

/* Directories that are open at once; nftw closes and reopens beyond that. */
#define OPEN_DIRECTORIES 32

static FILE *list;
static size_t tree_size;

static int look(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)status;
    if (type == FTW_DNR) {
        errno = EACCES;
        return -1;
    }
    char value;
    if (type != FTW_D || place->level == 0) return 0;
    /* As the kernel reads it (fs/overlayfs/util.c, ovl_get_opaquedir_val): what is empty or longer means nothing. */
    ssize_t size = lgetxattr(path, OPAQUE, &value, 1);
    if (size < 0) return errno == ENODATA || errno == ENOTSUP || errno == ERANGE ? 0 : -1;
    if (size == 0 || value != 'y') return 0;
    const char *name = path + tree_size + 1;
    return fwrite(name, 1, strlen(name) + 1, list) == strlen(name) + 1 ? 0 : -1;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fputs("usage: xbuild-opaque TREE LIST\n", stderr);
        return 2;
    }
    tree_size = strlen(argv[1]);
    list = fopen(argv[2], "w");
    if (list == NULL || nftw(argv[1], look, OPEN_DIRECTORIES, FTW_PHYS) != 0 || fclose(list) != 0) {
        perror(argv[1]);
        return 1;
    }
    return 0;
}
