import dbm.gnu, sys
keys = [('ключ é %d' % i).encode() for i in range(40)]
with dbm.gnu.open(sys.argv[2], 'n' if sys.argv[1] == 'write' else 'r') as database:
    if sys.argv[1] == 'write':
        for key in keys:
            database[key] = b'value'
    print(sum(key in database for key in keys))
