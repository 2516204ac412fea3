

# All threads of a program stop together. When one stops, the emulator lets the others run until they stop as well, and each of them
# then speaks for itself, on the same socket (gdbstub, gdb_handlesig): two that speak at once understand nothing. So the others are
# held where they are, by the kernel, while one stops.

# man 2 ptrace; __WALL of man 2 wait.
PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
EVERY_THREAD = 0x40000000
# read(2), with which a thread waits for gdb: the number of x86-64, the only host that there is.
READ = '0'
PAUSE = 0.0002
MOST_LOOKS = 5000


class Threads:
    def __init__(self, pid):
        self.pid = pid
        self.emulators_own = set(self.all()) - {pid}
        self.held = {}  # with the signal that each was about to get

    def all(self):
        try:
            return [int(name) for name in os.listdir('/proc/%d/task' % self.pid)]
        except FileNotFoundError:
            return []

    def programs(self):
        return [thread for thread in self.all() if thread not in self.emulators_own]

    def hold_but(self, first):
        self.let_go(first)
        seen = {first}
        while new := [thread for thread in self.programs() if thread not in seen and thread not in self.held]:
            for thread in new:  # one that is not held yet may begin another
                seen.add(thread)
                self.hold(thread)

    def hold(self, thread):
        if ptrace(PTRACE_SEIZE, thread) != 0:
            return  # it has ended, or nobody may
        ptrace(PTRACE_INTERRUPT, thread)
        try:
            status = os.waitpid(thread, EVERY_THREAD)[1]
        except ChildProcessError:
            return
        if os.WIFSTOPPED(status):
            self.held[thread] = 0 if status >> 16 else os.WSTOPSIG(status)

    def let_go(self, thread):
        if thread in self.held:
            ptrace(PTRACE_DETACH, thread, self.held.pop(thread))

    def let_all_go(self):
        for thread in list(self.held):
            self.let_go(thread)

    def hold_anew(self, first):
        """Where the one that was asked says nothing, since it waits for what a held one has: they run a little."""
        if self.waits(first):
            return
        self.let_all_go()
        time.sleep(PAUSE)
        self.hold_but(first)

    def await_start(self, thread):
        """Until a thread has read that it is to go on: the emulator has one word for whether all do, which the next that stops takes
        back."""
        for _ in range(MOST_LOOKS):
            if not self.waits(thread):
                return
            time.sleep(PAUSE)

    def waits(self, thread):
        try:
            with open('/proc/%d/task/%d/syscall' % (self.pid, thread)) as file:
                call, number, *_ = file.read().split()
            return call == READ and os.readlink('/proc/%d/fd/%d' % (self.pid, int(number, 16))).startswith('socket:')
        except (OSError, ValueError):
            return False


def ptrace(request, thread, signal_number=0):
    import ctypes  # few programs need it

    call = ctypes.CDLL(None).ptrace
    call.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
    call.restype = ctypes.c_long
    return call(request, thread, None, signal_number)
