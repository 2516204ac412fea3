package sample;

import java.util.function.DoubleUnaryOperator;

/** A figure in the plane. */
public sealed interface Shape permits Shape.Circle, Shape.Square {
  /** How large a circle of radius one is. */
  double UNIT = Math.PI;

  /**
   * Its size.
   *
   * @return square metres
   */
  double area();

  /** All points within a distance of one. */
  record Circle(double radius) implements Shape {
    @Override
    public double area() {
      return UNIT * radius * radius;
    }
  }

  /** As wide as it is high. */
  record Square(double side) implements Shape {
    @Override
    public double area() {
      DoubleUnaryOperator square = x -> x * x;
      return square.applyAsDouble(side);
    }
  }
}
