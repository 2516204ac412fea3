#include <stdexcept>
#include <string>

[[noreturn]] void fail(const std::string &what) { throw std::runtime_error(what); }
