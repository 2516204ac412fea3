# What a host-native python does before it looks for modules, so that it is the target's own python: shims/python/hook.c
# runs this. It finds compiled modules under the target's names, loads those of the twin set in their place, and says of the
# machine what the target's python says. Where it cannot, it becomes the target's python, emulated, before the program has
# done anything.

# Filled in by lib/twins/python.ts:
#   host, target  the triples
#   errors        'same' where errno(3) and signal(7) have the host's numbers
#   char          'same' where a plain char has a sign, as on the host
#   machine       what uname(2) says under the emulator
#   libraries     where the twins' libraries are
#   modules       compiled modules that have a twin
#   untwinned     compiled modules of the distribution that have none
#   own           'there', or 'none' where the root has no python for the target's CPU yet: this one has to do
#   status        the time of dpkg's status file when these were found, in ms since 1970
KNOWN = {}

import _frozen_importlib_external as external
import _imp
import posix
import sys

VERSION = 'python%d.%d' % sys.version_info[:2]
OPTIONS_WITH_ARGUMENT = ('-W', '-X', '--check-hash-based-pycs')
# Programs that load what was built, after they have said something.
LOADERS = ('coverage', 'doctest', 'nose', 'nose2', 'nosetests', 'py.test', 'pytest', 'test', 'tox', 'trial', 'unittest')
# What maintainers' scripts run while packages come: it imports of the standard library alone, before it does anything, and
# only compiles or removes (Debian's Python Policy, 3.11). The files that it is given are not run.
PACKAGING = {
    '-c': ('import imp; print(imp.get_magic())', 'import imp; print(imp.get_tag())'),
    '-m': ('py_compile',),
}
PACKAGING_SCRIPTS = ('/usr/bin/py3clean', '/usr/bin/py3compile', '/usr/lib/%s/py_compile.py' % VERSION)
# Programs that import nothing of what they work on, whatever lies in the current directory.
APART = ('dh_python3', 'gdbus-codegen', 'glib-genmarshal', 'glib-mkenums', 'meson', 'py3versions', 'pybuild')
# What opens a library of the target's by its path, and does not say so: Debian's python3-cffi-backend. Of ctypes, audit events tell.
OPENERS = ('_cffi_backend',)
# Modules whose databases' sums go by the sign of a plain char, gdbm's hash.c, and by what programs reach them.
SIGN_OF_CHAR = ('_gdbm',)
DATABASES = ('dbm', 'shelve')
# Modules whose results may differ in the last digit: https://sourceware.org/glibc/manual/latest/html_node/Errors-in-Math-Functions.html
MATHEMATICS = ('cmath', 'math', 'numpy', 'random', 'statistics')
# Modules of numbers that are the kernel's.
NUMBERS = ('errno', 'fcntl', 'resource', 'signal', 'socket', 'termios')
# By what a program builds compiled modules, or looks for those that it has built: importlib.machinery, sysconfig, imp, and
# setuptools' Extension and Cython's cythonize. https://setuptools.pypa.io/en/latest/userguide/ext_modules.html
BUILDING = (
    'EXTENSION_SUFFIXES', 'EXT_SUFFIX', 'Extension', 'ExtensionFileLoader', 'SHLIB_SUFFIX', 'build_ext', 'cythonize', 'ext_modules',
    'load_dynamic', 'pyximport',
)
# What cannot be done twice: https://docs.python.org/3/library/audit_events.html
DEEDS = frozenset((
    'fcntl.flock', 'fcntl.lockf', 'os.chflags', 'os.chmod', 'os.chown', 'os.exec', 'os.fork', 'os.forkpty', 'os.kill', 'os.link',
    'os.mkdir', 'os.posix_spawn', 'os.remove', 'os.removexattr', 'os.rename', 'os.rmdir', 'os.setxattr', 'os.spawn', 'os.symlink',
    'os.system', 'os.truncate', 'os.utime', 'pty.spawn', 'shutil.copyfile', 'shutil.move', 'shutil.rmtree', 'socket.bind',
    'socket.connect', 'socket.sendmsg', 'socket.sendto', 'subprocess.Popen',
))
# A directory with more files is not searched: that would take longer than the program.
MAX_ENTRIES = 20000
MAX_DEPTH = 4

deeds = []
compiled = [0]


def bytes_written():
    # man 5 proc_pid_io, wchar
    with open('/proc/self/io', 'rb') as file:
        return int(next(line for line in file if line.startswith(b'wchar:')).split()[1])


def read_command():
    with open('/proc/self/cmdline', 'rb') as file:
        return file.read().split(b'\0')[:-1]


def emulate(why):
    """Becomes the target's python; what was done by then would be done twice."""
    if KNOWN['own'] == 'none':
        return
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    if deeds or bytes_written() - compiled[0] != begun:
        message = 'xbuild-env: python has begun as a host-native program, and needs the target\'s own: %s\n  run this with --mode emulated\n'
        posix.write(2, (message % why).encode('utf-8', 'surrogateescape'))
        posix._exit(126)
    variables = dict(posix.environ)
    variables[b'XBUILD_EMULATE'] = ('%d %s' % (posix.getpid(), why)).encode('utf-8', 'surrogateescape')
    posix.execve(posix.readlink('/proc/self/exe'), read_command(), variables)


def is_deed(event, arguments):
    if event == 'open':    # by its name; a number is of a file that is open already
        path, _, flags = arguments
        return not isinstance(path, int) and isinstance(flags, int) and flags & (posix.O_WRONLY | posix.O_RDWR | posix.O_CREAT)
    return event in DEEDS


def check_ctypes(event, arguments):
    """ctypes itself is loaded for little: its types are as large for these targets. Libraries, and what is not python's, are the target's."""
    if event == 'ctypes.dlopen' and arguments[0] is not None:
        emulate('it opens %s' % (arguments[0],))
    if event in ('ctypes.dlsym', 'ctypes.dlsym/handle') and not str(arguments[1]).startswith(('Py', '_Py')):
        emulate('it looks for %s' % (arguments[1],))


def note_deed(event, arguments):
    if event.startswith('ctypes.'):
        check_ctypes(event, arguments)
    # What python compiles, it may compile twice.
    if is_deed(event, arguments) and not any('__pycache__' in str(argument) for argument in arguments):
        deeds.append(event)


def suffixes():
    return [suffix.replace(KNOWN['host'], KNOWN['target']) for suffix in host_suffixes()]


def is_module(name):
    """Whether a file may be a compiled module: libraries are called lib..., and no module is."""
    return name.endswith('.so') and not name.startswith('lib')


def search(directory, depth, left):
    """A compiled module below a directory, or a directory with too many files to see, or None. `left`: how many may be looked at."""
    try:
        entries = list(posix.scandir(directory))
    except OSError:
        return None
    left[0] -= len(entries)
    if left[0] < 0:
        return directory
    for entry in entries:
        if is_module(entry.name):
            return directory + '/' + entry.name
    if depth > 0:
        for entry in entries:
            if entry.name not in ('.git', '__pycache__') and entry.is_dir(follow_symlinks=False):
                found = search(directory + '/' + entry.name, depth - 1, left)
                if found is not None:
                    return found
    return None


def directory_of(path):
    return path.rpartition('/')[0] or ('/' if path.startswith('/') else '.')


def words():
    """The program's words: its options left out."""
    rest = list(sys.orig_argv[1:])
    while rest and rest[0].startswith('-') and rest[0] not in ('-', '--', '-c', '-m'):
        option = rest.pop(0)
        if option in OPTIONS_WITH_ARGUMENT and rest:
            rest.pop(0)
        elif not option.startswith('--') and option[-1] in 'cm':
            break
    return [word for word in rest if word not in ('-c', '-m', '--')]


def is_loader(word):
    name = word.rpartition('/')[2]
    return name.partition('-')[0] in LOADERS or name.startswith('-m') and name[2:] in LOADERS


def check_program():
    # The hook was set before python chose how it looks after its memory.
    if sys.flags.dev_mode or b'PYTHONMALLOC' in posix.environ:
        emulate('python checks its memory')
    if not sys.argv or sys.argv[0] in ('', '-'):
        emulate('the script comes from standard input')
    program = words()[:1]
    if any(is_loader(word) for word in program + [word for word in sys.orig_argv if word.startswith('-m')]):
        emulate('%s loads what was built' % program[0])


def doubtful():
    """The modules that no program may name of which more is not known: the distribution's are taken not to tell their results."""
    return (
        ('ctypes', 'cffi') + MATHEMATICS + (() if KNOWN['errors'] == 'same' else NUMBERS)
        + (() if KNOWN['char'] == 'same' else DATABASES)
    )


def is_unfit(path):
    """Whether a compiled module does not do natively what it does on the target, though it has a twin."""
    name = path.rpartition('/')[2].partition('.')[0]
    return name in OPENERS or KNOWN['char'] != 'same' and name in SIGN_OF_CHAR


def check_names():
    texts = read_command()[1:]
    if sys.argv[0] not in ('-c', '-m') and not is_distributions(sys.argv[0]):
        try:
            with open(sys.argv[0], 'rb') as file:
                texts.append(file.read())
        except OSError:
            pass    # a directory, or python will say so
    for name in doubtful() + BUILDING:
        if any(name.encode() in text for text in texts):
            emulate('it names %s' % name)


def parts_of(code):
    """A program and its functions."""
    yield code
    for value in code.co_consts:
        if isinstance(value, type(code)):
            yield from parts_of(value)


def names_of(code):
    return {name for part in parts_of(code) for name in part.co_names}


def texts_of(code):
    """Texts, those of keyword arguments among them, of which the names are a tuple."""
    values = [value for part in parts_of(code) for value in part.co_consts]
    return {text for value in values for text in (value if isinstance(value, tuple) else (value,)) if isinstance(text, str)}


def get_code(loader, name):
    code = host_get_code(loader, name)
    if code is not None and not is_distributions(loader.path):
        names = names_of(code)
        for name in names.intersection(doubtful()) | (names | texts_of(code)).intersection(BUILDING):
            emulate('%s names %s' % (loader.path, name))
    return code


def is_packaging():
    return sys.argv[0] in PACKAGING_SCRIPTS or bool(words()) and words()[0] in PACKAGING.get(sys.argv[0], ())


def dpkg_works():
    # It notes here what it has done, until it has ended: lib/dpkg/dbmodify.c
    try:
        return bool(posix.listdir('/var/lib/dpkg/updates'))
    except OSError:
        return False


def check_packages():
    if KNOWN['untwinned']:
        emulate('%s has no twin' % KNOWN['untwinned'][0])
    # Where packages come or go, there may be others.
    if dpkg_works():
        emulate('packages are changing')
    if posix.stat('/var/lib/dpkg/status').st_mtime_ns // 1000000 != KNOWN['status']:
        emulate('packages have changed')


def check_directories():
    """Where else modules are looked for, there may be some compiled for the target."""
    home = posix.environ.get(b'HOME', b'').decode('utf-8', 'surrogateescape')
    installed = ['/usr/local/lib/%s/dist-packages' % VERSION, '%s/.local/lib/%s/site-packages' % (home, VERSION)]
    installed.append('%s/../lib/%s/site-packages' % (directory_of(sys.executable), VERSION))
    named = [path for path in sys.path if path != '' and not path.startswith('/usr/lib/python3')]
    script = [] if sys.argv[0] in ('-c', '-m') or is_distributions(sys.argv[0]) else [directory_of(sys.argv[0])]
    here = [] if is_apart(sys.argv[0]) else ['.']
    for directory in dict.fromkeys(installed + named + script + here):    # each once
        found = search(directory, MAX_DEPTH, [MAX_ENTRIES])
        if found is not None:
            emulate('%s may be, or hold, a compiled module' % found)


def is_apart(path):
    return path.startswith('/usr/bin/') and path.rpartition('/')[2] in APART


def is_distributions(path):
    return path.startswith(('/usr/bin/', '/usr/sbin/', '/usr/share/', '/usr/lib/', '/bin/', '/sbin/'))


def twin_of(path):
    twin = KNOWN['libraries'] + path[len('/usr/lib'):].replace(KNOWN['target'], KNOWN['host'])
    # Where no other python can take over, a module of the distribution is its twin before it is known.
    if KNOWN['own'] == 'none':
        return twin if path.startswith('/usr/lib/python3') else path
    if path in KNOWN['modules'] and not is_unfit(path):
        return twin
    return emulate('%s has no twin' % path)


def create_dynamic(spec, *rest):
    path = spec.origin
    spec.origin = twin_of(path)
    try:
        module = load(spec, *rest)
    finally:
        spec.origin = path
    if getattr(module, '__file__', None) is not None:
        module.__file__ = path
    return module


def write_compiled(path, data, *rest):
    before = bytes_written()
    try:
        write(path, data, *rest)
    finally:
        compiled[0] += bytes_written() - before


def uname():
    names = list(host_uname())
    names[4] = KNOWN['machine']
    return posix.uname_result(names)


def find_under_target_names():
    """importlib made its finders when python began, with the host's suffixes."""
    external.EXTENSION_SUFFIXES[:] = suffixes()
    finder = external.FileFinder.path_hook(*external._get_supported_file_loaders())
    sys.path_hooks[:] = [finder if hook.__name__ == 'path_hook_for_FileFinder' else hook for hook in sys.path_hooks]
    sys.path_importer_cache.clear()


begun = bytes_written()
host_get_code = external.SourceLoader.get_code
host_suffixes, load, write, host_uname = _imp.extension_suffixes, _imp.create_dynamic, external._write_atomic, posix.uname
check_program()
if KNOWN['own'] != 'none' and not is_packaging():
    check_names()
    check_packages()
    check_directories()
_imp.extension_suffixes, _imp.create_dynamic, external._write_atomic, posix.uname = suffixes, create_dynamic, write_compiled, uname
if 'os' in sys.modules:
    sys.modules['os'].uname = uname
external.SourceLoader.get_code = get_code
sys.implementation._multiarch = KNOWN['target']
find_under_target_names()
sys.addaudithook(note_deed)
