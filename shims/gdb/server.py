

# Between gdb and the emulator.


class Server(Emulator):
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
            return self.without_emulator(data)
        if data.startswith((b'Z', b'z')):
            return self.breakpoints.answer(data)
        if data == b'?':  # the emulator would forget its breakpoints
            return b'T%02xthread:p%x.%x;' % (TRAP, self.process.pid, self.stopped)
        self.ask_emulator(data)
        return None

    def without_emulator(self, data):
        if not data.startswith(RESUMING):
            return REFUSED
        self.is_awaited = True
        self.look_for_end()
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
        """Whether gdb is still there, and waits for a program that begins."""
        waiting = self.gdb.socket if self.control is None else self.control
        try:
            return waiting.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b''
        except BlockingIOError:
            return True
        except OSError:
            return False

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

    def tell_end(self, status):
        pid = self.process.pid
        self.forget()
        self.ended = status
        self.gdb.send(end_reply(status, pid))


def woken_by_children():
    """What can be read from when the kernel says something of a child or a thread."""
    reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader
