// A service that keeps a session for each request, or, if told so, blocks a goroutine for each.
package main

import (
	"expvar"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
	"strconv"
)

type session struct {
	id   int
	data []byte
}

var sessions = map[int]*session{}
var garbage []byte

func main() {
	expvar.Publish("goroutines", expvar.Func(func() any { return runtime.NumGoroutine() }))
	never := make(chan int)
	http.HandleFunc("/load", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("n"))
		for i := 0; i < n; i++ {
			garbage = make([]byte, 4096)
			switch r.FormValue("kind") {
			case "keep":
				sessions[len(sessions)] = &session{i, make([]byte, 512)}
			case "block":
				go func() { never <- i }()
			}
		}
		fmt.Fprintln(w, len(sessions))
	})
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}
