package Foo;
our $VERSION = '1.0';
require XSLoader;
XSLoader::load('Foo', $VERSION);
1;
