

# Cores that the emulator has written. They lack the program's code, and the note that says which file that is (linux-user,
# elf_core_dump): so gdb finds nothing at the addresses at which a position-independent program was loaded.

ET_DYN = 3


def entry_of(path):
    """Where a position-independent program begins, from its start; None for another."""
    with open(path, 'rb') as file:
        head = file.read(64)
    order = '>' if head[5] == 2 else '<'
    (kind,) = struct.unpack_from(order + 'H', head, 16)
    (entry,) = struct.unpack_from(order + ('Q' if head[4] == 2 else 'I'), head, 24)
    return entry if head[:4] == b'\x7fELF' and kind == ET_DYN else None


def place_program_of_core():
    path = gdb.current_progspace().filename
    found = re.search(r'AT_ENTRY .*(0x[0-9a-f]+)', gdb.execute('info auxv', to_string=True))
    entry = entry_of(path) if path else None
    if found and entry is not None:
        gdb.execute('with confirm off -- symbol-file -o %#x %s' % (int(found[1], 16) - entry, path), to_string=True)
