print "1..1\n";
require Foo;
print Foo::add(1, 2) == 3 ? "ok 1\n" : "not ok 1\n";
