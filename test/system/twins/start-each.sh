# Starts each program of the list on standard input, in a session of its own and a directory of its own, with nothing to
# read: `--version`, `--help` and nothing. One file for each start below the directory $1, of what it printed and how it ended.
out=$1
mkdir -p "$out" /tmp/start
list=$(cat)
export LC_ALL=C.UTF-8 HOME=/tmp/start PAGER=cat COLUMNS=80
number=0
for program in $list; do
	number=$((number + 1))
	for argument in --version --help ''; do
		rm -rf /tmp/start && mkdir /tmp/start && cd /tmp/start
		# 64 kB are enough of what never ends; $argument is no word where it is empty.
		(
			setsid --wait timeout 60 "$program" $argument </dev/null
			echo "ended with $?"
		) 2>&1 | head -c 65536 >"$out/$number${argument:---nothing}"
	done
done
