import platform
import unittest

import foo


class Foo(unittest.TestCase):
    def test_add(self):
        self.assertEqual(foo.add(2, 3), 5)
        self.assertEqual(platform.machine(), 'mips64')
