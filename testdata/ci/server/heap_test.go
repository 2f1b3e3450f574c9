package server

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"testing"
)

// TestHeap leaves two profiles of this process for heapdiff: after the warm-up, and after the load.
func TestHeap(t *testing.T) {
	srv := New()
	serve(srv, 1000)
	writeHeap(t, "base.pb.gz")
	serve(srv, 20000)
	writeHeap(t, "current.pb.gz")
	runtime.KeepAlive(srv) // what only srv holds is alive until here
}

func serve(srv *Server, users int) {
	for i := range users {
		for _, path := range []string{"/login", "/logout"} {
			r := httptest.NewRequest("GET", fmt.Sprintf("%s?user=u%d", path, i), nil)
			srv.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
}

// writeHeap writes a profile of what is alive to the folder HEAP_DIR.
func writeHeap(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("HEAP_DIR")
	if dir == "" {
		t.Skip("HEAP_DIR names the folder for the profiles")
	}
	if rate := runtime.MemProfileRate; rate == 0 || rate > 4096 {
		t.Fatalf("a sample every %d bytes is too coarse: run with GODEBUG=memprofilerate=4096", rate)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC() // a heap profile is as old as the last collection,
	runtime.GC() // and what finalizers free takes a second one
	if err := pprof.Lookup("heap").WriteTo(file, 0); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}
