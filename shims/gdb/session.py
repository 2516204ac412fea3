

# gdb's own side.


class Debugger:
    """Has gdb's `run` and its like go to a server of its own."""

    def __init__(self):
        self.control = None
        self.address = None
        self.has_core = False

    def prepare(self):
        """Before a program is run."""
        check_program(program_of(gdb.selected_inferior()))
        self.connect()

    def connect(self):
        """Unless gdb is connected to somewhere already."""
        inferior = gdb.selected_inferior()
        if inferior.connection is not None and not is_core(inferior):
            return
        directory = private_directory()
        address = os.path.join(directory, 'gdb')
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
            listening.bind(address)
            listening.listen(1)
            self.control, theirs = socket.socketpair()
            fork_server(listening, theirs)
            theirs.close()
            gdb.execute('target extended-remote ' + address, to_string=True)
        os.unlink(address)
        os.rmdir(directory)
        self.address = address

    def begin(self, event):
        """gdb has got its first thread: where that is of a process which the server has made, it is told what to become."""
        if is_core(event.inferior_thread.inferior):
            self.has_core = True
        if self.control is None or not select.select([self.control], [], [], 0)[0]:
            return
        self.control.recv(1)
        try:
            order = order_of(event.inferior_thread.inferior)
            check_program(order['program'])
            self.control.sendall(json.dumps(order).encode() + b'\0')
            status = int(self.control.recv(16))
        except BaseException:  # an interrupt, too
            self.control.close()  # the server ends with it
            self.control = None
            raise
        if status >= 0:
            print('During startup program %s.' % describe_end(status))

    def place_core(self):
        """Once, when gdb has read a core."""
        if self.has_core and is_core(gdb.selected_inferior()):
            place_program_of_core()
        self.has_core = False


def is_core(inferior):
    return inferior.connection is not None and inferior.connection.type == 'core'


def describe_end(status):
    if os.WIFSIGNALED(status):
        return 'terminated with signal %s' % signal.Signals(os.WTERMSIG(status)).name
    return 'exited with code %d' % os.WEXITSTATUS(status)


def order_of(inferior):
    """What is to be run, as gdb's settings have it."""
    return {
        'program': program_of(inferior),
        'arguments': arguments(),
        'directory': gdb.parameter('cwd') or os.getcwd(),
        'shell': gdb.parameter('startup-with-shell'),
        'terminal': gdb.parameter('inferior-tty') or '',
    }


def arguments():
    """As they were typed. Before gdb 14 python's `args` are those of gdb's start."""
    shown = gdb.execute('show args', to_string=True)
    return shown[shown.index('"') + 1 : shown.rindex('"')]


def machine_of(path):
    """Class, byte order and machine, as the file's ELF header has them; None of another file."""
    try:
        with open(path, 'rb') as file:
            head = file.read(20)
    except OSError:
        return None
    return (head[4:6], head[18:20]) if head[:4] == b'\x7fELF' else None


def check_program(path):
    if path is None:
        raise gdb.GdbError('No executable file specified.\nUse the "file" or "exec-file" command.')
    if machine_of(path) is not None and machine_of(path) == machine_of('/proc/self/exe'):
        raise gdb.GdbError('%s is a program of the machine that this session is on: the emulator does not run it' % path)


def program_of(inferior):
    """None where gdb has none."""
    asked = gdb.parameter('remote exec-file')
    if asked:
        return asked
    space = inferior.progspace
    path = getattr(space, 'executable_filename', None) or space.filename
    if path is None:
        return None
    directory, name = os.path.split(path)
    return os.path.join(os.path.realpath(directory), name)


def fork_server(listening, control):
    """The server is a child of nobody's, so that gdb waits for none that it does not know."""
    first = os.fork()
    if first != 0:
        os.waitpid(first, 0)
        return
    try:
        if os.fork() == 0:
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            close_others({listening.fileno(), control.fileno()})
            connection, _ = listening.accept()
            listening.close()
            Server(connection, control).serve()
    except SystemExit:
        pass
    except BaseException:
        import traceback

        traceback.print_exc()
    os._exit(0)


def close_others(kept):
    for name in os.listdir('/proc/self/fd'):
        if int(name) > 2 and int(name) not in kept:
            try:
                os.close(int(name))
            except OSError:
                pass  # the directory's own


# For gdbs elsewhere: on the host, of an editor.


def serve(port):
    """Runs gdb's program when another gdb comes to the port, and ends as it does."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(('127.0.0.1', port))
    except OSError as error:
        raise gdb.GdbError('port %d of 127.0.0.1: %s' % (port, error.strerror))
    listening.listen(1)
    order = order_of(gdb.selected_inferior())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)  # gdb would have them for a prompt
    check_program(order['program'])
    print("%s waits for gdb: target remote 127.0.0.1:%d" % (order['program'], port), file=sys.stderr, flush=True)
    connection = accept_gdb(listening)
    listening.close()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = Server(connection, None)
    server.terminal.fd = None  # gdb has another one
    server.process = Process()
    failed = server.begin(order)
    if failed is None:
        server.serve()
    ended = server.ended if failed is None else failed
    sys.stdout.flush()
    os._exit(0 if ended is None else exit_status(ended))


def accept_gdb(listening):
    """The first that connects and speaks as gdb does."""
    waiting = []
    while True:
        for ready in select.select([listening, *waiting], [], [])[0]:
            if ready is listening:
                waiting.append(listening.accept()[0])
                continue
            try:
                begins = ready.recv(1, socket.MSG_PEEK)
            except OSError:
                begins = b''
            waiting.remove(ready)
            if begins in (b'+', b'$'):
                for other in waiting:
                    other.close()
                return ready
            ready.close()


def exit_status(ended):
    return 128 + os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else os.WEXITSTATUS(ended)


def define_commands(debugger):
    class PlaceCore(gdb.Command):
        """Place the program of a core where it was loaded; before a prompt, this is done anyway."""

        def __init__(self):
            super().__init__('xbuild-place-core', gdb.COMMAND_FILES)

        def invoke(self, _argument, _from_tty):
            debugger.place_core()

    class Serve(gdb.Command):
        """Run the program when a gdb comes to a port of 127.0.0.1."""

        def __init__(self):
            super().__init__('xbuild-serve', gdb.COMMAND_RUNNING)

        def invoke(self, argument, _from_tty):
            serve(int(argument))

    Serve()
    PlaceCore()


# What gdb sets up before a program is run, and the hooks of users, which stay.
COMMANDS = {'run': 'prepare', 'start': 'prepare', 'starti': 'prepare', 'attach': 'connect'}


def users_hook(command):
    try:
        lines = gdb.execute('show user hook-' + command, to_string=True).split('\n')
    except gdb.error:
        return ''
    return '\n'.join(lines[1:]).rstrip()


def is_asked_at_once(words):
    """Whether gdb asks for a way to run programs before it runs a command: another program drives it (MI), or a process's number is
    among its arguments."""
    drives = any(re.match('--?(i|interp|interpreter)(=|$)', word) for word in words)
    return drives or any(re.match('--?p(id)?(=|$)', word) for word in words) or words[-1].isdigit()


def set_up():
    import gdb as module

    global gdb
    gdb = module
    debugger = Debugger()
    gdb.xbuild_debugger = debugger
    # Compiled modules of python: the host's, where the root has the target's.
    sys.path.append('%s/python%d.%d/lib-dynload' % (KNOWN['libraries'], *sys.version_info[:2]))
    for setting in ('sysroot /', 'auto-connect-native-target off', 'can-use-hw-watchpoints 0'):
        gdb.execute('set ' + setting, to_string=True)
    for command, action in COMMANDS.items():
        lines = 'python gdb.xbuild_debugger.%s()\n%s' % (action, users_hook(command))
        gdb.execute('define hook-%s\n%s\nend' % (command, lines), to_string=True)
    gdb.events.new_thread.connect(debugger.begin)
    gdb.events.before_prompt.connect(debugger.place_core)
    define_commands(debugger)
    with open('/proc/self/cmdline') as file:
        if is_asked_at_once(file.read().split('\0')[:-1]):
            debugger.connect()


set_up()
