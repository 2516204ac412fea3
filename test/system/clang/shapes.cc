#include "shapes.h"

#include <iostream>
#include <stdexcept>

extern "C" long print(void) __attribute__((weak));

namespace {
struct Square : Shape {
    explicit Square(double side) : side(side) {}
    double area() const override { return side * side; }
    std::string name() const override { return "square"; }
    double side;
};

struct Disc : Shape {
    explicit Disc(double radius) : radius(radius) {}
    double area() const override { return 3.25 * radius * radius; }
    std::string name() const override { return "disc"; }
    double radius;
};
} // namespace

int main() {
    std::vector<std::unique_ptr<Shape>> shapes;
    for (int i = 1; i < 5; i++) {
        shapes.push_back(std::make_unique<Square>(i));
        shapes.push_back(std::make_unique<Disc>(i));
    }
    std::sort(shapes.begin(), shapes.end(), [](const auto &a, const auto &b) { return a->area() > b->area(); });
    std::map<std::string, double> sums;
    for (const auto &shape : shapes) sums[shape->name()] += shape->area();
    for (const auto &[name, sum] : sums) std::cout << name << ' ' << sum << '\n';
    try {
        if (sums.size() == 2) throw std::runtime_error("two");
    } catch (const std::exception &error) {
        std::cout << error.what() << '\n';
    }
    if (print) print();
}
