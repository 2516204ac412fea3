

# Packets of the protocol: $DATA#SUM, in which some bytes of DATA are escaped.

# As many bytes as the emulator takes: QEMU, gdbstub, MAX_PACKET_LENGTH.
PACKET_SIZE = 4096
# man 7 unix, SIOCOUTQ: linux/sockios.h.
UNREAD_SIZE = 0x5411
INTERRUPT = b'\x03'
# Acknowledgments, and what no packet begins with.
BEFORE_PACKET = re.compile(b'[^$\x03]*')
# A packet that is longer than that has no end.
MOST_UNFINISHED = 1 << 20
ESCAPED = b'#$*}'


def framed(data):
    return b'$%s#%02x' % (data, sum(data) & 255)


def escaped(data):
    return b''.join(b'}%c' % (byte ^ 32) if byte in ESCAPED else b'%c' % byte for byte in data)


def plain(data):
    first, *rest = data.split(b'}')
    return first + b''.join(b'%c' % (part[0] ^ 32) + part[1:] for part in rest if part)


def in_hex(data):
    return data.hex().encode()


def from_hex(text):
    return bytes.fromhex(text.decode())


class Stream:
    """What comes from the other side of a socket: packets, as they are, and interrupts."""

    def __init__(self, connection):
        self.socket = connection
        self.rest = b''
        self.acknowledges = True

    def fileno(self):
        return self.socket.fileno()

    def send(self, data):
        try:
            self.socket.sendall(framed(data))
        except OSError:
            pass  # it is gone, which reading tells

    def read(self):
        """What has come, or None at the end."""
        try:
            got = self.socket.recv(65536)
        except OSError:
            got = b''
        if got == b'' or len(self.rest) > MOST_UNFINISHED:
            return None
        self.rest += got
        return list(self.taken())

    def taken(self):
        while True:
            self.rest = self.rest[BEFORE_PACKET.match(self.rest).end() :]
            if self.rest.startswith(INTERRUPT):
                self.rest = self.rest[1:]
                yield INTERRUPT
                continue
            end = self.rest.find(b'#')
            if not self.rest.startswith(b'$') or end < 0 or len(self.rest) < end + 3:
                return
            data, self.rest = self.rest[1:end], self.rest[end + 3 :]
            if self.acknowledges:
                self.socket.sendall(b'+')
            yield data

    def is_read(self):
        """Whether the other side has read all that was sent to it."""
        return struct.unpack('i', fcntl.ioctl(self.socket, UNREAD_SIZE, bytes(4)))[0] == 0

    def close(self):
        self.socket.close()
