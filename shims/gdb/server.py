

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
        self.process = None
        self.emulator = None
        self.own_number = 1
        self.state = 'none'  # pending, stopped, running, replaced
        self.asked = b''
        self.replies, self.stops = [], []
        self.is_alone, self.is_selected, self.selected = False, True, b'Hgp0.0'
        self.ended = None

    def serve(self):
        while True:
            sources = [self.gdb] + ([self.emulator] if self.emulator else [])
            if self.state == 'replaced':
                sources.append(self.ending)
            if self.state == 'pending':
                sources.append(self.control)
            is_waited_for = self.state in ('stopped', 'running') and self.threads.held
            ready, _, _ = select.select(sources, [], [], PATIENCE if is_waited_for else None)
            if not ready:
                self.threads.hold_anew(self.stopped)
            if self.control in ready:
                self.take_order()
            if self.emulator in ready:
                self.from_emulator()
            if self.state == 'replaced' and self.ending in ready:
                self.tell_end(self.process.wait())
            if self.gdb in ready and not self.from_gdb():
                return self.end()

    def end(self):
        """gdb is gone: with it goes what it has started."""
        if self.process:
            self.process.kill()

    # What gdb asks.

    def from_gdb(self):
        packets = self.gdb.read()
        if packets is None:
            return False
        for data in packets:
            if data == INTERRUPT:
                if self.process:
                    os.kill(self.process.pid, signal.SIGINT)
                continue
            reply = self.answer(data)
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
            self.process.kill()
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
            if got == b'':
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
        found = self.process.connected()
        self.process.forget_directory()
        if isinstance(found, int):
            self.forget()
            return found
        self.emulator = Stream(found)
        self.emulator.acknowledges = False
        self.threads = Threads(self.process.pid)
        self.stopped = self.process.pid
        self.state = 'stopped'
        self.ask(b'qSupported:multiprocess+;vContSupported+')
        number = self.ask(b'qC')[len(b'QCp') :].partition(b'.')[0]
        self.own_number = int(number, 16)
        return None

    def attach(self, pid):
        print('gdb: process %d was not started by gdb: %s' % (pid, NO_ATTACH), file=sys.stderr)
        return REFUSED

    def detach(self):
        """The emulator goes on telling of signals, and has to be answered, as long as the program runs."""
        process, emulator = self.process, self.emulator
        self.threads.let_all_go()
        self.forget()
        if os.fork() == 0:
            self.gdb.close()
            Detached(process, emulator, self.own_number).serve()
            os._exit(0)
        return OK

    def forget(self):
        self.process = self.emulator = None
        self.replies, self.stops = [], []
        self.state = 'none'
        self.terminal.give(self.terminal.gdb)

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
                self.threads.hold_anew(self.stopped)
            elif not self.read_emulator():
                return b''

    def has_said(self):
        return bool(select.select([self.emulator], [], [], PATIENCE)[0])

    def read_emulator(self):
        """Sorts what has come: stops, which threads tell of by themselves, and replies. False at the end."""
        packets = self.emulator.read()
        for data in packets or ():
            if STOP.match(data):
                self.stops.append(data)
                self.is_selected = False
            else:
                self.replies.append(data)
                self.acknowledge()
        return packets is not None

    def acknowledge(self):
        try:
            self.emulator.socket.sendall(b'+')
        except OSError:
            pass  # it is gone, which reading tells

    def ask_emulator(self, data):
        """Its reply goes to gdb when it is there."""
        self.asked = data
        if data.startswith(RESUMING):
            self.state = 'running'
            self.terminal.give(self.process.pid)
        if not self.is_selected:
            self.select()
        request = self.theirs(data) if data.startswith(NAMING) else data
        if data.startswith(b'Hg'):
            self.selected = request
        self.emulator.send(request)
        if self.state == 'running':
            self.threads.await_start(self.stopped)
            self.is_alone = is_for_some(data)
            if not self.is_alone:
                self.threads.let_all_go()
                self.tell_stop()

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
        """The program has stopped, or ended: of several threads that say so at once, the others are heard when it goes on."""
        found = [data for data in self.stops if not self.is_alone or self.thread_of(data) == self.stopped]
        if self.state != 'running' or not found:
            return
        data = found[0]
        self.stops.remove(data)
        if data[:1] in (b'W', b'X'):
            self.acknowledge()
            return self.tell_end(self.process.wait())
        self.state = 'stopped'
        self.stopped = self.thread_of(data)
        self.threads.hold_but(self.stopped)
        self.acknowledge()
        self.selected = b'Hgp%x.%x' % (self.own_number, self.stopped)
        self.select()
        self.terminal.give(self.terminal.gdb)
        self.gdb.send(self.ours(data))

    def select(self):
        """Whose registers gdb asks for: it takes them to be those of the thread that stopped, the emulator those of the last that did."""
        self.ask(self.selected)
        self.is_selected = True

    def thread_of(self, stop):
        found = THREAD.search(stop)
        return int(found[1], 16) if found else self.stopped

    def emulator_gone(self):
        """The process has ended, as by SIGKILL, or has become another program, which has an emulator of its own that waits for
        nobody: gdb hears of its end."""
        self.emulator = None
        status = self.process.has_ended()
        if status is not None:
            return self.tell_end(status)
        print('gdb: process %d executes another program: %s' % (self.process.pid, NO_EXEC), file=sys.stderr)
        self.state = 'replaced'
        self.ending = os.pidfd_open(self.process.pid)

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


class Detached:
    """What answers the emulator of a program that gdb has left."""

    def __init__(self, process, emulator, number):
        self.process, self.emulator, self.number = process, emulator, number

    def serve(self):
        self.emulator.send(b'D;%x' % self.number)
        while True:
            packets = self.emulator.read()
            if packets is None:
                return
            for data in packets:
                if data.startswith((b'T', b'S')):
                    self.emulator.send(b'C' + data[1:3])
