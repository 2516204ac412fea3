# What python says of itself, of the machine and of its modules, however it is started.
cat >asks.py <<'EOF'
import importlib.machinery, importlib.util, json, os, platform, sqlite3, ssl, sys, sysconfig, yaml
print(platform.machine(), platform.platform(), platform.architecture(), platform.processor(), platform.libc_ver(), os.uname())
print(sysconfig.get_platform(), sysconfig.get_paths(), sorted(sysconfig.get_config_vars().items()))
print(sys.version, sys.executable, sys.implementation, sys.path, sys.maxsize, sys.byteorder, sys.argv, sys.orig_argv, sys.flags)
print(importlib.machinery.EXTENSION_SUFFIXES, json.encoder.c_make_encoder, ssl.OPENSSL_VERSION, sqlite3.sqlite_version)
print(yaml.__with_libyaml__, yaml._yaml.__file__, importlib.util.find_spec('_ssl').origin, sys.modules['_json'].__spec__.origin)
print(sorted(sys.modules), sorted(globals()))
EOF
python3 asks.py
python3 -c 'import sys; print(sys.argv, sys.path, __name__, dir())' a 'b c'
python3 -I -S -c 'import os, sys; print(sys.path, os.uname().machine, sys.flags, sorted(sys.modules))'
python3 -E -m json.tool <<'EOF'
{"a": [1, 2.5]}
EOF
python3 -c 'import ctypes; print(ctypes.sizeof(ctypes.c_longdouble), ctypes.CDLL(None).getpid() > 0)'
python3 -c 'import math, cmath; print(math.sin(1e10), math.exp(0.7), cmath.exp(1j))'
python3 -c 'import errno, signal, socket; print(errno.errorcode, signal.SIGUSR1, socket.SOCK_STREAM)'
python3 - a <<'EOF'
import platform, sys; print(platform.machine(), sys.argv)
EOF
python3 -m venv --without-pip v && v/bin/python -c 'import sys; print(sys.prefix, sys.base_prefix, sys.executable, sys.path)'
mkdir -p pack
echo 'print(__file__, __package__, __name__)' >pack/__main__.py
python3 -m pack
python3 pack
printf 'import os\nimport ctypes\n' >late.py
for _ in 1 2; do python3 -c 'import late, os; print(late.__cached__, os.listdir("__pycache__"))'; done
printf '#!/usr/bin/python3 -s\nimport sys\nprint(sys.stdin.read(), sys.argv, sys.flags)\n' >'a script'
chmod +x 'a script'
echo hello | ./'a script' 'x  y' ''
python3 -W error -X dev -B 'a script' </dev/null
python3 -c 'import os; os.kill(os.getpid(), 15)'
echo $?
python3 -c 'raise SystemExit(3)'
echo $?
python3 -c 'import nothing'
echo $?
python3 -VV
