// Command keeper serves its profiles, and keeps more objects each time its heap is asked for. Written for the tests
// of heapdiff capture, which build and run it.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"runtime"
	"sync"
)

var (
	kept = make([][]byte, 0, 1<<20)
	pool sync.Pool
)

func keep(objects int) {
	for range objects {
		kept = append(kept, make([]byte, 1000))
	}
}

// drop leaves objects where one collection does not free them, but two do.
func drop(objects int) {
	for range objects {
		pool.Put(make([]byte, 2000))
	}
}

func main() {
	runtime.MemProfileRate = 1
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	asked := 0
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("gc") == "1" {
			keep(100)
			// The first of two requests for the profile itself, and not for its text.
			if r.URL.Query().Get("debug") == "" {
				if asked%2 == 0 {
					drop(100)
				}
				asked++
			}
		}
		http.DefaultServeMux.ServeHTTP(w, r)
	}))
	fmt.Println(listener.Addr())
	io.Copy(io.Discard, os.Stdin)
}
