set confirm off
set pagination off
set width 0
echo 1\n
set args "a b" '*.c' <input
set environment COLOUR=blue
show args
echo 2\n
break add
info breakpoints
echo 3\n
run
echo 4\n
backtrace
echo 5\n
info args
next
info locals
echo 6\n
print a * b
echo 7\n
up
print p
echo 8\n
ptype p
whatis &p
echo 9\n
down
finish
echo 10\n
next
echo 11\n
print sum
set variable sum = 20
print sum
echo 12\n
watch total
continue
echo 13\n
print total
delete
echo 14\n
tbreak work
continue
echo 15\n
thread
echo 16\n
step
print *number
step
print *number
echo 17\n
handle SIGUSR1 stop print pass
continue
echo 18\n
tbreak on_signal
continue
backtrace 1
echo 19\n
info signals SIGUSR1
finish
echo 20\n
continue
echo 21\n
print $_exitcode
info inferiors
echo 22\n
handle SIGUSR1 nostop noprint
run crash >output
echo 23\n
backtrace
print argv[1]
echo 24\n
x/s p.name
print line
echo 25\n
continue
info threads
echo 26\n
run interrupt >output
continue
echo 27\n
run terminate >output
continue
echo 28\n
starti
kill
