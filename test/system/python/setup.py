from setuptools import Extension, setup

setup(name='foo', version='1', ext_modules=[Extension('foo', ['foo.c'])])
