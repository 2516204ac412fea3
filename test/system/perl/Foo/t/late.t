# What it printed by then must not be printed again.
BEGIN { $| = 1; print "1..1\n" }
use lib 'blib/lib', 'blib/arch';
use Foo;
print Foo::add(1, 2) == 3 ? "ok 1\n" : "not ok 1\n";
