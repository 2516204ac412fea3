

# The emulator's threads as the kernel sees them. The server traces them, for two reasons.
#
# All threads of a program stop together. When one stops, the emulator lets the others run until they stop as well, and each of
# them then reads from the same socket (gdbstub, gdb_handlesig): two that do understand nothing. So the others are held where they
# are while one stops.
#
# And QEMU 10 takes no signal that the program has not asked for but those that leave a core (linux-user, signal_init): Ctrl-C would
# end the program, and gdb hear of it no sooner. So such a signal is handed to the emulator as another one, which it does take, and
# what it says of that is said of the right one.

# man 2 ptrace; __WALL of man 2 wait.
PTRACE_CONT, PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 7, 17, 0x4206, 0x4207
# New threads are traced as well; exec is told of; and all ends when the server does.
TRACE_CLONE, TRACE_EXEC, END_WITH_TRACER = 1 << 3, 1 << 4, 1 << 20
EVENT_EXEC = 4
EVERY_THREAD = 0x40000000
# With which call a thread waits to be told what to do, read(2); until gdb has heard that it has stopped, recvfrom(2); and for another
# thread, futex(2). The numbers of x86-64, the only host that there is.
READS, AWAITS, FUTEX = ('0',), ('0', '45'), '202'
PAUSE, PASSING = 0.0002, 0.002
# Seconds on a processor, some times what the emulator takes to read a request.
LEAVING = 0.0003
MOST_LOOKS = 5000
NOBODY = 0
# Signals that the emulator takes always, unless the program ignores them.
VEHICLES = (signal.SIGQUIT, signal.SIGTRAP, signal.SIGFPE)
# Those that the emulator gets for what it does itself.
FAULTS = (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL)


class Threads:
    """`process` is an emulator that waits for gdb, with its first thread. Threads that nobody may trace are left alone."""

    def __init__(self, process):
        self.process, self.pid = process, process.pid
        self.held = {}  # with the signal that each is about to get
        self.only = self.pid  # who may run, beside the emulator's own; None: all
        self.passed = ()  # signals that gdb does not want to hear of
        self.given = {}  # by thread: the signal that it got last, and the one that was meant, until it has told gdb
        self.has_executed = False
        self.await_gdb(self.pid)
        self.socket = self.socket_of(self.pid, READS)
        self.emulators_own = set(self.all()) - {self.pid}
        for thread in self.all():
            ptrace(PTRACE_SEIZE, thread, TRACE_CLONE | TRACE_EXEC | END_WITH_TRACER)

    def all(self):
        try:
            return [int(name) for name in os.listdir('/proc/%d/task' % self.pid)]
        except FileNotFoundError:
            return []

    def programs(self):
        return [thread for thread in self.all() if thread not in self.emulators_own]

    # What the kernel says.

    def hear(self):
        """Takes what there is, without waiting."""
        while self.process.ended is None:
            try:
                thread, status = os.waitpid(-1, EVERY_THREAD | os.WNOHANG)
            except ChildProcessError:
                return
            if thread == 0:
                return
            self.take(thread, status)

    def take(self, thread, status):
        if not os.WIFSTOPPED(status):
            self.held.pop(thread, None)
            self.process.note(thread, status)
            return
        event = status >> 16
        if event == EVENT_EXEC:
            self.has_executed = True
            self.held.clear()
            ptrace(PTRACE_DETACH, thread)
            return
        self.held[thread] = 0 if event else os.WSTOPSIG(status)
        if self.only in (None, thread) or thread in self.emulators_own:
            self.let_go(thread)

    def hold_but(self, first):
        self.only = first
        self.let_go(first)
        seen = {first}
        while new := [thread for thread in self.programs() if thread not in seen and thread not in self.held]:
            for thread in new:  # one that is not held yet may begin another
                seen.add(thread)
                self.hold(thread)

    def hold(self, thread):
        if ptrace(PTRACE_INTERRUPT, thread) != 0:
            return  # it has ended, or nobody may
        while thread not in self.held and self.state(thread) not in ('Z', 'X'):
            try:
                found, status = os.waitpid(thread, EVERY_THREAD | os.WNOHANG)
            except ChildProcessError:
                return
            if found:
                self.take(thread, status)
                if not os.WIFSTOPPED(status):
                    return
            else:
                time.sleep(PAUSE)

    def let_go(self, thread):
        if thread in self.held:
            ptrace(PTRACE_CONT, thread, self.handed(thread, self.held.pop(thread)))

    def let_all_go(self):
        self.only = None
        for thread in list(self.held):
            self.let_go(thread)

    def leave(self):
        """Traces them no more."""
        self.emulators_own = set()
        self.hold_but(NOBODY)
        for thread, number in self.held.items():
            ptrace(PTRACE_DETACH, thread, number)
        self.held.clear()

    def let_pass(self, first):
        """Where the one that was asked says nothing, since it waits until held ones have left what they are in: translated code, or
        what a lock is for. They go on no longer than they must, one after the other: they would run on."""
        if self.call(first)[0] != FUTEX:
            return
        calls = {thread: self.call(thread)[0] for thread in self.held}
        goes_on = lambda: self.call(first)[0] != FUTEX
        for thread, call in calls.items():
            if not call.isdigit() and not goes_on():
                self.let_some_pass([thread], lambda thread=thread: goes_on() or self.call(thread)[0].isdigit())
        if not goes_on():
            self.let_some_pass([thread for thread, call in calls.items() if call == FUTEX], goes_on)

    def let_some_pass(self, threads, is_enough):
        for thread in threads:
            self.let_go(thread)
        end = time.monotonic() + PASSING
        while time.monotonic() < end and not is_enough():
            pass
        for thread in threads:
            self.hold(thread)

    # Signals.

    def handed(self, thread, number):
        """What a thread gets for a signal, so that gdb hears of it."""
        if number not in SIGNALS or number in FAULTS:
            return number
        caught, blocked = self.signals_of(thread)
        if has_signal(caught, number):
            self.given[thread] = (number, number)
            return number
        if number in self.passed:
            return number
        for vehicle in VEHICLES:
            if has_signal(caught, vehicle) and not has_signal(blocked, vehicle):
                self.given[thread] = (vehicle, number)
                return vehicle
        return number

    def signals_of(self, thread):
        """Those that the emulator takes, and those that this thread does not take now."""
        fields = self.fields(thread)
        return int(fields.get('SigCgt', '0'), 16), int(fields.get('SigBlk', '0'), 16)

    def state(self, thread):
        return self.fields(thread).get('State', 'X')[0]

    def fields(self, thread):
        try:
            with open('/proc/%d/task/%d/status' % (self.pid, thread)) as file:
                return dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)
        except OSError:
            return {}

    def meaning(self, thread, number):
        """gdb's number of the signal for which a thread has stopped. It says one, which may stand for another; or nothing (None): then
        it is the signal that it got, or a breakpoint's. A fault comes again when it goes on."""
        got, meant = self.given.get(thread, (signal.SIGTRAP, signal.SIGTRAP))
        if number is None or SIGNALS[got] == number:
            self.given.pop(thread, None)
            return SIGNALS[meant]
        return number

    # Where they are.

    def await_start(self, thread, stream):
        """Until a thread has read that it is to go on, and has left what reads that. Others have been held, so what the process
        takes of the processor is this thread's."""
        begin = None
        for _ in range(MOST_LOOKS):
            self.hear()  # it may be about to get a signal
            if stream.is_read():
                begin = begin or processor_time(self.pid)
                if self.call(thread)[0].isdigit() or processor_time(self.pid) - begin >= LEAVING:
                    return
            time.sleep(PAUSE)

    def await_gdb(self, thread):
        for _ in range(MOST_LOOKS):
            if (self.socket_of(thread, READS) or '').startswith('socket:'):
                return
            time.sleep(PAUSE)

    def awaits_gdb(self, thread):
        return self.socket_of(thread, AWAITS) == self.socket

    def call(self, thread):
        """The system call in which a thread is, and its arguments; `running` in none."""
        try:
            with open('/proc/%d/task/%d/syscall' % (self.pid, thread)) as file:
                return file.read().split()
        except OSError:
            return ['running']

    def socket_of(self, thread, calls):
        """What a thread is at with one of these calls, if it is."""
        call, *arguments = self.call(thread)
        if call not in calls:
            return None
        try:
            return os.readlink('/proc/%d/fd/%d' % (self.pid, int(arguments[0], 16)))
        except (OSError, IndexError):
            return None


def processor_time(pid):
    """Seconds. The number of another process's clock is as clock_getcpuclockid(3) makes it."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return float('inf')  # it has ended


def has_signal(mask, number):
    return bool(mask >> (number - 1) & 1)


def ptrace(request, thread, data=0):
    import ctypes  # few programs need it

    call = ctypes.CDLL(None).ptrace
    call.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
    call.restype = ctypes.c_long
    return call(request, thread, None, data)
