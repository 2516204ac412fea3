

# What the server answers by itself, and who has the terminal.

# What gdb may ask for; that of it which the emulator has to answer, all of its versions know.
FEATURES = (
    b'PacketSize=%x' % PACKET_SIZE,
    b'QStartNoAckMode+',
    b'multiprocess+',
    b'vContSupported+',
    b'qXfer:features:read+',
    b'qXfer:auxv:read+',
    b'qXfer:siginfo:read+',
    b'qXfer:threads:read+',
    b'QStartupWithShell+',
    b'QEnvironmentHexEncoded+',
    b'QEnvironmentReset+',
    b'QEnvironmentUnset+',
    b'QSetWorkingDir+',
    b'QDisableRandomization+',
)
# Where a program runs already, and gdb may not know which.
PROGRAM_FEATURES = (b'qXfer:exec-file:read+',)
# Packets in which gdb names processes, `pPID.TID`, and those whose replies do.
NAMING = (b'H', b'T', b'vCont;', b'qThreadExtraInfo,')
NAMED = (b'qC', b'qfThreadInfo', b'qsThreadInfo', b'?')
STOP = re.compile(b'[TSWX][0-9a-f]{2}($|;|thread:)')
THREAD = re.compile(b'thread:p[0-9a-f]+[.]([0-9a-f]+)')
RESUMING = (b'vCont;', b'c', b'C', b's', b'S')
# How long a thread that is asked may wait for what others have, that are held: seconds.
PATIENCE = 0.1
OWN_SETTINGS = (b'QStartupWithShell:', b'QEnvironment', b'QSetWorkingDir:', b'QDisableRandomization:')
OK, EMPTY, REFUSED = b'OK', b'', b'E01'
NO_ATTACH = 'the emulator lets nobody in later. Start the program with gdb, and continue until it does what you want to see'
NO_EXEC = 'gdb cannot follow it there, and hears of its end. To debug that one, start gdb with it'

# gdb's own numbers of signals, for those that a process can be ended by: include/gdb/signals.def.
SIGNALS = {
    1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 10, 8: 8, 9: 9, 10: 30, 11: 11, 12: 31, 13: 13, 14: 14, 15: 15, 24: 24, 25: 25,
    26: 26, 27: 27, 29: 23, 30: 32, 31: 12,
}  # fmt: skip
UNKNOWN_SIGNAL = 143


def end_reply(status, pid):
    """How a process ended, by what os.waitpid says."""
    if os.WIFSIGNALED(status):
        return b'X%02x;process:%x' % (SIGNALS.get(os.WTERMSIG(status), UNKNOWN_SIGNAL), pid)
    return b'W%02x;process:%x' % (os.WEXITSTATUS(status), pid)


def is_for_some(data):
    """Whether gdb lets threads go on that it names, and no other: when it steps over a breakpoint."""
    actions = data.split(b';')[1:]
    return bool(actions) and all(b':' in action and not action.endswith(b'-1') for action in actions)


def part_of(text, span):
    """A part of a text, as qXfer asks for it: `OFFSET,LENGTH`."""
    offset, length = (int(number, 16) for number in span.split(b','))
    part = text[offset : offset + min(length, PACKET_SIZE // 2 - 8)]
    return (b'm' if offset + len(part) < len(text) else b'l') + escaped(part)


class Terminal:
    """Whose the terminal is: the program's while that runs, gdb's otherwise."""

    def __init__(self):
        self.fd = 0 if os.isatty(0) else None
        self.gdb = os.getpgrp()

    def give(self, group):
        if self.fd is None:
            return
        try:
            os.tcsetpgrp(self.fd, group)
        except OSError:
            pass  # the group is gone, or has a terminal of its own
