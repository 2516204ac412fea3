

class Emulator(Stops):
    """Of a Server: what it asks the emulator, and hears from it."""

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

    def select(self):
        """Whose registers gdb asks for: it takes them to be those of the thread that stopped, the emulator those of the last that did."""
        self.ask(self.selected)
        self.is_selected = True

    def emulator_gone(self):
        """The process ends, as by SIGKILL; or becomes another program, which has an emulator of its own that waits for nobody; or has
        closed all descriptors that there are. The kernel says which, in a moment."""
        self.emulator = None
        self.is_awaited = self.state == 'running'
        self.state = 'lost'
        self.lost_at, self.is_lost_for_good = time.monotonic(), False

    def look_for_end(self):
        self.threads.hear()
        if self.process.ended is not None:
            return self.tell_end(self.process.ended) if self.is_awaited else None
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
