// Prints what it was built for, with all of Go's own packages that need C, and a package in C.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"

	"example.org/m/sub"
)

func main() {
	text, err := json.Marshal(map[string]any{"arch": runtime.GOARCH, "sum": sub.Sum(3, 4), "status": http.StatusOK})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}
