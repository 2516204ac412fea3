#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

int main() {
    std::map<std::string, int> numbers{{"one", 1}};
    try {
        numbers.at("two");
    } catch (const std::out_of_range &error) {
        std::cout << "caught " << error.what() << std::endl;
    }
}
