

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
    b'QPassSignals+',
    b'swbreak+',
)
# Where a program runs already, and gdb may not know which.
PROGRAM_FEATURES = (b'qXfer:exec-file:read+',)
# Packets in which gdb names processes, `pPID.TID`, and those whose replies do.
NAMING = (b'H', b'T', b'vCont;', b'qThreadExtraInfo,')
NAMED = (b'qC', b'qfThreadInfo', b'qsThreadInfo')
STOP = re.compile(b'[TSWX][0-9a-f]{2}($|;|thread:)')
SAID = re.compile(b'T([0-9a-f]{2})thread:p[0-9a-f]+[.]([0-9a-f]+);')
STOPPING = re.compile(b'(?<=;)[CS]%02x' % 17)
RESUMING = (b'vCont;', b'c', b'C', b's', b'S')
# How long a thread that is asked may wait for what others have, that are held, and until a look at threads that run: seconds.
PATIENCE = 0.1
# How often, after threads have gone on, whether one was just about to stop, and says nothing.
LOOKS = 5
# How long the kernel may take to say why the emulator has closed its connection: seconds.
END_PATIENCE = 1
# https://sourceware.org/gdb/current/onlinedocs/gdb.html/Stop-Reply-Packets.html: of one that has been removed gdb then says nothing.
BREAKPOINT, TRAP = b'swbreak:;', 5
OWN_SETTINGS = (b'QStartupWithShell:', b'QEnvironment', b'QSetWorkingDir:', b'QDisableRandomization:', b'QPassSignals:')
OK, EMPTY, REFUSED = b'OK', b'', b'E01'
NO_ATTACH = 'the emulator lets nobody in later. Start the program with gdb, and continue until it does what you want to see'
NO_EXEC = 'executes another program: gdb cannot follow it there, and hears of its end. To debug that one, start gdb with it'
NO_DESCRIPTOR = 'has closed descriptors that are not its own, of which one was gdb\'s: gdb hears of its end only'

# gdb's own numbers of signals: include/gdb/signals.def.
SIGNALS = {
    1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 10, 8: 8, 9: 9, 10: 30, 11: 11, 12: 31, 13: 13, 14: 14, 15: 15, 17: 20, 18: 19, 19: 17,
    20: 18, 21: 21, 22: 22, 23: 16, 24: 24, 25: 25, 26: 26, 27: 27, 28: 28, 29: 23, 30: 32, 31: 12,
}  # fmt: skip
UNKNOWN_SIGNAL = 143


def passed_signals(listed):
    """The kernel's numbers of signals of which gdb has sent its own."""
    numbers = {int(number, 16) for number in listed.split(b';') if number}
    return {own for own, number in SIGNALS.items() if number in numbers}


def end_reply(status, pid):
    """How a process ended, by what os.waitpid says."""
    if os.WIFSIGNALED(status):
        return b'X%02x;process:%x' % (SIGNALS.get(os.WTERMSIG(status), UNKNOWN_SIGNAL), pid)
    return b'W%02x;process:%x' % (os.WEXITSTATUS(status), pid)


def is_for_some(data):
    """Whether gdb lets threads go on that it names, and no other: when it steps over a breakpoint."""
    actions = data.split(b';')[1:]
    return bool(actions) and all(b':' in action and not action.endswith(b'-1') for action in actions)


def is_step_of_some(data):
    return is_for_some(data) and all(action[:1] in (b's', b'S') for action in data.split(b';')[1:])


def signal_for(data, thread):
    """The signal that a thread is to get when it goes on, as gdb's packet has it; None."""
    for action in data.split(b';')[1:]:
        what, _, whom = action.partition(b':')
        if what[:1] in (b'C', b'S') and (not whom or whom.endswith((b'.-1', b'.%x' % thread))):
            return what[1:]
    return None


def without_stopping(data):
    """A program that gdb tells to go on with SIGSTOP would end: the emulator knows no other way with it."""
    return STOPPING.sub(lambda found: found[0][:1].lower(), data)


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
