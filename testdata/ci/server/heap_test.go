package server

import (
	"flag"
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
	dir := heapDir(t)
	srv := New()     // yours: what is tested
	serve(srv, 1000) // enough to fill its caches
	writeHeap(t, filepath.Join(dir, "base.pb.gz"))
	serve(srv, 20000)
	writeHeap(t, filepath.Join(dir, "current.pb.gz"))
	runtime.KeepAlive(srv) // what only srv holds is alive until here
}

// serve is yours: it does what the program does, for n users.
func serve(srv *Server, n int) {
	for i := range n {
		for _, path := range []string{"/login", "/logout"} {
			r := httptest.NewRequest("GET", fmt.Sprintf("%s?user=u%d", path, i), nil)
			srv.ServeHTTP(httptest.NewRecorder(), r)
		}
	}
}

// heapDir returns the folder for the profiles, HEAP_DIR or, since Go 1.26, that of go test -artifacts. It skips the test
// if there is neither, and fails it if profiles would show nothing.
func heapDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("HEAP_DIR")
	if f := flag.Lookup("test.artifacts"); dir == "" && f != nil && f.Value.String() == "true" {
		dir = any(t).(interface{ ArtifactDir() string }).ArtifactDir()
	}
	if dir == "" {
		t.Skip("set HEAP_DIR to the folder for heap profiles, or use go test -artifacts")
	}
	switch rate := runtime.MemProfileRate; {
	case rate <= 0:
		t.Fatal("heap profiling is off (MemProfileRate is 0): run with GODEBUG=memprofilerate=4096")
	case rate > 4096:
		t.Fatalf("a sample every %d bytes is too coarse: run with GODEBUG=memprofilerate=4096", rate)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// writeHeap writes a profile of what is alive.
func writeHeap(t *testing.T, name string) {
	t.Helper()
	file, err := os.Create(name)
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
