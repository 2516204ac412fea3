# What a host-native gdb begins with, so that it debugs the target's programs. Nobody can trace what runs under the emulator: the
# emulator itself says what the program does, to whoever speaks gdb's remote protocol with it. So gdb is given a server
# (server.py), which starts programs under the emulator, hands gdb's requests to it, and answers what the emulator does not know.
# https://sourceware.org/gdb/current/onlinedocs/gdb.html/Remote-Protocol.html

# Filled in by lib/twins/kinds/gdb.ts:
#   target     the triple
#   libraries  where the twins' libraries are
KNOWN = {}

import fcntl
import json
import os
import re
import select
import signal
import socket
import struct
import sys
import time
