

# Files of the session, for a gdb that reads them by the protocol: "Host I/O Packets" and "File-I/O Remote Protocol Extension".

OPEN_FLAGS = {0x8: os.O_APPEND, 0x200: os.O_CREAT, 0x400: os.O_TRUNC, 0x800: os.O_EXCL}
# Numbers that the protocol has of its own where Linux has others: only of those that are common to both are the same.
OWN_ERRORS = {36: 91}
COMMON_ERRORS = (1, 2, 4, 9, 13, 14, 16, 17, 19, 20, 21, 22, 23, 24, 27, 28, 29, 30)
UNKNOWN_ERROR = 9999
# More would not fit into a packet if all bytes had to be escaped.
READ_SIZE = PACKET_SIZE // 2 - 32


def status_bytes(found):
    numbers = [found.st_dev, found.st_ino, found.st_mode, found.st_nlink, found.st_uid, found.st_gid, found.st_rdev]
    times = [int(found.st_atime), int(found.st_mtime), int(found.st_ctime)]
    low = [number & 0xFFFFFFFF for number in numbers + times]
    return struct.pack('>7I3Q3I', *low[:7], found.st_size, found.st_blksize, found.st_blocks, *low[7:])


class Files:
    def __init__(self):
        self.opened = set()

    def answer(self, request):
        """The reply to a request without its `vFile:`; empty for one that is not known."""
        name, _, rest = request.partition(b':')
        does = getattr(self, 'do_' + name.decode('ascii', 'replace'), None)
        if does is None:
            return b''
        try:
            return does(*rest.split(b',', 2 if name in (b'open', b'pwrite') else 3))
        except OSError as error:
            number = OWN_ERRORS.get(error.errno, error.errno)
            return b'F-1,%x' % (number if number in COMMON_ERRORS or number in OWN_ERRORS.values() else UNKNOWN_ERROR)

    def own(self, number):
        found = int(number, 16)
        if found not in self.opened:
            raise OSError(9, 'Bad file descriptor')
        return found

    def do_setfs(self, _pid):
        return b'F0'

    def do_open(self, path, flags, mode):
        asked = int(flags, 16)
        own = asked & 3 | os.O_CLOEXEC
        for theirs, ours in OPEN_FLAGS.items():
            own |= ours if asked & theirs else 0
        number = os.open(from_hex(path), own, int(mode, 16))
        self.opened.add(number)
        return b'F%x' % number

    def do_close(self, number):
        found = self.own(number)
        self.opened.discard(found)
        os.close(found)
        return b'F0'

    def do_pread(self, number, count, offset):
        data = os.pread(self.own(number), min(int(count, 16), READ_SIZE), int(offset, 16))
        return b'F%x;%s' % (len(data), escaped(data))

    def do_pwrite(self, number, offset, data):
        return b'F%x' % os.pwrite(self.own(number), plain(data), int(offset, 16))

    def do_fstat(self, number):
        data = status_bytes(os.fstat(self.own(number)))
        return b'F%x;%s' % (len(data), escaped(data))

    def do_unlink(self, path):
        os.unlink(from_hex(path))
        return b'F0'

    def do_readlink(self, path):
        data = os.readlink(from_hex(path))
        return b'F%x;%s' % (len(data), escaped(data))
