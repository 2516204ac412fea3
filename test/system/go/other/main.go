// Needs nothing of anybody.
package main

func main() { println("other") }
