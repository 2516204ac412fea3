

# What stops and goes on: threads of the program, with the emulator's one word for all of them.


class Breakpoints:
    """Those that gdb wants, and those that the emulator has. To step one thread, gdb takes away the breakpoint that it stands at; but
    the others may have to run a little meanwhile, and would pass it. A thread that steps passes it anyway (QEMU, accel/tcg,
    check_for_breakpoints). So the emulator hears of those that gdb has taken away when all threads go on."""

    def __init__(self):
        self.wanted, self.set = set(), set()

    def answer(self, data):
        """`Z0,ADDRESS,KIND`, or `z` to remove one; there are no watchpoints, of other numbers."""
        if data[1:2] not in (b'0', b'1'):
            return EMPTY
        (self.wanted.add if data[:1] == b'Z' else self.wanted.discard)(data[1:])
        return OK

    def new(self):
        """What the emulator has to be told of those that have come."""
        new = self.wanted - self.set
        self.set |= new
        return [b'Z' + place for place in new]

    def due(self):
        """The same of all."""
        gone = self.set - self.wanted
        self.set -= gone
        return [b'z' + place for place in gone] + self.new()


class Stops:
    """Of a Server: how gdb hears that threads have stopped, and has them go on."""

    def forget_stops(self):
        self.replies, self.breakpoints = [], Breakpoints()
        self.said, self.is_end_said = {}, False  # by thread: for which signal it has stopped
        self.silent, self.put_off, self.looks = [], {}, 0
        self.after_step = None

    def look_at_threads(self):
        if self.threads.held:
            return self.threads.let_pass(self.stopped)
        self.looks -= 1
        if self.emulator.is_read():  # by the one that goes on
            self.silent = self.find_silent()
        return self.tell_stop()

    def note_stop(self, data):
        """Threads that write at once write into each other's text: it may tell of several."""
        self.is_selected = False
        self.is_end_said = self.is_end_said or data[:1] in (b'W', b'X')
        for number, thread in SAID.findall(data):
            self.said[int(thread, 16)] = int(number, 16)

    def resume(self, data):
        self.state = 'running'
        self.terminal.give(self.process.pid)
        self.is_alone = is_for_some(data)
        if is_step_of_some(data):
            return self.start(self.stopped, self.theirs(data))
        if self.is_alone:
            self.set_breakpoints(self.breakpoints.new())
            self.after_step = self.theirs(data)
            return self.start(self.stopped, b'vCont;s:p%x.%x' % (self.own_number, self.stopped))
        self.set_breakpoints(self.breakpoints.due())
        self.put_off[self.stopped] = signal_for(data, self.stopped)
        if self.has_more_stops():
            return self.tell_stop()
        del self.put_off[self.stopped]
        self.start(self.stopped, self.theirs(data))
        for thread, number in self.put_off.items():
            self.threads.hold_but(thread)
            action = b'c' if number is None else b'C' + number
            self.start(thread, b'vCont;%s:p%x.%x' % (action, self.own_number, thread))
        self.put_off, self.looks = {}, LOOKS
        self.threads.let_all_go()
        return self.tell_stop()

    def has_more_stops(self):
        self.read_rest()
        self.silent = self.find_silent()
        return bool(self.said or self.silent)

    def set_breakpoints(self, requests):
        for request in requests:
            self.ask(request)

    def start(self, thread, request):
        self.emulator.send(request)
        if self.put_off:  # it is held again at once
            self.threads.await_start(thread, self.emulator)

    def tell_stop(self):
        """The program has stopped, or ended: of several threads that stop at once, gdb hears of the others when it lets the program go
        on, which the program does when gdb has heard of all."""
        if self.state != 'running':
            return
        if self.is_end_said:
            self.acknowledge()
            return self.tell_end(self.process.wait())
        if self.is_alone:
            stopped = [self.stopped] if self.stopped in self.said else []
            if stopped and self.after_step and self.said[self.stopped] == TRAP:
                return self.go_on_alone()
        else:
            stopped = [*self.said, *self.silent]
        if stopped:
            self.tell(stopped[0])

    def go_on_alone(self):
        """A thread that is to run alone has left the breakpoint that it stood at."""
        request, self.after_step = self.after_step, None
        del self.said[self.stopped]
        self.acknowledge()
        self.start(self.stopped, request)

    def tell(self, thread):
        self.state, self.stopped, self.after_step = 'stopped', thread, None
        self.threads.hold_but(thread)
        self.read_rest()
        is_breakpoint = not is_step_of_some(self.asked) and thread not in self.threads.given
        number = self.threads.meaning(thread, self.said.pop(thread, None))
        self.acknowledge()
        self.selected = b'Hgp%x.%x' % (self.own_number, thread)
        self.select()
        self.terminal.give(self.terminal.gdb)
        reason = BREAKPOINT if is_breakpoint and number == TRAP else b''
        self.gdb.send(b'T%02xthread:p%x.%x;%s' % (number, self.process.pid, thread, reason))

    def find_silent(self):
        """Threads that have stopped as well and say nothing: since QEMU 8.1 one says so for each time that gdb lets the program go
        on (gdbstub, allow_stop_reply), and those after it wait for gdb all the same."""
        known = {*self.said, *self.put_off}
        return [thread for thread in self.threads.programs() if thread not in known and self.threads.awaits_gdb(thread)]
