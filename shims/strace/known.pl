# The twin of strace. Nobody may trace an emulated process, so the emulator tells what a program calls (QEMU_STRACE), and this
# says it in strace's layout. A host-native perl runs it, as the program that it is; it uses no module, since those that a root
# has are for the root's own perl. See docs/debugging.md.

# Filled in by lib/twins/kinds/strace.ts:
#   clock_gettime   the number of that system call on the host
my %known = ();

# Names of errno(3), by the texts that the emulator has of them. Numbers of the host, each once.
my @errors = (
    undef, qw(EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV
    ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK
    ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP), undef, qw(ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT
    EBADE EBADR EXFULL ENOANO EBADRQC EBADSLT), undef, qw(EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV
    ESRMNT ECOMM EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC
    EILSEQ ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT
    EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS
    EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN
    ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED
    EOWNERDEAD ENOTRECOVERABLE ERFKILL EHWPOISON)
);
my %error_of = map { local $! = $_; ("$!" => $errors[$_]) } grep { defined $errors[$_] } 1 .. $#errors;
my @signals = qw(0 HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG
    XCPU XFSZ VTALRM PROF WINCH IO PWR SYS);

# Sets of calls, by strace's names for them: man 1 strace, -e trace.
my %class = (
    file    => qr/^(?:open|creat|access|faccess|stat|lstat|fstatat|newfstatat|statx|statfs|readlink|unlink|rename|link|symlink|mkdir|rmdir|mknod|chmod|fchmodat|chown|lchown|fchownat|utime|futimesat|truncate|chdir|chroot|exec|getcwd|mount|umount|pivot_root|inotify_add_watch|swap|acct|[sgl]+etxattr|l?listxattr|l?removexattr)/,
    process => qr/^(?:clone3?|v?fork|execve(?:at)?|exit|exit_group|wait4|waitid|waitpid|kill|tkill|tgkill|rt_sigqueueinfo|pidfd_send_signal)$/,
    network => qr/^(?:socket|socketpair|socketcall|bind|connect|accept4?|listen|send|recv|sendto|recvfrom|sendm?msg|recvm?msg|sendmmsg|recvmmsg|getsockopt|setsockopt|getsockname|getpeername|shutdown)$/,
    signal  => qr/^(?:rt_sig|sig|signalfd|kill$|tkill$|tgkill$|pause$|pidfd_send_signal$)/,
    memory  => qr/^(?:brk|mmap2?|munmap|mprotect|mremap|msync|madvise|mincore|mlock|munlock|mlockall|munlockall|mbind|shmat|shmdt)/,
    ipc     => qr/^(?:ipc|shm|sem|msg)/,
    desc    => qr/^(?:open|creat|close|read|write|pread|pwrite|readv|writev|preadv|pwritev|dup|fcntl|ioctl|l?l?seek|pipe|p?select|p?poll|epoll|eventfd|signalfd|timerfd|inotify|fstat|fchmod|fchown|ftruncate|fsync|fdatasync|getdents|mmap|sendfile|splice|tee|copy_file_range|socket|accept|flock|fallocate|fadvise)/,
);

