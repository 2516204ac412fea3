// An exception that a shared library throws, in a thread of the program's own.
#include <exception>
#include <future>
#include <iostream>
#include <string>

[[noreturn]] void fail(const std::string &what);

int main() {
    auto result = std::async(std::launch::async, [] { fail("thrown by a library"); });
    try {
        result.get();
    } catch (const std::exception &error) {
        std::cout << "caught: " << error.what() << std::endl;
        return 0;
    }
    return 1;
}
