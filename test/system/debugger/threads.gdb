set confirm off
set $seen = 0
break hit
commands
silent
set $seen = $seen + 1
continue
end
run
printf "%d seen\n", $seen
