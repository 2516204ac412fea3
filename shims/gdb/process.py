

# A program that is started under the emulator, which waits for its debugger before the first instruction.

# Shells that take `NAME=VALUE exec PROGRAM`; another one's language is another.
SHELLS = ('ash', 'bash', 'dash', 'ksh', 'mksh', 'sh', 'zsh')
# What the emulator takes from the variables, and none of its program's children is to have: QEMU, linux-user/main.c.
EMULATOR_VARIABLES = 'QEMU_GDB,QEMU_UNSET_ENV'


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def shell_of(environment):
    shell = environment.get('SHELL', '')
    return shell if os.path.basename(shell) in SHELLS else '/bin/sh'


def private_directory():
    path = '/tmp/gdb-' + os.urandom(8).hex()
    os.mkdir(path, 0o700)
    return path


def restore_signals():
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            pass  # one that nobody may change


def split_words(text):
    import shlex

    return shlex.split(text)


class Process:
    """One that has been forked, and waits to be told what it is to become: so its number is known before."""

    def __init__(self):
        self.directory = private_directory()
        self.emulator = os.path.join(self.directory, 'socket')
        self.ended = None  # how, as os.waitpid says it
        reader, self.order = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.order)
                with os.fdopen(reader, 'rb') as orders:
                    self.become(json.loads(orders.read()))
            except BaseException as error:
                print('gdb: %s' % error, file=sys.stderr)
            os._exit(127)
        os.close(reader)

    def begin(self, order):
        if order['group']:
            os.setpgid(self.pid, self.pid)
        with os.fdopen(self.order, 'wb') as orders:
            orders.write(json.dumps(order).encode())

    def become(self, order):
        """`order`: program, arguments (as they were typed), directory, environment, shell (whether there is to be one), and group
        and terminal (of a process group, or a terminal, of its own)."""
        if order['terminal']:
            os.setsid()
            opened = os.open(order['terminal'], os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(opened, number)
        elif order['group']:
            os.setpgid(0, 0)
        restore_signals()
        os.chdir(order['directory'])
        environment, program, arguments = order['environment'], order['program'], order['arguments']
        if order['shell']:
            shell = shell_of(environment)
            variables = 'QEMU_GDB=%s QEMU_UNSET_ENV=%s XBUILD_EMULATE="$$ debugged"' % (quoted(self.emulator), EMULATOR_VARIABLES)
            os.execve(shell, [shell, '-c', '%s exec %s %s' % (variables, quoted(program), arguments)], environment)
        own = {'QEMU_GDB': self.emulator, 'QEMU_UNSET_ENV': EMULATOR_VARIABLES, 'XBUILD_EMULATE': '%d debugged' % os.getpid()}
        os.execve(program, [program, *split_words(arguments)], {**environment, **own})

    def connected(self, is_wanted):
        """The socket of its emulator; None where it has ended before there was one, or nobody wants it any more. The emulator tells
        nobody when it listens: so this looks, each millisecond, as long as the process is there."""
        while self.ended is None and is_wanted():
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.connect(self.emulator)
                return connection
            except (FileNotFoundError, ConnectionRefusedError):
                connection.close()
            self.note(*os.waitpid(self.pid, os.WNOHANG))
            time.sleep(0.001)
        return None

    def forget_directory(self):
        for path, remove in ((self.emulator, os.unlink), (self.directory, os.rmdir)):
            try:
                remove(path)
            except FileNotFoundError:
                pass

    def note(self, pid, status):
        """What os.waitpid says of any that has ended."""
        if pid == self.pid:
            self.ended = status

    def interrupt(self):
        if self.ended is None:
            os.kill(self.pid, signal.SIGINT)

    def kill(self):
        if self.ended is None:
            os.kill(self.pid, signal.SIGKILL)
        self.forget_directory()
        return self.wait()

    def wait(self):
        """Of one that ends. Its threads have to be heard as well: it has not ended before that."""
        while self.ended is None:
            found, status = os.waitpid(-1, EVERY_THREAD)
            if os.WIFSTOPPED(status):
                ptrace(PTRACE_CONT, found, 0 if status >> 16 else os.WSTOPSIG(status))
            else:
                self.note(found, status)
        return self.ended
