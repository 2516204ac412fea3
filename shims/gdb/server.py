

# Between gdb and the emulator.


class Server:
    """Serves one gdb. `control`: a socket on which that says what it wants run, when a process is there to become it; None where a
    program runs already, which ends with it."""

    def __init__(self, connection, control):
        self.gdb = Stream(connection)
        self.control = control
        self.files = Files()
        self.terminal = Terminal()
        self.environment = dict(os.environ)
        self.wake = woken_by_children()
        self.passed = ()
        self.process = None
        self.emulator = None
        self.threads = None
        self.own_number = 1
        self.state = 'none'  # pending, stopped, running, lost: without an emulator
        self.asked = b''
        self.forget_stops()
        self.is_alone, self.is_selected, self.selected = False, True, b'Hgp0.0'
        self.ended = None

    def serve(self):
        while True:
            sources = [self.gdb] + ([self.emulator] if self.emulator else [])
            if self.state == 'pending':
                sources.append(self.control)
            ready = self.ready(sources, self.patience())
            if not ready and self.state in ('stopped', 'running'):
                self.look_at_threads()
            if self.control in ready:
                self.take_order()
            if self.emulator in ready:
                self.from_emulator()
            if self.state == 'lost':
                self.look_for_end()
            if self.gdb in ready and not self.from_gdb():
                return self.end()

    def patience(self):
        """How long nothing may come before a look at the program: seconds; None where that would tell nothing."""
        if self.state == 'lost':
            return None if self.is_lost_for_good else END_PATIENCE
        if self.state in ('stopped', 'running') and (self.threads.held or self.looks > 0):
            return PATIENCE
        return None

    def look_at_threads(self):
        if self.threads.held:
            return self.threads.let_pass(self.stopped)
        self.looks -= 1
        self.silent = self.find_silent()
        return self.tell_stop()

    def ready(self, sources, timeout=None):
        """Those of them that have something to read. What the kernel says of the program's threads is heard meanwhile."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if end is None else max(0, end - time.monotonic())
            found, _, _ = select.select([*sources, self.wake], [], [], left)
            if self.wake not in found:
                return found
            os.read(self.wake, 4096)
            if self.threads:
                self.threads.hear()
            if len(found) > 1 or self.state == 'lost':
                return [source for source in found if source != self.wake]

    def end(self):
        """gdb is gone: with it goes what it has started."""
        if self.process:
            self.ended = self.process.kill()

    # What gdb asks.

    def from_gdb(self):
        packets = self.gdb.read()
        if packets is None:
            return False
        for data in packets:
            if data == INTERRUPT:
                if self.process:
                    self.process.interrupt()
                continue
            try:
                reply = self.answer(data)
            except (ValueError, TypeError, IndexError):
                reply = REFUSED  # what gdb does not send
            if reply is not None:
                self.gdb.send(reply)
            if data == b'QStartNoAckMode':
                self.gdb.acknowledges = False
        return True

    def answer(self, data):
        """The reply, or None where it comes later."""
        if data.startswith(b'qSupported'):
            return b';'.join(FEATURES + (PROGRAM_FEATURES if self.control is None else ()))
        if data in (b'!', b'QStartNoAckMode') or data.startswith(OWN_SETTINGS):
            return self.setting(data)
        if data.startswith(b'vFile:'):
            return self.files.answer(data[len(b'vFile:') :])
        if data == b'vCont?':
            return b'vCont;c;C;s;S'
        if data == b'vMustReplyEmpty':
            return EMPTY
        if data.startswith((b'vRun;', b'vAttach;')) and self.control is None:
            return EMPTY
        if data.startswith(b'vRun;'):
            return self.run()
        if data.startswith(b'vAttach;'):
            return self.attach(int(data[len(b'vAttach;') :], 16))
        if self.process is None:
            return self.without_process(data)
        return self.with_process(data)

    def setting(self, data):
        name, _, value = data.partition(b':')
        if name == b'QEnvironmentReset':
            self.environment = dict(os.environ)
        if name == b'QEnvironmentHexEncoded':
            variable, _, content = os.fsdecode(from_hex(value)).partition('=')
            self.environment[variable] = content
        if name == b'QEnvironmentUnset':
            self.environment.pop(os.fsdecode(from_hex(value)), None)
        if name == b'QPassSignals':
            self.passed = passed_signals(value)
            if self.threads:
                self.threads.passed = self.passed
        return OK

    def without_process(self, data):
        if data == b'?':
            return b'W00'
        if data == b'qfThreadInfo':
            return b'l'
        if data.startswith(b'qXfer:'):
            return REFUSED
        return OK if data.startswith((b'H', b'vKill', b'k')) else EMPTY

    def with_process(self, data):
        if data.startswith((b'vKill;', b'k')):
            self.ended = self.process.kill()
            self.forget()
            return OK
        if data.startswith(b'D'):
            return self.detach()
        if data.startswith(b'qAttached'):
            return b'0'
        if self.state == 'pending':
            self.take_order()
        if data.startswith(b'qXfer:threads:read::'):
            return part_of(self.thread_list(), data[len(b'qXfer:threads:read::') :])
        if data.startswith(b'qXfer:exec-file:read:'):
            return part_of(os.fsencode(self.program), data.rpartition(b':')[2])
        if self.emulator is None:
            return REFUSED
        if data.startswith((b'Z', b'z')):
            return self.breakpoints.answer(data)
        self.ask_emulator(data)
        return None

    # Processes.

    def run(self):
        """gdb is told of a process that is nothing yet: it says what it wants to be run when it knows that."""
        if self.process:
            self.process.kill()
            self.forget()
        self.process = Process()
        self.state = 'pending'
        self.control.sendall(b'\n')
        return b'T05thread:p%x.%x;' % (self.process.pid, self.process.pid)

    def take_order(self):
        order = b''
        while not order.endswith(b'\0'):
            got = self.control.recv(65536)
            if got == b'':  # gdb knows of no program, or is gone
                self.end()
                sys.exit()
            order += got
        status = self.begin(json.loads(order[:-1]))
        self.control.sendall(b'%d' % (-1 if status is None else status))
        if status is not None:
            sys.exit()  # gdb takes the end of the connection for the program's

    def begin(self, order):
        """Returns how it ended, where it does so before its first instruction."""
        order['environment'] = {**self.environment, **order.get('environment', {})}
        order['group'] = self.terminal.fd is not None
        self.program = order['program']
        self.process.begin(order)
        self.terminal.give(self.process.pid)
        found = self.process.connected(self.is_wanted)
        if found is None:
            status = self.process.kill()
            self.forget()
            return status
        self.process.forget_directory()
        self.terminal.give(self.terminal.gdb)
        self.emulator = Stream(found)
        self.emulator.acknowledges = False
        self.threads = Threads(self.process)
        self.threads.passed = self.passed
        self.stopped = self.process.pid
        self.state = 'stopped'
        self.ask(b'qSupported:multiprocess+;vContSupported+')
        number = self.ask(b'qC')[len(b'QCp') :].partition(b'.')[0]
        self.own_number = int(number, 16)
        return None

    def is_wanted(self):
        """gdb says nothing while a program begins, but that it has lost patience with it."""
        waiting = self.gdb if self.control is None else self.control
        return not select.select([waiting], [], [], 0)[0]

    def attach(self, pid):
        print('gdb: process %d was not started by gdb: %s' % (pid, NO_ATTACH), file=sys.stderr)
        return REFUSED

    def detach(self):
        """The emulator goes on telling of signals, and has to be answered, as long as the program runs."""
        process, emulator = self.process, self.emulator
        self.set_breakpoints(self.breakpoints.due())
        self.threads.leave()
        self.forget()
        detached = Detached(process, emulator, self.own_number)
        if self.control is None:
            self.gdb.send(OK)
            detached.serve()
            self.ended = process.wait()
            return None
        if os.fork() == 0:
            self.gdb.close()
            detached.serve()
            os._exit(0)
        return OK

    def forget(self):
        self.process = self.emulator = self.threads = None
        self.forget_stops()
        self.state = 'none'
        self.terminal.give(self.terminal.gdb)

    def forget_stops(self):
        self.replies, self.breakpoints = [], Breakpoints()
        self.said, self.is_end_said = {}, False  # by thread: for which signal it has stopped
        self.silent, self.put_off, self.looks = [], {}, 0
        self.after_step = None

    def tell_end(self, status):
        pid = self.process.pid
        self.forget()
        self.ended = status
        self.gdb.send(end_reply(status, pid))

    # The emulator.

    def theirs(self, data):
        return data.replace(b'p%x.' % self.process.pid, b'p%x.' % self.own_number)

    def ours(self, data):
        pid = b'p%x.' % self.process.pid
        for number in (b'p%02x.' % self.own_number, b'p%x.' % self.own_number):
            data = data.replace(number, pid)
        return data

    def ask(self, data):
        """The emulator's reply, as it is."""
        self.emulator.send(data)
        while True:
            if self.replies:
                return self.replies.pop(0)
            if not self.has_said():
                self.threads.let_pass(self.stopped)
            elif not self.read_emulator():
                return b''

    def has_said(self):
        return bool(self.ready([self.emulator], PATIENCE))

    def read_emulator(self):
        """Sorts what has come: stops, which threads tell of by themselves, and replies. False at the end."""
        packets = self.emulator.read()
        for data in packets or ():
            if STOP.match(data):
                self.note_stop(data)
            else:
                self.replies.append(data)
                self.acknowledge()
        return packets is not None

    def note_stop(self, data):
        """Threads that write at once write into each other's text: it may tell of several."""
        self.is_selected = False
        self.is_end_said = self.is_end_said or data[:1] in (b'W', b'X')
        for number, thread in SAID.findall(data):
            self.said[int(thread, 16)] = int(number, 16)

    def read_rest(self):
        while select.select([self.emulator], [], [], 0)[0] and self.read_emulator():
            pass

    def acknowledge(self):
        try:
            self.emulator.socket.sendall(b'+')
        except OSError:
            pass  # it is gone, which reading tells

    def ask_emulator(self, data):
        """Its reply goes to gdb when it is there."""
        self.asked = data
        if not self.is_selected:
            self.select()
        if data.startswith(RESUMING):
            return self.resume(without_stopping(data))
        request = self.theirs(data) if data.startswith(NAMING) else data
        if data.startswith(b'Hg'):
            self.selected = request
        self.emulator.send(request)

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
        self.threads.await_start(thread, self.emulator)

    def from_emulator(self):
        is_there = self.read_emulator()
        while self.replies:
            data = self.replies.pop(0)
            if data == EMPTY and self.asked.startswith(b'qXfer:'):
                data = REFUSED  # it has been promised before anybody could ask the emulator
            self.gdb.send(self.ours(data) if self.asked.startswith(NAMED) else data)
        self.tell_stop()
        if not is_there and self.emulator:
            self.emulator_gone()

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

    def select(self):
        """Whose registers gdb asks for: it takes them to be those of the thread that stopped, the emulator those of the last that did."""
        self.ask(self.selected)
        self.is_selected = True

    def emulator_gone(self):
        """The process ends, as by SIGKILL; or becomes another program, which has an emulator of its own that waits for nobody; or has
        closed all descriptors that there are. The kernel says which, in a moment."""
        self.emulator = None
        self.state = 'lost'
        self.lost_at, self.is_lost_for_good = time.monotonic(), False

    def look_for_end(self):
        self.threads.hear()
        if self.process.ended is not None:
            return self.tell_end(self.process.ended)
        is_late = time.monotonic() - self.lost_at >= END_PATIENCE
        if not self.is_lost_for_good and (self.threads.has_executed or is_late):
            self.is_lost_for_good = True
            why = NO_EXEC if self.threads.has_executed else NO_DESCRIPTOR
            print('gdb: process %d %s' % (self.process.pid, why), file=sys.stderr)
        return None

    def thread_list(self):
        threads, reply = [], self.ask(b'qfThreadInfo')
        while reply.startswith(b'm'):
            threads += reply[1:].split(b',')
            reply = self.ask(b'qsThreadInfo')
        lines = b''.join(b'<thread id="%s" name="%s"/>' % (self.ours(thread), self.thread_name(thread)) for thread in threads)
        return b'<?xml version="1.0"?><threads>%s</threads>' % lines

    def thread_name(self, thread):
        try:
            with open('/proc/%d/task/%d/comm' % (self.process.pid, int(thread.partition(b'.')[2], 16)), 'rb') as file:
                name = file.read().rstrip(b'\n')
        except (OSError, ValueError):
            return b''
        return name.replace(b'&', b'&amp;').replace(b'<', b'&lt;').replace(b'"', b'&quot;')


def woken_by_children():
    """What can be read from when the kernel says something of a child or a thread."""
    reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader


class Detached:
    """What answers the emulator of a program that gdb has left."""

    def __init__(self, process, emulator, number):
        self.process, self.emulator, self.number = process, emulator, number
        self.emulator.acknowledges = True

    def serve(self):
        self.emulator.send(b'D;%x' % self.number)
        while True:
            packets = self.emulator.read()
            if packets is None:
                return
            for data in packets:
                if data.startswith((b'T', b'S')):
                    self.emulator.send(b'C' + data[1:3])
